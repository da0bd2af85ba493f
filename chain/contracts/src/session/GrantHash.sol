// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SessionGrant, TokenCap} from "../ISessionWallet.sol";

/// @title GrantHash
/// @notice EIP-712 struct hash of a grant: what the event records and a signature covers.
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
    function method(address target, string calldata contractName, bytes32 signatureHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(METHOD_TYPE, target, keccak256(bytes(contractName)), signatureHash)
        );
    }

    /// @dev Struct hash of one token cap.
    function token(TokenCap calldata cap) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                TOKEN_TYPE,
                cap.token,
                keccak256(bytes(cap.symbol)),
                cap.decimals,
                cap.perTx,
                cap.total,
                keccak256(bytes(cap.totalText))
            )
        );
    }

    /// @dev Struct hash of a grant whose methods and tokens are already hashed.
    function grant(SessionGrant calldata g, bytes32 methodsHash, bytes32 tokensHash)
        internal
        pure
        returns (bytes32)
    {
        // In two halves: one `abi.encode` of sixteen words is more than the stack takes.
        bytes memory head = abi.encode(
            GRANT_TYPE,
            g.account,
            g.sessionKey,
            keccak256(bytes(g.app)),
            methodsHash,
            tokensHash,
            g.nativePerTx,
            g.nativeTotal
        );
        bytes memory tail = abi.encode(
            g.txLimit,
            g.txPeriodSeconds,
            g.maxActionsPerTx,
            g.validAfter,
            g.validUntil,
            keccak256(bytes(g.validUntilUtc)),
            g.grantNonce,
            g.grantBefore
        );
        return keccak256(bytes.concat(head, tail));
    }
}
