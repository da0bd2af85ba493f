// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {GameRouter} from "../../src/GameRouter.sol";
import {Gold} from "../../src/Gold.sol";
import {Vm} from "./Vm.sol";

/// @dev A router, a player, and heroes and monsters as they are wanted.
abstract contract GameFixture {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 internal constant NOW = 1_800_000_000;
    uint256 internal constant SMITE_PRICE = 0.0005 ether;
    uint8 internal constant FIREBOLT = 0;
    uint8 internal constant SMITE = 1;
    uint8 internal constant TITHE = 2;

    GameRouter internal router = new GameRouter();
    Gold internal gold = Gold(router.gold());
    address internal player = vm.addr(1);

    function setUp() public virtual {
        vm.warp(NOW);
        vm.deal(player, 1 ether);
    }

    struct Hero {
        uint256 health;
        uint256 mana;
        uint256 level;
        uint256 xp;
        uint256 kills;
        uint256 deaths;
        uint256[3] ready;
    }

    function word(Hero memory h) internal pure returns (uint256) {
        return h.health | h.mana << 16 | h.level << 32 | h.xp << 48 | h.kills << 80 | h.deaths
            << 112 | h.ready[0] << 128 | h.ready[1] << 168 | h.ready[2] << 208;
    }

    function fresh() internal pure returns (Hero memory h) {
        (h.health, h.mana, h.level) = (100, 50, 1);
    }

    function monster(uint256 health, uint256 generation, uint256 respawnAt, uint256 loot)
        internal
        pure
        returns (uint256)
    {
        return health | generation << 16 | respawnAt << 48 | loot << 88;
    }

    function deed(uint256 id, uint256 means, uint256 damage, uint256 monsterWord)
        internal
        pure
        returns (uint256)
    {
        return monsterWord | id << 120 | means << 128 | damage << 136;
    }

    /// @dev Puts any hero into storage: slot 12 maps players to words.
    function become(Hero memory h) internal {
        bytes32 slot = keccak256(abi.encode(player, uint256(12)));
        vm.store(address(router), slot, bytes32(word(h)));
        is_(h);
    }

    /// @dev Puts any monster into storage: slots 0 to 11.
    function place(uint256 id, uint256 monsterWord) internal {
        vm.store(address(router), bytes32(id), bytes32(monsterWord));
        vm.assertEq(router.monster(id), monsterWord, "monster");
    }

    function is_(Hero memory h) internal view {
        vm.assertEq(router.hero(player), word(h), "hero");
    }

    /// @dev Gives the player Gold by the only way there is.
    function enrich(uint256 amount) internal {
        vm.prank(address(router));
        gold.mint(player, amount);
    }

    function attack(uint256 id) internal {
        vm.prank(player);
        router.attack(id);
    }

    function skill(uint8 id, uint256 target) internal {
        vm.prank(player);
        router.useSkill{value: id == SMITE ? SMITE_PRICE : 0}(id, target);
    }

    function pickup(uint256 lootId) internal {
        vm.prank(player);
        router.pickup(lootId);
    }

    function refused(bytes memory data, uint256 value, bytes memory reason) internal {
        vm.prank(player);
        (bool ok, bytes memory answer) = address(router).call{value: value}(data);
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, reason, "named");
    }
}
