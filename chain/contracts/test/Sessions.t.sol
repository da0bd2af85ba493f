// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant, SessionView} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";
import {Target} from "./support/Target.sol";

/// @dev What `session` and `sessions` tell.
contract SessionsTest is Fixture {
    function test_everyFieldIsTold() public {
        SessionGrant memory g = terms();
        g.validAfter = uint40(NOW - 5);
        (g.txLimit, g.txPeriodSeconds, g.maxActionsPerTx) = (25, 5, 3);
        grant(g);
        acts(atomic(item(0, 0, 0.25 ether, abi.encode(1))));
        SessionView memory v = wallet.session(key);
        vm.assertEq(v.key, key, "key");
        vm.assertEq(v.nativePerTx, 1 ether, "per transaction");
        vm.assertEq(v.nativeTotal, 3 ether, "total");
        vm.assertEq(v.nativeSpent, 0.25 ether, "spent");
        vm.assertEq(v.txLimit, 25, "limit");
        vm.assertEq(v.txPeriodSeconds, 5, "period");
        vm.assertEq(v.maxActionsPerTx, 3, "actions");
        vm.assertEq(v.validAfter, NOW - 5, "start");
        vm.assertEq(v.validUntil, NOW + 2 hours, "end");
        vm.assertEq(v.remaining, 24, "remaining");
        vm.assertEq(v.nextAllowedAt, NOW, "next");
        vm.assertEq(v.methods.length, 4, "methods");
        vm.assertEq(v.methods[1].target, address(target), "target");
        vm.assertEq(bytes32(v.methods[1].selector), bytes32(Target.second.selector), "selector");
        vm.assertEq(v.methods[3].ruleIndex, 1, "rule");
        vm.assertEq(v.methods[3].selectorIndex, 0, "selector index");
    }

    function test_outsideTheWindowNothingRemains() public {
        SessionGrant memory g = terms();
        g.validAfter = uint40(NOW + 100);
        grant(g);
        SessionView memory v = wallet.session(key);
        vm.assertEq(v.remaining, 0, "not yet");
        vm.assertEq(v.nextAllowedAt, NOW + 100, "from the start on");
        vm.warp(NOW + 100);
        vm.assertEq(wallet.session(key).remaining, 5, "now");
        vm.warp(NOW + 2 hours);
        vm.assertEq(wallet.session(key).remaining, 0, "over");
    }

    function test_unknownKey() public {
        (bool ok, bytes memory answer) = account.call(abi.encodeCall(wallet.session, (key)));
        vm.assertFalse(ok, "refused");
        vm.assertEq(
            answer, abi.encodeWithSelector(ISessionWallet.SessionUnknown.selector, key), "named"
        );
    }

    function test_listIsInOrderOfGrants() public {
        vm.assertEq(wallet.sessions().length, 0, "none at first");
        for (uint256 i; i < 3; ++i) {
            SessionGrant memory g = terms();
            g.sessionKey = vm.addr(300 + i);
            grant(g);
        }
        SessionView[] memory views = wallet.sessions();
        vm.assertEq(views.length, 3, "three");
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(views[i].key, vm.addr(300 + i), "in order");
        }
    }

    /// @dev Two accounts share code, not sessions.
    function test_accountsAreApart() public {
        grant(terms());
        address other = vm.addr(0xB0B);
        vm.etch(other, account.code);
        vm.assertEq(ISessionWallet(other).sessions().length, 0, "nothing there");
        vm.prank(key);
        (bool ok,) = other.call(abi.encodePacked(wallet.actAsKey.selector, one()));
        vm.assertFalse(ok, "and nothing to use");
    }
}
