// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {GameRouter} from "../src/GameRouter.sol";
import {GameFixture} from "./support/GameFixture.sol";

/// @dev The rules of attack, death, levels and loot, one number at a time.
contract GameRouterTest is GameFixture {
    function test_atFirst() public view {
        is_(fresh());
        uint256[12] memory all = router.monsters();
        for (uint256 id; id < 12; ++id) {
            uint256 health = [uint256(30), 50, 80][id % 3];
            vm.assertEq(all[id], monster(health, 1, 0, 0), "whole, first generation");
            vm.assertEq(router.monster(id), all[id], "one as all");
        }
    }

    function test_attackAndTheAnswer() public {
        Hero memory h = fresh();
        h.health = 93;
        uint256 left = monster(72, 1, 0, 0);
        vm.expectEmit(address(router));
        emit GameRouter.Struck(player, deed(2, 0, 8, left), word(h));
        attack(2);
        vm.assertEq(router.monster(2), left, "monster");
        is_(h);
    }

    function test_attackGivesManaBack() public {
        Hero memory h = fresh();
        h.mana = 10;
        become(h);
        attack(0);
        (h.mana, h.health) = (12, 98);
        is_(h);
        h.mana = 49;
        become(h);
        attack(0);
        (h.mana, h.health) = (50, 96);
        is_(h);
    }

    function test_killAndRespawn() public {
        for (uint256 i; i < 3; ++i) {
            attack(0);
        }
        Hero memory h = fresh();
        (h.health, h.xp, h.kills) = (94, 10, 1);
        vm.expectEmit(address(router));
        // Six were left of thirty.
        uint256 fallen = monster(0, 1, NOW + 10, 1);
        emit GameRouter.Struck(player, deed(0, 0, 6, fallen), word(h));
        attack(0);
        vm.warp(NOW + 9);
        refused(
            abi.encodeCall(router.attack, (0)),
            0,
            abi.encodeWithSelector(GameRouter.MonsterDown.selector, 0, NOW + 10)
        );
        vm.warp(NOW + 10);
        attack(0);
        vm.assertEq(router.monster(0), monster(29, 2, NOW + 10, 1), "second generation, level 2");
    }

    /// @dev Health, strike, experience and Gold of each kind by level, which follows the generation
    /// and begins anew after the fifth.
    function test_monsterLevels() public {
        uint8[5][3] memory health =
            [[30, 37, 45, 52, 60], [50, 62, 75, 87, 100], [80, 100, 120, 140, 160]];
        uint8[5][3] memory strike = [[2, 2, 3, 3, 4], [4, 5, 6, 7, 8], [7, 8, 10, 12, 14]];
        uint8[5][3] memory xp = [[10, 12, 15, 17, 20], [20, 25, 30, 35, 40], [35, 43, 52, 61, 70]];
        uint8[5][3] memory loot = [[1, 1, 1, 1, 2], [2, 2, 3, 3, 4], [4, 5, 6, 7, 8]];
        uint256 owned;
        for (uint256 generation = 2; generation < 13; ++generation) {
            uint256 level = (generation - 1) % 5;
            for (uint256 id; id < 3; ++id) {
                become(fresh());
                place(id, monster(0, generation - 1, NOW, 0));
                attack(id);
                uint256 left = health[id][level] - 8;
                vm.assertEq(router.monster(id), monster(left, generation, NOW, 0), "health");
                Hero memory h = fresh();
                h.health -= strike[id][level];
                is_(h);
                // Of level 2, so that no experience makes a level.
                (h.health, h.mana, h.level) = (90, 40, 2);
                become(h);
                place(id, monster(1, generation, NOW, 0));
                attack(id);
                (h.mana, h.xp, h.kills) = (42, xp[id][level], 1);
                is_(h);
                pickup(generation << 8 | id);
                owned += loot[id][level] * 1e18;
                vm.assertEq(gold.balanceOf(player), owned, "loot");
            }
        }
    }

    function test_levelUpRefillsAndCarries() public {
        Hero memory h = fresh();
        (h.health, h.mana, h.xp) = (20, 3, 45);
        become(h);
        place(0, monster(8, 1, 0, 0));
        attack(0);
        (h.health, h.mana, h.level, h.xp, h.kills) = (110, 55, 2, 5, 1);
        is_(h);
    }

    function test_levelCap() public {
        Hero memory h = fresh();
        (h.health, h.mana, h.level, h.xp, h.kills) = (500, 200, 49, 49 * 50 - 1, 7);
        become(h);
        attack(0);
        (h.health, h.mana, h.level, h.xp, h.kills) = (590, 295, 50, 9, 8);
        is_(h);
        h.xp = 50 * 50;
        become(h);
        attack(3);
        (h.xp, h.kills) = (50 * 50 + 10, 9);
        is_(h);
    }

    function test_countersStopInsteadOfWrapping() public {
        Hero memory h = fresh();
        (h.health, h.mana, h.level) = (590, 295, 50);
        (h.xp, h.kills, h.deaths) = (type(uint32).max - 3, type(uint32).max, type(uint16).max);
        become(h);
        attack(0);
        h.xp = type(uint32).max;
        is_(h);
        (h.health, h.level, h.mana) = (1, 1, 50);
        become(h);
        attack(2);
        (h.health, h.xp) = (100, 0);
        is_(h);
    }

    function test_heroFallsAndStandsUp() public {
        Hero memory h = fresh();
        (h.health, h.mana, h.level, h.xp, h.kills) = (7, 4, 3, 20, 1);
        become(h);
        attack(2);
        (h.health, h.mana, h.xp, h.deaths) = (120, 60, 0, 1);
        is_(h);
        (h.health, h.mana) = (8, 4);
        become(h);
        attack(5);
        (h.health, h.mana) = (1, 6);
        is_(h);
    }

    function test_attackAndPickupTakeNoValue() public {
        refused(abi.encodeCall(router.attack, (0)), 1, "");
        refused(abi.encodeCall(router.pickup, (0)), 1, "");
    }

    function test_pickup() public {
        place(2, monster(0, 1, NOW + 10, 1));
        Hero memory h = fresh();
        (h.health, h.mana) = (50, 45);
        become(h);
        (h.health, h.mana) = (65, 50);
        vm.expectEmit(address(router));
        emit GameRouter.PickedUp(player, 1 << 8 | 2, monster(0, 1, NOW + 10, 0), word(h), 4e18);
        pickup(1 << 8 | 2);
        vm.assertEq(gold.balanceOf(player), 4e18, "minted");
        is_(h);
        refused(
            abi.encodeCall(router.pickup, (1 << 8 | 2)),
            0,
            abi.encodeWithSelector(GameRouter.LootGone.selector, 1 << 8 | 2)
        );
    }

    function test_lootOfADeathReplacedByAnother() public {
        place(0, monster(0, 1, NOW, 1));
        attack(0);
        vm.assertEq(router.monster(0) >> 88, 1, "the old loot lies until the next death");
        place(0, monster(1, 2, NOW, 1));
        attack(0);
        refused(
            abi.encodeCall(router.pickup, (1 << 8)),
            0,
            abi.encodeWithSelector(GameRouter.LootGone.selector, 1 << 8)
        );
        pickup(2 << 8);
        vm.assertEq(gold.balanceOf(player), 1e18, "a slime's");
    }

    function test_lootIdsThatAreNone() public {
        uint256[4] memory ids = [uint256(0), 11, (1 << 32) << 8, type(uint256).max - 255];
        for (uint256 i; i < ids.length; ++i) {
            refused(
                abi.encodeCall(router.pickup, (ids[i])),
                0,
                abi.encodeWithSelector(GameRouter.LootGone.selector, ids[i])
            );
        }
        refused(
            abi.encodeCall(router.pickup, (1 << 8 | 12)),
            0,
            abi.encodeWithSelector(GameRouter.MonsterUnknown.selector, 12)
        );
    }

    function testFuzz_onlyTwelveMonsters(uint256 id) public {
        vm.assume(id >= 12);
        bytes memory unknown = abi.encodeWithSelector(GameRouter.MonsterUnknown.selector, id);
        refused(abi.encodeCall(router.attack, (id)), 0, unknown);
        refused(abi.encodeCall(router.useSkill, (0, id)), 0, unknown);
        refused(abi.encodeCall(router.monster, (id)), 0, unknown);
    }

    /// @dev A stale action must not cost what a good one does: nothing is stored and no other
    /// contract is called before it is refused.
    function test_staleActionsAreCheap() public {
        place(0, monster(0, 7, NOW + 5, 0));
        bytes[3] memory stale = [
            abi.encodeCall(router.attack, (0)),
            abi.encodeCall(router.useSkill, (TITHE, 0)),
            abi.encodeCall(router.pickup, (7 << 8))
        ];
        for (uint256 i; i < stale.length; ++i) {
            vm.prank(player);
            // Two cold loads and a little arithmetic; one store alone would be 2,900 more.
            (bool ok, bytes memory answer) = address(router).call{gas: 6_500}(stale[i]);
            vm.assertFalse(ok, "refused");
            vm.assertTrue(answer.length >= 36, "by name, not for lack of gas");
        }
    }
}
