// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionView} from "../../src/ISessionWallet.sol";
import {SessionWallet} from "../../src/SessionWallet.sol";
import {SessionWalletFactory} from "../../src/SessionWalletFactory.sol";
import {Vm} from "../support/Vm.sol";
import {Handler} from "./Handler.sol";
import {Ledger} from "./Ledger.sol";

/// @dev What holds whatever owner, keys and strangers do, in any order. The caps, the rate, the
/// namespace and the death of a key are asserted at each step of `Handler`.
abstract contract SessionInvariants {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 internal constant OWNER_KEY = 0xA11CE;

    SessionWallet internal implementation = new SessionWallet();
    Handler internal handler;
    ISessionWallet internal wallet;

    function setUp() public {
        vm.warp(1_800_000_000);
        handler = new Handler(account(), OWNER_KEY, address(implementation));
        wallet = handler.WALLET();
    }

    function account() internal virtual returns (address);

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    /// @dev Listed are exactly the sessions granted and not ended; each tells what really left.
    function invariant_listedAreExactlyTheLive() public view {
        SessionView[] memory listed = wallet.sessions();
        uint256 live;
        for (uint256 i; i < handler.sessionCount(); ++i) {
            Ledger.Session memory s = handler.sessionAt(i);
            bool found;
            for (uint256 j; j < listed.length; ++j) {
                if (listed[j].key != s.key) continue;
                found = true;
                check(s, listed[j]);
            }
            vm.assertTrue(found == s.live, "listed if live, not listed if not");
            if (s.live) ++live;
            vm.assertTrue(known(s.key) == s.live, "and known one by one");
        }
        vm.assertEq(listed.length, live, "and nobody else");
    }

    function check(Ledger.Session memory s, SessionView memory v) private view {
        vm.assertEq(v.nativeSpent, s.paid, "native value");
        vm.assertTrue(s.coins <= v.tokens[0].spent, "coins");
        vm.assertTrue(v.nativeSpent <= v.nativeTotal, "native cap");
        vm.assertTrue(v.tokens[0].spent <= v.tokens[0].total, "token cap");
        bool open = s.start <= block.timestamp && block.timestamp < s.end;
        if (!open) vm.assertEq(v.remaining, 0, "nothing remains outside the window");
        vm.assertTrue(v.remaining <= s.limit, "no more than a bucket");
    }

    function known(address key) private view returns (bool ok) {
        (ok,) = address(wallet).staticcall(abi.encodeCall(wallet.session, (key)));
    }

    /// @dev That the fuzzer's steps get somewhere: every lane goes through, and some are refused.
    function test_theHandlerReachesAll() public {
        for (uint256 i = 1; i < 160; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            if (i % 10 == 1) handler.grant(seed);
            if (i % 3 == 0) handler.pass(seed);
            if (i % 20 == 0) handler.revoke(seed);
            if (i % 30 == 0) handler.replay(seed);
            if (i % 50 == 0) handler.elsewhere(seed);
            if (i % 77 == 0) handler.revokeAll(0);
            handler.act(seed, seed >> 200);
            if (i % 20 == 5) handler.stranger(seed, abi.encode(seed));
            if (i % 20 == 6) handler.grantAgain(seed);
            if (i % 20 == 7) invariant_listedAreExactlyTheLive();
        }
        for (uint256 lane; lane < 3; ++lane) {
            vm.assertTrue(handler.went(lane) > 2, "each lane");
        }
        vm.assertTrue(handler.refused() > 20, "and refusals");
    }
}

/// @dev An account that delegates under EIP-7702.
contract DelegatedSessionsTest is SessionInvariants {
    function account() internal override returns (address who) {
        who = vm.addr(OWNER_KEY);
        vm.etch(who, abi.encodePacked(hex"ef0100", address(implementation)));
    }
}

/// @dev A clone with its owner in its code.
contract CloneSessionsTest is SessionInvariants {
    function account() internal override returns (address) {
        address factory = implementation.factory();
        return SessionWalletFactory(factory).create(vm.addr(OWNER_KEY));
    }
}
