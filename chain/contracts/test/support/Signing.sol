// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method, SessionGrant, TokenCap} from "../../src/ISessionWallet.sol";
import {SessionWalletFactory} from "../../src/SessionWalletFactory.sol";
import {Fixture} from "./Fixture.sol";

/// @dev EIP-712 written out again from the types, and accounts of both forms.
abstract contract Signing is Fixture {
    uint256 internal constant SESSION_KEY = 0x5E5510;

    SessionWalletFactory internal factory = SessionWalletFactory(implementation.factory());

    /// @dev Goes on with the clone of whoever holds `OWNER_KEY`.
    function useClone() internal {
        account = factory.create(vm.addr(OWNER_KEY));
        wallet = ISessionWallet(account);
        vm.deal(account, 100 ether);
    }

    /// @dev The same, owned by a contract.
    function useCloneOf(address owner) internal {
        account = factory.create(owner);
        wallet = ISessionWallet(account);
        vm.deal(account, 100 ether);
    }

    function signed(uint256 privateKey, bytes32 structHash) internal view returns (bytes memory) {
        return rawSigned(privateKey, digest(structHash));
    }

    function rawSigned(uint256 privateKey, bytes32 hash) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, hash);
        return abi.encodePacked(r, s, v);
    }

    function digest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Latchkey"),
                keccak256("1"),
                block.chainid,
                address(implementation)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function revocation(address who, uint40 deadline) internal view returns (bytes32) {
        bytes32 kind =
            keccak256("SessionRevocation(address account,address sessionKey,uint40 deadline)");
        return keccak256(abi.encode(kind, account, who, deadline));
    }

    function allRevocation(uint64 nonce, uint40 deadline) internal view returns (bytes32) {
        bytes32 kind =
            keccak256("AllSessionsRevocation(address account,uint64 grantNonce,uint40 deadline)");
        return keccak256(abi.encode(kind, account, nonce, deadline));
    }

    /// @dev Calldata of `relaySession`, signed by `privateKey`.
    function relayed(uint256 privateKey, uint40 sequence, uint40 deadline, bytes memory batch)
        internal
        view
        returns (bytes memory)
    {
        bytes32 kind = keccak256(
            "SessionBatch(address account,address sessionKey,uint40 sequence,uint40 deadline,bytes batch)"
        );
        bytes32 structHash =
            keccak256(abi.encode(kind, account, key, sequence, deadline, keccak256(batch)));
        return abi.encodePacked(
            wallet.relaySession.selector, key, sequence, deadline, signed(privateKey, structHash), batch
        );
    }

    function grantHash(SessionGrant memory g) internal pure returns (bytes32) {
        bytes memory methods;
        for (uint256 i; i < g.methods.length; ++i) {
            Method memory m = g.methods[i];
            bytes32 kind = keccak256("Method(address target,string contractName,string signature)");
            bytes32 name = keccak256(bytes(m.contractName));
            bytes32 text = keccak256(bytes(m.signature));
            methods = bytes.concat(methods, keccak256(abi.encode(kind, m.target, name, text)));
        }
        bytes memory tokens;
        for (uint256 i; i < g.tokens.length; ++i) {
            tokens = bytes.concat(tokens, capHash(g.tokens[i]));
        }
        bytes memory head = abi.encode(
            GRANT_TYPE,
            g.account,
            g.sessionKey,
            keccak256(bytes(g.app)),
            keccak256(methods),
            keccak256(tokens),
            g.nativePerTx,
            g.nativeTotal,
            g.txLimit
        );
        bytes memory tail = abi.encode(
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

    function capHash(TokenCap memory c) private pure returns (bytes32) {
        bytes32 kind = keccak256(
            "TokenCap(address token,string symbol,uint8 decimals,uint256 perTx,uint256 total,string totalText)"
        );
        bytes32 symbol = keccak256(bytes(c.symbol));
        bytes32 text = keccak256(bytes(c.totalText));
        return keccak256(abi.encode(kind, c.token, symbol, c.decimals, c.perTx, c.total, text));
    }

    bytes32 private constant GRANT_TYPE = keccak256(
        "SessionGrant(address account,address sessionKey,string app,Method[] methods,TokenCap[] tokens,uint256 nativePerTx,uint256 nativeTotal,uint16 txLimit,uint24 txPeriodSeconds,uint8 maxActionsPerTx,uint40 validAfter,uint40 validUntil,string validUntilUtc,uint64 grantNonce,uint40 grantBefore)Method(address target,string contractName,string signature)TokenCap(address token,string symbol,uint8 decimals,uint256 perTx,uint256 total,string totalText)"
    );

    /// @dev Sends raw calldata from anybody and passes a refusal on.
    function submits(bytes memory data) internal {
        vm.prank(vm.addr(0x8E1A));
        (bool ok, bytes memory answer) = account.call(data);
        if (ok) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    function submitRefused(bytes memory data, bytes memory reason) internal {
        vm.prank(vm.addr(0x8E1A));
        (bool ok, bytes memory answer) = account.call(data);
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, reason, "the refusal names the rule");
    }
}
