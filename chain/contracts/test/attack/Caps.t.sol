// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../../src/ISessionWallet.sol";
import {Target} from "../support/Target.sol";
import {
    Lender,
    Refuser,
    Returner,
    WeakAbsentCap,
    WeakCounterCall,
    WeakFailureCounts,
    WeakMemory,
    WeakNetCount,
    WeakPerCall,
    WeakReentered,
    WeakShortKey,
    WeakTotal,
    WeakZeroValue
} from "../weak/WeakCaps.sol";
import {Attack} from "./support/Attack.sol";

/// @dev Section B as far as it is about native value: one ether a transaction, three a session.
contract CapsTest is Attack {
    address private thief = vm.addr(0xBAD);

    function pays(uint80 value) private pure returns (bytes memory) {
        return item(0, 0, value, abi.encode(1));
    }

    function perTx(uint256 cap, uint256 asked) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.NativePerTx.selector, cap, asked);
    }

    function total(uint256 cap, uint256 asked) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.NativeTotal.selector, cap, asked);
    }

    function thieves(uint256 count) private view returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = thief;
        }
    }

    /// @dev Spends the whole session's cap and proves that not one wei more is to be had.
    function exhaust() private {
        for (uint256 i; i < 3; ++i) {
            acts(atomic(pays(1 ether)));
        }
        actRefused(atomic(pays(1)), total(3 ether, 3 ether + 1));
    }

    function test_B01_usageInMemory() public {
        WeakMemory weak = new WeakMemory{value: 5 ether}();
        for (uint256 i; i < 5; ++i) {
            weak.pay(thief, 1 ether);
        }
        vm.assertEq(thief.balance, 5 ether, "five times the cap");
        exhaust();
        vm.assertEq(wallet.session(key).nativeSpent, 3 ether, "it is written down");
    }

    function test_B02_totalBeginsAnew() public {
        WeakTotal weak = new WeakTotal{value: 5 ether}();
        for (uint256 i; i < 5; ++i) {
            weak.pay(thieves(1), 1 ether);
        }
        vm.assertEq(thief.balance, 5 ether, "five times the cap");
        exhaust();
        vm.warp(NOW + 1 hours);
        cheats.roll(1000);
        actRefused(atomic(pays(1)), total(3 ether, 3 ether + 1));
    }

    function test_B03_counterThatACallWrites() public {
        WeakCounterCall weak = new WeakCounterCall{value: 5 ether}();
        address[] memory list = thieves(2);
        list[1] = address(new Refuser());
        for (uint256 i; i < 5; ++i) {
            weak.pay(list, 0.5 ether);
        }
        vm.assertEq(thief.balance, 2.5 ether, "the failing call skipped the counter");

        // Ours: the counter is written before the first call, and the batch ends whole or not at all.
        SessionGrant memory g = terms();
        key = vm.addr(2);
        g.sessionKey = key;
        g.methods[1].signature = "fail(uint256)";
        grant(g);
        bytes memory items = bytes.concat(pays(0.5 ether), item(0, 1, abi.encode(9)));
        actRefused(atomic(items), abi.encodeWithSelector(Target.Refused.selector, 9));
        vm.assertEq(target.paid(), 0, "nothing paid");
        actRefused(isolate(100_000, items), plain(ISessionWallet.IsolateForbidden.selector));
        exhaust();
    }

    function test_B10_absentCap() public {
        WeakAbsentCap weak = new WeakAbsentCap{value: 5 ether}();
        weak.pay(thief, 5 ether);
        vm.assertEq(thief.balance, 5 ether, "no cap was no limit");

        SessionGrant memory g = terms();
        key = vm.addr(2);
        (g.sessionKey, g.nativePerTx, g.nativeTotal) = (key, 0, 0);
        grant(g);
        actRefused(atomic(pays(1)), perTx(0, 1));
        // One of the two alone is as good as none.
        key = vm.addr(3);
        (g.sessionKey, g.nativePerTx, g.grantNonce) = (key, 1 ether, wallet.grantNonce());
        grant(g);
        actRefused(atomic(pays(1)), total(0, 1));
        key = vm.addr(4);
        (g.sessionKey, g.nativePerTx, g.nativeTotal) = (key, 0, 1 ether);
        g.grantNonce = wallet.grantNonce();
        grant(g);
        actRefused(atomic(pays(1)), perTx(0, 1));
    }

    function test_B14_capOnEachCall() public {
        WeakPerCall weak = new WeakPerCall{value: 5 ether}();
        weak.pay(thieves(5), 1 ether);
        vm.assertEq(thief.balance, 5 ether, "five calls, five caps");
        for (uint80 parts = 2; parts <= 8; ++parts) {
            bytes memory items;
            for (uint256 i; i < parts; ++i) {
                items = bytes.concat(items, pays(1 ether / parts + 1));
            }
            actRefused(atomic(items), perTx(1 ether, uint256(parts) * (1 ether / parts + 1)));
        }
    }

    function test_B15_whatComesBackIsNotCredited() public {
        WeakNetCount weak = new WeakNetCount{value: 5 ether}();
        for (uint256 i; i < 5; ++i) {
            weak.pay(address(new Lender()), 5 ether);
        }
        vm.assertEq(weak.spent(), 0, "twenty-five ether went out and none was counted");

        renew(2, address(target), "refund()");
        for (uint256 i; i < 3; ++i) {
            acts(atomic(item(0, 0, 1 ether, "")));
        }
        vm.assertEq(account.balance, 100 ether, "everything came back");
        actRefused(atomic(item(0, 0, 1, "")), total(3 ether, 3 ether + 1));
    }

    function test_B16_failureAndCaps() public {
        WeakFailureCounts weak = new WeakFailureCounts{value: 1 ether}();
        vm.assertFalse(weak.pay(address(new Refuser()), 1 ether), "the payment fails");
        vm.assertEq(weak.spent(), 1 ether, "and the player's budget is gone");

        renew(2, address(target), "fail(uint256)");
        (bool ok,) = actAs(key, atomic(item(0, 0, 1 ether, abi.encode(1))));
        vm.assertFalse(ok, "atomic");
        vm.assertEq(wallet.session(key).nativeSpent, 0, "nothing paid, nothing counted");
        vm.assertEq(wallet.session(key).remaining, 5, "nor the transaction");
        // In isolate mode there is no value that a failing call could use up; the transaction
        // itself was sent and counts.
        acts(isolate(100_000, item(0, 0, abi.encode(1))));
        vm.assertEq(wallet.session(key).remaining, 4, "one transaction");
        actRefused(
            isolate(100_000, item(0, 0, 1, abi.encode(1))),
            plain(ISessionWallet.IsolateForbidden.selector)
        );
    }

    function test_B18_nothingPaidNothingAsked() public {
        WeakZeroValue weak = new WeakZeroValue{value: 1 ether}(key);
        (bool ok,) = tried(
            thief,
            address(weak),
            abi.encodeCall(weak.act, (address(target), 0, abi.encodeCall(Target.secret, ())))
        );
        vm.assertTrue(ok, "a stranger acted without paying");

        target = new Target();
        (ok,) = actAs(thief, one());
        vm.assertFalse(ok, "ours asks first");
        malformed(atomic(item(0, 0, 0, abi.encode(1))));
        reached(0);
    }

    function test_B20_twoKeysOneSlot() public {
        WeakShortKey weak = new WeakShortKey{value: 5 ether}();
        address twin = address(uint160(key) ^ (1 << 40));
        weak.grant(key, 1 ether);
        (bool ok,) = tried(twin, address(weak), abi.encodeCall(weak.pay, (thief, 1 ether)));
        vm.assertTrue(ok, "the twin spent what was granted to the other");

        for (uint256 bit; bit < 160; ++bit) {
            (ok,) = actAs(address(uint160(key) ^ uint160(1 << bit)), one());
            vm.assertFalse(ok, "every bit of the key counts");
        }
        SessionGrant memory g = terms();
        g.sessionKey = twin;
        grant(g);
        exhaust();
        vm.assertEq(wallet.session(twin).nativeSpent, 0, "the twin has a slot of its own");
    }

    function test_B21_nestedSpending() public {
        WeakReentered weak = new WeakReentered{value: 5 ether}();
        address returner = address(new Returner());
        weak.pay(returner, 1 ether);
        vm.assertEq(returner.balance, 5 ether, "counted once, paid five times");

        // Ours: the target holds a session too, and still cannot act within the other's batch.
        renew(2, address(target), "back(bytes)");
        bytes memory nested = direct(atomic(pays(1 ether)));
        actRefused(
            atomic(item(0, 0, 1 ether, abi.encode(nested))),
            plain(ISessionWallet.Reentered.selector)
        );
        vm.assertEq(account.balance, 100 ether, "nothing left");
    }
}
