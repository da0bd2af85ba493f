// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../../src/ISessionWallet.sol";
import {
    WeakActions,
    WeakIdle,
    WeakPeriodId,
    WeakRegrant,
    WeakStatus,
    WeakWindow
} from "../weak/WeakRates.sol";
import {Attack} from "./support/Attack.sol";

/// @dev Section C: how often. Ours is compared with the weak one at ten transactions in ten seconds.
contract FrequencyTest is Attack {
    function setUp() public override {
        super.setUp();
        renewRate(10, 10);
    }

    function renewRate(uint16 limit, uint24 period) private {
        SessionGrant memory g = terms();
        key = vm.addr(1000 + g.grantNonce);
        (g.sessionKey, g.txLimit, g.txPeriodSeconds) = (key, limit, period);
        g.grantBefore = uint40(block.timestamp);
        grant(g);
    }

    /// @dev Sends until refused.
    function burst(address to, bytes memory data) private returns (uint256 sent) {
        for (bool ok = true; sent < 100; ++sent) {
            (ok,) = tried(key, to, data);
            if (!ok) return sent;
        }
    }

    function burst() private returns (uint256) {
        return burst(account, direct(one()));
    }

    function test_C01_burstAfterIdling() public {
        WeakIdle weak = new WeakIdle();
        vm.warp(NOW + 60);
        vm.assertTrue(burst(address(weak), abi.encodeCall(weak.act, ())) == 61, "a minute at once");
        vm.assertEq(burst(), 10, "a bucket at once, however long the rest");
    }

    function test_C02_edgeOfTwoWindows() public {
        WeakWindow weak = new WeakWindow();
        vm.warp(NOW + 9);
        uint256 sent = burst(address(weak), abi.encodeCall(weak.act, ()));
        vm.warp(NOW + 10);
        sent += burst(address(weak), abi.encodeCall(weak.act, ()));
        vm.assertEq(sent, 20, "two limits within two seconds");

        vm.warp(NOW + 19);
        sent = burst();
        vm.warp(NOW + 20);
        sent += burst();
        vm.assertEq(sent, 11, "one bucket and what flowed in");
    }

    function test_C03_grantedAgain() public {
        WeakRegrant weak = new WeakRegrant();
        uint256 sent = burst(address(weak), abi.encodeCall(weak.act, ()));
        weak.grant(key);
        sent += burst(address(weak), abi.encodeCall(weak.act, ()));
        vm.assertEq(sent, 20, "the counter was gone");

        vm.assertEq(burst(), 10, "spent");
        SessionGrant memory g = terms();
        (g.sessionKey, g.txLimit) = (key, 100);
        refused(g, abi.encodeWithSelector(ISessionWallet.KeyUsed.selector, key));
        revoke(key);
        refused(g, abi.encodeWithSelector(ISessionWallet.KeyUsed.selector, key));
        vm.assertEq(burst(), 0, "nothing came back");
    }

    function test_C04_rateWithoutStatus() public {
        WeakStatus weak = new WeakStatus();
        weak.grant(key);
        weak.revoke(key);
        vm.assertFalse(weak.live(key), "revoked");
        vm.assertEq(burst(address(weak), abi.encodeCall(weak.act, ())), 10, "and at work");

        revoke(key);
        vm.assertEq(burst(), 0, "ours is not");
    }

    function test_C05_callerNamesThePeriod() public {
        WeakPeriodId weak = new WeakPeriodId();
        uint256 sent;
        for (uint256 period; period < 5; ++period) {
            sent += burst(address(weak), abi.encodeCall(weak.act, (period)));
        }
        vm.assertEq(sent, 50, "five old periods at once");
        // Ours takes no time from the caller: the batch has no field for one.
        vm.assertEq(burst(), 10, "the block's clock");
    }

    /// @dev One transaction a block or many: only the timestamp counts, and it may stand still,
    /// jump, or be as late as a session can be.
    function test_C06_blocksAndTimestamps() public {
        uint256 sent;
        for (uint256 block_ = 1; block_ < 30; ++block_) {
            cheats.roll(block_);
            (bool ok,) = actAs(key, one());
            if (ok) ++sent;
        }
        vm.assertEq(sent, 10, "thirty blocks of one timestamp are one moment");
        vm.warp(NOW + 1 hours);
        vm.assertEq(burst(), 10, "an hour's jump is worth one bucket");
        vm.assertEq(burst(), 0, "once");
    }

    function test_C06_zeroes() public {
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(2);
        g.txLimit = 0;
        refused(g, plain(ISessionWallet.FrequencyInvalid.selector));
        (g.txLimit, g.txPeriodSeconds) = (1, 0);
        refused(g, plain(ISessionWallet.FrequencyInvalid.selector));
    }

    function test_C06_lastSecondsOfTheFormat() public {
        vm.warp(type(uint32).max - 10);
        SessionGrant memory g = terms();
        key = vm.addr(2);
        g.sessionKey = key;
        g.validAfter = 0;
        g.grantBefore = type(uint40).max;
        g.validUntil = uint40(type(uint32).max) + 1;
        g.validUntilUtc = "2106-02-07 06:28:16 UTC";
        refused(
            g,
            abi.encodeWithSelector(
                ISessionWallet.WindowInvalid.selector, g.validAfter, g.validUntil
            )
        );
        (g.validUntil, g.validUntilUtc) = (type(uint32).max, "2106-02-07 06:28:15 UTC");
        (g.txLimit, g.txPeriodSeconds) = (3, type(uint24).max);
        grant(g);
        vm.assertEq(burst(), 3, "the longest period at the latest time");
        vm.warp(type(uint32).max);
        vm.assertEq(burst(), 0, "over");
        vm.warp(uint256(type(uint40).max) + 1 hours);
        vm.assertEq(burst(), 0, "and never again, whatever wraps");
    }

    function test_C07_everythingInOneTransaction() public {
        WeakActions weak = new WeakActions();
        weak.act(1000);
        vm.assertEq(weak.sent(), 1000, "a thousand actions in one transaction");

        bytes memory items;
        for (uint256 i; i < 9; ++i) {
            items = bytes.concat(items, item(0, 2, ""));
        }
        actRefused(atomic(items), abi.encodeWithSelector(ISessionWallet.TooManyActions.selector, 8));
        actRefused(
            isolate(50_000, items),
            abi.encodeWithSelector(ISessionWallet.TooManyActions.selector, 8)
        );
        reached(0);
    }
}
