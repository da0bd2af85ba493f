// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Messages
/// @notice EIP-712: the domain, and the messages other than the grant.
/// @dev The verifying contract is the implementation, because wallets refuse to sign for one of the
/// user's own accounts; the account is inside every message. The domain is computed each time:
/// nothing is remembered across a fork.
library Messages {
    string internal constant NAME = "Latchkey";
    string internal constant VERSION = "1";

    bytes32 private constant DOMAIN_TYPE = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant BATCH_TYPE = keccak256(
        "SessionBatch(address account,address sessionKey,uint40 sequence,uint40 deadline,bytes batch)"
    );
    bytes32 private constant REVOCATION_TYPE =
        keccak256("SessionRevocation(address account,address sessionKey,uint40 deadline)");
    bytes32 private constant ALL_REVOCATION_TYPE =
        keccak256("AllSessionsRevocation(address account,uint64 grantNonce,uint40 deadline)");
    bytes32 private constant ACCOUNT_MESSAGE_TYPE =
        keccak256("AccountMessage(address account,bytes32 hash)");
    // Of literals: the hash of a constant is computed at every use.
    bytes32 private constant NAME_HASH = keccak256("Latchkey");
    bytes32 private constant VERSION_HASH = keccak256("1");

    /// @dev What is signed for the struct hash of a message. By hand, like `batch`: both are on the
    /// way of a relayed batch, and `abi.encode` writes and checks lengths that nobody reads. What
    /// is written lies beyond what is allocated and is not kept.
    function digest(bytes32 structHash, address implementation)
        internal
        view
        returns (bytes32 hash)
    {
        (bytes32 kind, bytes32 name, bytes32 version) = (DOMAIN_TYPE, NAME_HASH, VERSION_HASH);
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, kind)
            mstore(add(data, 0x20), name)
            mstore(add(data, 0x40), version)
            mstore(add(data, 0x60), chainid())
            mstore(add(data, 0x80), implementation)
            let domain := keccak256(data, 0xa0)
            mstore(data, shl(240, 0x1901))
            mstore(add(data, 0x02), domain)
            mstore(add(data, 0x22), structHash)
            hash := keccak256(data, 0x42)
        }
    }

    /// @dev Of the batch that starts at `cursor` and ends with the calldata.
    function batch(address key, uint256 sequence, uint256 deadline, uint256 cursor)
        internal
        view
        returns (bytes32 structHash)
    {
        bytes32 kind = BATCH_TYPE;
        assembly ("memory-safe") {
            let data := mload(0x40)
            let length := sub(calldatasize(), cursor)
            calldatacopy(data, cursor, length)
            let batchHash := keccak256(data, length)
            mstore(data, kind)
            mstore(add(data, 0x20), address())
            mstore(add(data, 0x40), key)
            mstore(add(data, 0x60), sequence)
            mstore(add(data, 0x80), deadline)
            mstore(add(data, 0xa0), batchHash)
            structHash := keccak256(data, 0xc0)
        }
    }

    function revocation(address key, uint40 deadline) internal view returns (bytes32) {
        return keccak256(abi.encode(REVOCATION_TYPE, address(this), key, deadline));
    }

    function allRevocation(uint64 nonce, uint40 deadline) internal view returns (bytes32) {
        return keccak256(abi.encode(ALL_REVOCATION_TYPE, address(this), nonce, deadline));
    }

    function accountMessage(bytes32 hash) internal view returns (bytes32) {
        return keccak256(abi.encode(ACCOUNT_MESSAGE_TYPE, address(this), hash));
    }
}
