// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ISessionWallet,
    Method,
    PackedUserOperation,
    SessionGrant,
    TokenCap
} from "../../../src/ISessionWallet.sol";
import {Cheats} from "./Cheats.sol";

/// @title Signing
/// @notice What owners and session keys sign, written from the types alone.
library Signing {
    Cheats private constant CHEATS =
        Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));

    string private constant METHOD = "Method(address target,string contractName,string signature)";
    string private constant CAP =
        "TokenCap(address token,string symbol,uint8 decimals,uint256 perTx,uint256 total,string totalText)";
    string private constant GRANT =
        "SessionGrant(address account,address sessionKey,string app,Method[] methods,TokenCap[] tokens,uint256 nativePerTx,uint256 nativeTotal,uint16 txLimit,uint24 txPeriodSeconds,uint8 maxActionsPerTx,uint40 validAfter,uint40 validUntil,string validUntilUtc,uint64 grantNonce,uint40 grantBefore)";

    /// @dev Where a message counts: which code, on which chain.
    struct Domain {
        address implementation;
        uint256 chainId;
    }

    function digest(Domain memory domain, bytes32 structHash) internal pure returns (bytes32) {
        bytes32 type_ = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 separator = keccak256(
            abi.encode(
                type_, keccak256("Latchkey"), keccak256("1"), domain.chainId, domain.implementation
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    /// @dev r, s, v.
    function signature(uint256 privateKey, bytes32 digest_) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = CHEATS.sign(privateKey, digest_);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Calldata of `relaySession`.
    function relayed(
        Domain memory domain,
        address account,
        uint256 privateKey,
        address key,
        uint40 sequence,
        uint40 deadline,
        bytes memory batch
    ) internal pure returns (bytes memory) {
        bytes32 hash = batchHash(account, key, sequence, deadline, batch);
        return abi.encodePacked(
            ISessionWallet.relaySession.selector,
            key,
            sequence,
            deadline,
            signature(privateKey, digest(domain, hash)),
            batch
        );
    }

    function batchHash(
        address account,
        address key,
        uint40 sequence,
        uint40 deadline,
        bytes memory batch
    ) internal pure returns (bytes32) {
        bytes32 type_ = keccak256(
            "SessionBatch(address account,address sessionKey,uint40 sequence,uint40 deadline,bytes batch)"
        );
        return keccak256(abi.encode(type_, account, key, sequence, deadline, keccak256(batch)));
    }

    function revocationHash(address account, address key, uint40 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 type_ =
            keccak256("SessionRevocation(address account,address sessionKey,uint40 deadline)");
        return keccak256(abi.encode(type_, account, key, deadline));
    }

    function allRevocationHash(address account, uint64 nonce, uint40 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 type_ = keccak256(
            "AllSessionsRevocation(address account,uint64 grantNonce,uint40 deadline)"
        );
        return keccak256(abi.encode(type_, account, nonce, deadline));
    }

    function grantHash(SessionGrant memory g) internal pure returns (bytes32) {
        bytes memory head = abi.encode(
            keccak256(bytes(string.concat(GRANT, METHOD, CAP))),
            g.account,
            g.sessionKey,
            keccak256(bytes(g.app)),
            _methods(g.methods),
            _tokens(g.tokens),
            g.nativePerTx,
            g.nativeTotal
        );
        bytes memory middle =
            abi.encode(g.txLimit, g.txPeriodSeconds, g.maxActionsPerTx, g.validAfter, g.validUntil);
        bytes memory tail =
            abi.encode(keccak256(bytes(g.validUntilUtc)), g.grantNonce, g.grantBefore);
        return keccak256(bytes.concat(head, middle, tail));
    }

    /// @dev A user operation with `callGas` for each half and no other cost, signed over `opHash`.
    function operation(
        address account,
        bytes memory callData,
        uint256 privateKey,
        bytes32 opHash,
        uint128 gasLimit,
        uint128 gasPrice
    ) internal pure returns (PackedUserOperation memory op) {
        op.sender = account;
        op.callData = callData;
        op.accountGasLimits = bytes32(uint256(gasLimit) << 128 | gasLimit);
        op.gasFees = bytes32(uint256(gasPrice));
        op.signature = signature(privateKey, opHash);
    }

    function _methods(Method[] memory methods) private pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 i; i < methods.length; ++i) {
            Method memory m = methods[i];
            bytes memory words = abi.encode(
                keccak256(bytes(METHOD)),
                m.target,
                keccak256(bytes(m.contractName)),
                keccak256(bytes(m.signature))
            );
            hashes = bytes.concat(hashes, keccak256(words));
        }
        return keccak256(hashes);
    }

    function _tokens(TokenCap[] memory caps) private pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 i; i < caps.length; ++i) {
            TokenCap memory c = caps[i];
            bytes memory words = abi.encode(
                keccak256(bytes(CAP)),
                c.token,
                keccak256(bytes(c.symbol)),
                c.decimals,
                c.perTx,
                c.total,
                keccak256(bytes(c.totalText))
            );
            hashes = bytes.concat(hashes, keccak256(words));
        }
        return keccak256(hashes);
    }
}
