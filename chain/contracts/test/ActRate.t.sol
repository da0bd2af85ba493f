// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant, SessionView} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";

/// @dev The frequency cap of `act`.
contract ActRateTest is Fixture {
    function frequency(uint16 limit, uint24 period) private {
        SessionGrant memory g = terms();
        (g.txLimit, g.txPeriodSeconds) = (limit, period);
        grant(g);
    }

    /// @dev Sends until refused and returns how many went through.
    function burst() private returns (uint256 sent) {
        for (bool ok = true; sent < 100; ++sent) {
            (ok,) = actAs(key, one());
            if (!ok) return sent;
        }
    }

    function limitedUntil(uint256 timestamp) private {
        actRefused(one(), abi.encodeWithSelector(ISessionWallet.RateLimited.selector, timestamp));
    }

    function test_sixthInOneSecondIsRefused() public {
        frequency(5, 1);
        vm.assertEq(burst(), 5, "a whole burst");
        limitedUntil(NOW + 1);
        reached(5);
    }

    function test_everySecondAllowsExactlyTheLimit() public {
        frequency(5, 1);
        for (uint256 second; second < 10; ++second) {
            vm.warp(NOW + second);
            vm.assertEq(burst(), 5, "five in every second");
        }
    }

    function test_idleTimeNeverAccumulates() public {
        frequency(5, 1);
        burst();
        vm.warp(NOW + 1 hours);
        vm.assertEq(burst(), 5, "an hour of rest is worth one burst");
    }

    function test_twentyFiveInFiveSeconds() public {
        frequency(25, 5);
        vm.assertEq(burst(), 25, "the whole period at once");
        limitedUntil(NOW + 1);
        vm.warp(NOW + 1);
        vm.assertEq(burst(), 5, "a fifth comes back each second");
        vm.warp(NOW + 3);
        vm.assertEq(burst(), 10, "two fifths after two seconds");
        vm.warp(NOW + 100);
        vm.assertEq(burst(), 25, "never more than the limit");
    }

    function test_oncePerMonth() public {
        SessionGrant memory g = terms();
        (g.txLimit, g.txPeriodSeconds) = (1, 30 days);
        g.validUntil = uint40(NOW + 60 days);
        g.validUntilUtc = "2027-03-16 08:00:00 UTC";
        grant(g);
        acts(one());
        limitedUntil(NOW + 30 days);
        vm.warp(NOW + 30 days - 1);
        limitedUntil(NOW + 30 days);
        vm.warp(NOW + 30 days);
        acts(one());
    }

    function test_refusedBatchDoesNotCount() public {
        frequency(1, 10);
        actRefused(
            atomic(item(9, 0, "")), abi.encodeWithSelector(ISessionWallet.RuleIndex.selector, 9)
        );
        acts(one());
    }

    /// @dev The view says what `act` does: `remaining` more now, and the next one at `nextAllowedAt`.
    function testFuzz_viewForetellsAct(uint16 limit, uint24 period, uint256 used, uint256 wait)
        public
    {
        limit = uint16(1 + limit % 20);
        period = uint24(1 + period % 1000);
        frequency(limit, period);
        used %= limit + 1;
        for (uint256 i; i < used; ++i) {
            acts(one());
        }
        vm.warp(NOW + wait % 1000);
        SessionView memory v = wallet.session(key);
        vm.assertEq(burst(), v.remaining, "remaining");
        v = wallet.session(key);
        vm.assertTrue(v.nextAllowedAt > block.timestamp, "the burst is spent");
        vm.warp(v.nextAllowedAt - 1);
        limitedUntil(v.nextAllowedAt);
        vm.warp(v.nextAllowedAt);
        acts(one());
    }

    /// @dev In any stretch of time: at most one burst and what flows in meanwhile.
    function testFuzz_neverMoreThanBurstAndFlow(uint256 seed) public {
        uint256 limit = 1 + seed % 9;
        uint256 period = 1 + (seed >> 8) % 9;
        frequency(uint16(limit), uint24(period));
        uint256 sent;
        uint256 elapsed;
        for (uint256 i; i < 12; ++i) {
            sent += burst();
            vm.assertTrue(sent <= limit + elapsed * limit / period, "burst and flow");
            uint256 pause = uint256(keccak256(abi.encode(seed, i))) % 4;
            elapsed += pause;
            vm.warp(NOW + elapsed);
        }
    }

    /// @dev Nothing is rounded: over a long time as much flows in as was granted and not one more,
    /// where a share of the period is no round number of anything.
    function testFuzz_theFlowIsExact(uint256 seed) public {
        uint256 limit = 1 + seed % 7;
        uint256 period = 1 + (seed >> 8) % 11;
        frequency(uint16(limit), uint24(period));
        uint256 sent = burst();
        // At the first second at which there is room, every time: none of it is lost or gained.
        for (uint256 i; i < 20; ++i) {
            uint256 next = wallet.session(key).nextAllowedAt;
            vm.warp(next);
            sent += burst();
            vm.assertEq(sent, limit + (next - NOW) * limit / period, "all that flowed in");
        }
    }
}
