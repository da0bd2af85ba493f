// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Gold} from "../src/Gold.sol";
import {GameRouter} from "../src/GameRouter.sol";
import {Vm} from "./support/Vm.sol";

/// @dev The rules of the game, one number at a time.
contract GameRouterTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant NOW = 1_800_000_000;
    uint256 private constant SMITE = 0.0005 ether;

    GameRouter private router = new GameRouter();
    Gold private gold = Gold(router.gold());
    address private player = vm.addr(1);

    function setUp() public {
        vm.warp(NOW);
        vm.deal(player, 1 ether);
    }

    function monster(uint256 health, uint256 generation, uint256 respawnAt, uint256 loot)
        private
        pure
        returns (uint256)
    {
        return health | generation << 16 | respawnAt << 48 | loot << 88;
    }

    struct Hero {
        uint256 health;
        uint256 mana;
        uint256 level;
        uint256 xp;
        uint256 kills;
        uint256 deaths;
        uint256 ready;
    }

    function word(Hero memory h) private pure returns (uint256) {
        return h.health | h.mana << 16 | h.level << 32 | h.xp << 48 | h.kills << 80 | h.deaths
            << 112 | h.ready << 128;
    }

    function fresh() private pure returns (Hero memory) {
        return Hero(100, 50, 1, 0, 0, 0, 0);
    }

    /// @dev Puts any hero into storage: slot 12 maps players to words.
    function become(Hero memory h) private {
        bytes32 slot = keccak256(abi.encode(player, uint256(12)));
        vm.store(address(router), slot, bytes32(word(h)));
        is_(h);
    }

    function is_(Hero memory h) private view {
        vm.assertEq(router.hero(player), word(h), "hero");
    }

    function attack(uint256 id) private {
        vm.prank(player);
        router.attack(id);
    }

    function skill(uint8 id, uint256 target, uint256 value) private {
        vm.prank(player);
        router.useSkill{value: value}(id, target);
    }

    function refused(bytes memory data, uint256 value, bytes memory reason) private {
        vm.prank(player);
        (bool ok, bytes memory answer) = address(router).call{value: value}(data);
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, reason, "named");
    }

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
        (h.health, h.mana) = (93, 50);
        vm.expectEmit(address(router));
        emit GameRouter.Struck(player, 2, 0, 8, monster(72, 1, 0, 0), word(h));
        attack(2);
        vm.assertEq(router.monster(2), monster(72, 1, 0, 0), "monster");
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

    function kill(uint256 id) private {
        do {
            attack(id);
        } while (uint16(router.monster(id)) != 0);
    }

    function test_killAndRespawn() public {
        for (uint256 i; i < 3; ++i) {
            attack(0);
        }
        Hero memory h = fresh();
        (h.health, h.xp, h.kills) = (94, 10, 1);
        vm.expectEmit(address(router));
        // Six were left of thirty.
        emit GameRouter.Struck(player, 0, 0, 6, monster(0, 1, NOW + 10, 1), word(h));
        attack(0);
        vm.warp(NOW + 9);
        refused(
            abi.encodeCall(router.attack, (0)),
            0,
            abi.encodeWithSelector(GameRouter.MonsterDown.selector, 0, NOW + 10)
        );
        vm.warp(NOW + 10);
        attack(0);
        vm.assertEq(router.monster(0), monster(22, 2, NOW + 10, 1), "second generation");
    }

    function test_levelUpRefillsAndCarries() public {
        Hero memory h = fresh();
        (h.health, h.mana, h.xp) = (20, 3, 45);
        become(h);
        kill(0);
        h = Hero(110, 55, 2, 5, 1, 0, 0);
        is_(h);
    }

    function test_levelCap() public {
        Hero memory h = Hero(500, 200, 49, 49 * 50 - 1, 7, 0, 0);
        become(h);
        attack(0);
        h = Hero(590, 295, 50, 9, 8, 0, 0);
        is_(h);
        h.xp = 50 * 50;
        become(h);
        attack(3);
        (h.xp, h.kills) = (50 * 50 + 10, 9);
        is_(h);
    }

    function test_countersStopInsteadOfWrapping() public {
        Hero memory h =
            Hero(590, 295, 50, type(uint32).max - 3, type(uint32).max, type(uint16).max, 0);
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
        Hero memory h = Hero(7, 4, 3, 20, 1, 0, 0);
        become(h);
        attack(2);
        is_(Hero(120, 60, 3, 0, 1, 1, 0));
        h.health = 8;
        become(h);
        attack(5);
        (h.health, h.mana) = (1, 6);
        is_(h);
    }

    function test_firebolt() public {
        Hero memory h = Hero(93, 35, 1, 0, 0, 0, NOW + 3);
        vm.expectEmit(address(router));
        emit GameRouter.Struck(player, 2, 1, 24, monster(56, 1, 0, 0), word(h));
        skill(0, 2, 0);
    }

    function test_smite() public {
        Hero memory h = Hero(93, 50, 1, 0, 0, 0, NOW + 3);
        vm.expectEmit(address(router));
        emit GameRouter.Struck(player, 2, 2, 48, monster(32, 1, 0, 0), word(h));
        skill(1, 2, SMITE);
        vm.assertEq(address(router).balance, SMITE, "kept");
    }

    function test_skillRefusalsInTheirOrder() public {
        bytes memory smite = abi.encodeCall(router.useSkill, (1, 99));
        bytes memory bolt = abi.encodeCall(router.useSkill, (0, 99));
        bytes4 wrong = GameRouter.WrongValue.selector;
        refused(
            abi.encodeCall(router.useSkill, (2, 99)),
            1,
            abi.encodeWithSelector(GameRouter.SkillUnknown.selector, 2)
        );
        Hero memory h = Hero(100, 14, 1, 0, 0, 0, NOW + 1);
        become(h);
        refused(smite, SMITE - 1, abi.encodeWithSelector(wrong, SMITE - 1, SMITE));
        refused(smite, SMITE + 1, abi.encodeWithSelector(wrong, SMITE + 1, SMITE));
        refused(bolt, 1, abi.encodeWithSelector(wrong, 1, 0));
        refused(bolt, 0, abi.encodeWithSelector(GameRouter.SkillCooling.selector, NOW + 1));
        vm.warp(NOW + 1);
        refused(bolt, 0, abi.encodeWithSelector(GameRouter.NotEnoughMana.selector, 14, 15));
        refused(smite, SMITE, abi.encodeWithSelector(GameRouter.MonsterUnknown.selector, 99));
        is_(h);
    }

    function test_cooldownIsShared() public {
        skill(0, 2, 0);
        vm.warp(NOW + 2);
        refused(
            abi.encodeCall(router.useSkill, (1, 2)),
            SMITE,
            abi.encodeWithSelector(GameRouter.SkillCooling.selector, NOW + 3)
        );
        vm.warp(NOW + 3);
        skill(1, 2, SMITE);
    }

    function test_attackAndPickupTakeNoValue() public {
        refused(abi.encodeCall(router.attack, (0)), 1, "");
        refused(abi.encodeCall(router.pickup, (0)), 1, "");
    }

    function test_pickup() public {
        kill(2);
        Hero memory h = Hero(50, 45, 1, 0, 1, 0, 0);
        become(h);
        (h.health, h.mana) = (65, 50);
        vm.expectEmit(address(router));
        emit GameRouter.PickedUp(
            player, 1 << 8 | 2, 4e18, 4e18, monster(0, 1, NOW + 10, 0), word(h)
        );
        vm.prank(player);
        router.pickup(1 << 8 | 2);
        vm.assertEq(gold.balanceOf(player), 4e18, "minted");
        refused(
            abi.encodeCall(router.pickup, (1 << 8 | 2)),
            0,
            abi.encodeWithSelector(GameRouter.LootGone.selector, 1 << 8 | 2)
        );
    }

    function test_lootOfADeathReplacedByAnother() public {
        kill(0);
        vm.warp(NOW + 10);
        attack(0);
        vm.assertEq(router.monster(0) >> 88, 1, "the old loot lies until the next death");
        kill(0);
        refused(
            abi.encodeCall(router.pickup, (1 << 8)),
            0,
            abi.encodeWithSelector(GameRouter.LootGone.selector, 1 << 8)
        );
        vm.prank(player);
        router.pickup(2 << 8);
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

    function test_unknownMonsters() public {
        bytes memory unknown = abi.encodeWithSelector(GameRouter.MonsterUnknown.selector, 12);
        refused(abi.encodeCall(router.attack, (12)), 0, unknown);
        refused(abi.encodeCall(router.monster, (12)), 0, unknown);
    }

    /// @dev Whatever is played, the words stay within their fields and their maxima.
    function testFuzz_wordsStayWhole(uint256 seed) public {
        for (uint256 i; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 id = seed % 12;
            vm.warp(block.timestamp + (seed >> 8) % 3);
            vm.prank(player);
            if ((seed >> 16) % 3 == 0) {
                (bool ok,) = address(router).call(abi.encodeCall(router.useSkill, (0, id)));
                ok;
            } else if ((seed >> 16) % 3 == 1) {
                (bool ok,) = address(router).call(abi.encodeCall(router.attack, (id)));
                ok;
            } else {
                uint256 loot = (router.monster(id) >> 88) << 8 | id;
                vm.prank(player);
                (bool ok,) = address(router).call(abi.encodeCall(router.pickup, (loot)));
                ok;
            }
            uint256 hero = router.hero(player);
            uint256 level = uint16(hero >> 32);
            vm.assertTrue(uint16(hero) > 0 && uint16(hero) <= 90 + 10 * level, "health");
            vm.assertTrue(uint16(hero >> 16) <= 45 + 5 * level, "mana");
            vm.assertTrue(uint32(hero >> 48) < 50 * level, "experience");
            vm.assertTrue(hero >> 168 == 0, "nothing beyond");
            vm.assertTrue(uint16(router.monster(id)) <= [uint256(30), 50, 80][id % 3], "monster");
            vm.assertTrue(router.monster(id) >> 120 == 0, "nothing beyond");
        }
    }
}
