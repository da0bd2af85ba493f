// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {GameRouter} from "../src/GameRouter.sol";
import {Gold} from "../src/Gold.sol";
import {GameFixture} from "./support/GameFixture.sol";

/// @dev What skills do, cost and refuse; and that nothing played at random breaks a word or a purse.
contract GameSkillsTest is GameFixture {
    function test_firebolt() public {
        Hero memory h = fresh();
        (h.health, h.mana, h.ready[FIREBOLT]) = (93, 35, NOW + 3);
        vm.expectEmit(address(router));
        emit GameRouter.Struck(player, deed(2, 1, 24, monster(56, 1, 0, 0)), word(h));
        skill(FIREBOLT, 2);
        is_(h);
    }

    function test_smite() public {
        Hero memory h = fresh();
        (h.health, h.ready[SMITE]) = (93, NOW + 4);
        vm.expectEmit(address(router));
        emit GameRouter.Struck(player, deed(2, 2, 48, monster(32, 1, 0, 0)), word(h));
        skill(SMITE, 2);
        is_(h);
        vm.assertEq(address(router).balance, SMITE_PRICE, "kept");
    }

    function test_tithe() public {
        enrich(5e18);
        Hero memory h = fresh();
        h.health = 40;
        become(h);
        (h.health, h.ready[TITHE]) = (65, NOW + 8);
        vm.expectEmit(address(router));
        uint256 left = monster(48, 1, 0, 0);
        emit GameRouter.StruckWithGold(player, deed(2, 3, 32, left), word(h), 3e18);
        skill(TITHE, 2);
        is_(h);
        vm.assertEq(router.monster(2), left, "monster");
        vm.assertEq(gold.balanceOf(player), 3e18, "two paid");
        vm.assertEq(gold.totalSupply(), 3e18, "and gone");
    }

    /// @dev Healing comes before the answer, at most to full health, and saves a hero near the end.
    function test_titheHealsBeforeTheAnswer() public {
        enrich(4e18);
        Hero memory h = fresh();
        h.health = 90;
        become(h);
        skill(TITHE, 2);
        (h.health, h.ready[TITHE]) = (93, NOW + 8);
        is_(h);
        (h.health, h.ready[TITHE]) = (1, 0);
        become(h);
        skill(TITHE, 5);
        (h.health, h.ready[TITHE]) = (26, NOW + 8);
        is_(h);
    }

    function test_titheNeedsItsWholePrice() public {
        enrich(2e18 - 1);
        refused(
            abi.encodeCall(router.useSkill, (TITHE, 2)),
            0,
            abi.encodeWithSelector(Gold.NotEnoughGold.selector, 2e18 - 1, 2e18)
        );
        is_(fresh());
        vm.assertEq(gold.balanceOf(player), 2e18 - 1, "nothing taken");
        enrich(1);
        skill(TITHE, 2);
        vm.assertEq(gold.balanceOf(player), 0, "all of it");
    }

    /// @dev The router burns the caller's Gold and nobody else's, and asks for no approval.
    function test_titheTakesFromTheCallerOnly() public {
        enrich(2e18);
        address other = vm.addr(2);
        vm.prank(other);
        (bool ok,) = address(router).call(abi.encodeCall(router.useSkill, (TITHE, 2)));
        vm.assertFalse(ok, "the other has none");
        vm.assertEq(gold.balanceOf(player), 2e18, "the player's is untouched");
        vm.assertEq(gold.allowance(player, address(router)), 0, "no approval");
    }

    function test_refusalsInTheirOrder() public {
        bytes memory bolt = abi.encodeCall(router.useSkill, (FIREBOLT, 99));
        bytes memory smite = abi.encodeCall(router.useSkill, (SMITE, 99));
        bytes memory tithe = abi.encodeCall(router.useSkill, (TITHE, 99));
        bytes4 wrong = GameRouter.WrongValue.selector;
        bytes4 cooling = GameRouter.SkillCooling.selector;
        bytes memory unknown = abi.encodeWithSelector(GameRouter.MonsterUnknown.selector, 99);
        refused(
            abi.encodeCall(router.useSkill, (3, 99)),
            1,
            abi.encodeWithSelector(GameRouter.SkillUnknown.selector, 3)
        );
        Hero memory h = fresh();
        (h.mana, h.ready) = (14, [NOW + 1, NOW + 1, NOW + 1]);
        become(h);
        refused(smite, SMITE_PRICE - 1, abi.encodeWithSelector(wrong, SMITE_PRICE - 1, SMITE_PRICE));
        refused(smite, SMITE_PRICE + 1, abi.encodeWithSelector(wrong, SMITE_PRICE + 1, SMITE_PRICE));
        refused(bolt, 1, abi.encodeWithSelector(wrong, 1, 0));
        refused(tithe, 1, abi.encodeWithSelector(wrong, 1, 0));
        refused(bolt, 0, abi.encodeWithSelector(cooling, FIREBOLT, NOW + 1));
        refused(smite, SMITE_PRICE, abi.encodeWithSelector(cooling, SMITE, NOW + 1));
        refused(tithe, 0, abi.encodeWithSelector(cooling, TITHE, NOW + 1));
        vm.warp(NOW + 1);
        refused(bolt, 0, abi.encodeWithSelector(GameRouter.NotEnoughMana.selector, 14, 15));
        refused(smite, SMITE_PRICE, unknown);
        // The purse is asked last, by the token.
        refused(tithe, 0, unknown);
        is_(h);
    }

    function test_eachSkillCoolsByItself() public {
        enrich(2e18);
        skill(FIREBOLT, 2);
        skill(SMITE, 5);
        skill(TITHE, 8);
        Hero memory h = fresh();
        (h.health, h.mana, h.ready) = (93, 35, [NOW + 3, NOW + 4, NOW + 8]);
        is_(h);
        uint8[3] memory cooldown = [3, 4, 8];
        for (uint8 id; id < 3; ++id) {
            uint256 readyAt = NOW + cooldown[id];
            vm.warp(readyAt - 1);
            refused(
                abi.encodeCall(router.useSkill, (id, 2)),
                id == SMITE ? SMITE_PRICE : 0,
                abi.encodeWithSelector(GameRouter.SkillCooling.selector, id, readyAt)
            );
            vm.warp(readyAt);
            enrich(2e18);
            skill(id, 11);
        }
    }

    function testFuzz_onlyThreeSkills(uint8 id) public {
        vm.assume(id >= 3);
        refused(
            abi.encodeCall(router.useSkill, (id, 0)),
            0,
            abi.encodeWithSelector(GameRouter.SkillUnknown.selector, id)
        );
    }

    /// @dev Whatever is played, the words stay within their fields and their maxima, and Gold only
    /// comes from loot and only goes into Tithe.
    function testFuzz_wordsAndPursesStayWhole(uint256 seed) public {
        uint256 owned;
        uint256 paid;
        for (uint256 i; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 id = seed % 12;
            vm.warp(block.timestamp + (seed >> 8) % 4);
            bytes memory data = abi.encodeCall(router.attack, (id));
            uint256 value;
            uint8 choice = uint8((seed >> 16) % 6);
            if (choice < 3) {
                data = abi.encodeCall(router.useSkill, (choice, id));
                value = choice == SMITE ? SMITE_PRICE : 0;
            } else if (choice == 3) {
                data = abi.encodeCall(router.pickup, ((router.monster(id) >> 88) << 8 | id));
            }
            uint256 generation = router.monster(id) >> 88;
            vm.prank(player);
            (bool ok,) = address(router).call{value: value}(data);
            if (ok && choice == TITHE) owned -= 2e18;
            if (ok && choice == SMITE) paid += SMITE_PRICE;
            if (ok && choice == 3) {
                uint256 level = (generation - 1) % 5;
                owned += [uint256(1), 2, 4][id % 3] * (4 + level) / 4 * 1e18;
            }
            whole(id);
            vm.assertEq(gold.balanceOf(player), owned, "Gold");
            vm.assertEq(gold.totalSupply(), owned, "all Gold there is");
            vm.assertEq(address(router).balance, paid, "native value");
        }
    }

    function whole(uint256 id) private view {
        uint256 hero = router.hero(player);
        uint256 level = uint16(hero >> 32);
        vm.assertTrue(uint16(hero) > 0 && uint16(hero) <= 90 + 10 * level, "health");
        vm.assertTrue(uint16(hero >> 16) <= 45 + 5 * level, "mana");
        vm.assertTrue(uint32(hero >> 48) < 50 * level, "experience");
        vm.assertTrue(hero >> 248 == 0, "nothing beyond");
        uint256 m = router.monster(id);
        vm.assertTrue(uint16(m) <= [uint256(60), 100, 160][id % 3], "monster");
        vm.assertTrue(m >> 88 <= uint32(m >> 16), "loot is of a life that was");
        vm.assertTrue(m >> 120 == 0, "nothing beyond");
    }
}
