// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Signatures
/// @notice secp256k1 signatures in their one canonical form: r, s, v in 65 bytes, v 27 or 28, s in
/// the lower half.
library Signatures {
    uint256 internal constant LENGTH = 65;
    /// @dev Half of the order of secp256k1.
    uint256 private constant MAX_S =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @dev Who signed `digest`; zero if nobody did, or in any other form.
    function signer(bytes32 digest, bytes calldata signature) internal view returns (address) {
        if (signature.length != LENGTH) return address(0);
        uint256 place;
        assembly ("memory-safe") {
            place := signature.offset
        }
        return signerAt(digest, place);
    }

    /// @dev Whether `key`, which is not zero, signed `digest` with the 65 bytes at `place` in the
    /// calldata. As `signerAt`, but straight on, for the way of a relayed batch.
    function isBy(uint256 key, bytes32 digest, uint256 place) internal view returns (bool by) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, digest)
            mstore(add(data, 0x20), byte(0, calldataload(add(place, 0x40))))
            calldatacopy(add(data, 0x40), place, 0x40)
            mstore(0x00, 0)
            // The last argument comes first.
            by := and(eq(mload(0x00), key), staticcall(gas(), 1, data, 0x80, 0x00, 0x20))
            by := and(by, iszero(gt(calldataload(add(place, 0x20)), MAX_S)))
        }
    }

    /// @dev The same, of the 65 bytes at `place` in the calldata.
    function signerAt(bytes32 digest, uint256 place) internal view returns (address who) {
        assembly ("memory-safe") {
            if iszero(gt(calldataload(add(place, 0x20)), MAX_S)) {
                let data := mload(0x40)
                mstore(data, digest)
                // The precompile takes 27 and 28 and nothing else.
                mstore(add(data, 0x20), byte(0, calldataload(add(place, 0x40))))
                // r and s.
                calldatacopy(add(data, 0x40), place, 0x40)
                // Without a signer the precompile returns nothing, and zero stays.
                mstore(0x00, 0)
                pop(staticcall(gas(), 1, data, 0x80, 0x00, 0x20))
                who := mload(0x00)
            }
        }
    }
}
