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

    /// @dev What is signed for the struct hash of a message. What is written lies beyond what is
    /// allocated and is not kept.
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

    /// @dev What is signed for the batch that starts at `cursor` and ends with the calldata: its
    /// struct hash, and `digest` of it, in one. By hand: `abi.encode` writes and checks lengths that
    /// nobody reads.
    function batchDigest(
        uint256 key,
        uint256 sequence,
        uint256 deadline,
        uint256 cursor,
        address implementation
    ) internal view returns (bytes32 hash) {
        bytes32 kind = BATCH_TYPE;
        (bytes32 domainKind, bytes32 name, bytes32 version) = (DOMAIN_TYPE, NAME_HASH, VERSION_HASH);
        assembly ("memory-safe") {
            let data := mload(0x40)
            let at20 := add(data, 0x20)
            let at40 := add(data, 0x40)
            let at60 := add(data, 0x60)
            let at80 := add(data, 0x80)
            let length := sub(calldatasize(), cursor)
            calldatacopy(data, cursor, length)
            let batchHash := keccak256(data, length)
            mstore(data, kind)
            mstore(at20, address())
            mstore(at40, key)
            mstore(at60, sequence)
            mstore(at80, deadline)
            mstore(add(data, 0xa0), batchHash)
            let structHash := keccak256(data, 0xc0)
            mstore(data, domainKind)
            mstore(at20, name)
            mstore(at40, version)
            mstore(at60, chainid())
            mstore(at80, implementation)
            mstore(at20, keccak256(data, 0xa0))
            mstore(data, 0x1901)
            mstore(at40, structHash)
            hash := keccak256(add(data, 0x1e), 0x42)
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
