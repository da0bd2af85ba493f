// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Method, SessionGrant, TokenCap} from "../ISessionWallet.sol";

/// @title GrantHash
/// @notice EIP-712 struct hash of a grant: what the event records and a signature covers.
/// @dev EIP-712 encodes a struct as the ABI does in its head, a word for each field in order, but
/// with a hash where the ABI has an offset. So the head is copied from the calldata and the hashes
/// are written over the offsets. Words that are wider than their field never get here: the grant
/// reads every field, and the compiler's decoder refuses those. Memory is used beyond the free
/// pointer and not kept.
library GrantHash {
    bytes32 private constant METHOD_TYPE =
        keccak256("Method(address target,string contractName,string signature)");
    bytes32 private constant GRANT_TYPE = keccak256(
        "SessionGrant(address account,address sessionKey,string app,Method[] methods,"
        "TokenCap[] tokens,uint256 nativePerTx,uint256 nativeTotal,uint16 txLimit,"
        "uint24 txPeriodSeconds,uint8 maxActionsPerTx,uint40 validAfter,uint40 validUntil,"
        "string validUntilUtc,uint64 grantNonce,uint40 grantBefore)"
        "Method(address target,string contractName,string signature)"
        "TokenCap(address token,string symbol,uint8 decimals,uint256 perTx,uint256 total,"
        "string totalText)"
    );
    bytes32 private constant TOKEN_TYPE = keccak256(
        "TokenCap(address token,string symbol,uint8 decimals,uint256 perTx,uint256 total,"
        "string totalText)"
    );

    /// @dev Struct hash of one method, whose signature is already hashed.
    function method(Method calldata m, bytes32 signatureHash) internal pure returns (bytes32 hash) {
        (bytes32 typeHash, bytes32 nameHash) = (METHOD_TYPE, text(m.contractName));
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typeHash)
            mstore(add(data, 0x20), calldataload(m))
            mstore(add(data, 0x40), nameHash)
            mstore(add(data, 0x60), signatureHash)
            hash := keccak256(data, 0x80)
        }
    }

    /// @dev Struct hash of one token cap.
    function token(TokenCap calldata cap) internal pure returns (bytes32 hash) {
        bytes32 typeHash = TOKEN_TYPE;
        (bytes32 symbolHash, bytes32 totalHash) = (text(cap.symbol), text(cap.totalText));
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typeHash)
            calldatacopy(add(data, 0x20), cap, 0xa0)
            mstore(add(data, 0x40), symbolHash)
            mstore(add(data, 0xc0), totalHash)
            hash := keccak256(data, 0xe0)
        }
    }

    /// @dev Struct hash of a grant whose methods and tokens are already hashed.
    function grant(SessionGrant calldata g, bytes32 methodsHash, bytes32 tokensHash)
        internal
        pure
        returns (bytes32 hash)
    {
        bytes32 typeHash = GRANT_TYPE;
        (bytes32 appHash, bytes32 utcHash) = (text(g.app), text(g.validUntilUtc));
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typeHash)
            calldatacopy(add(data, 0x20), g, 0x1e0)
            mstore(add(data, 0x60), appHash)
            mstore(add(data, 0x80), methodsHash)
            mstore(add(data, 0xa0), tokensHash)
            mstore(add(data, 0x1a0), utcHash)
            hash := keccak256(data, 0x200)
        }
    }

    /// @dev Hash of a string.
    function text(string calldata characters) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            calldatacopy(data, characters.offset, characters.length)
            hash := keccak256(data, characters.length)
        }
    }

    /// @dev Hash of an array whose elements are already hashed.
    function list(bytes32[] memory hashes) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(hashes, 0x20), shl(5, mload(hashes)))
        }
    }
}
