// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Gold} from "./Gold.sol";
import {Words} from "./Words.sol";

/// @title GameRouter
/// @notice The game: twelve shared monsters, one hero per player, loot that mints `Gold`.
/// @dev Trust boundary: there is no owner. The player is `msg.sender`, so a session key plays for
/// an account by calling through that account. The only external call is to `Gold`, which this
/// contract created. Native value paid for Smite stays here and nobody can withdraw it.
///
/// Every rule is integer arithmetic on the state and the action, so that a mirror off chain
/// predicts it exactly; each action emits one event with the words it left behind.
contract GameRouter {
    using Words for uint256;

    /// @notice A hero struck a monster.
    /// @param player Account of the hero.
    /// @param monsterId Monster, 0 to 11.
    /// @param means 0 for an attack, 1 + skill id for a skill.
    /// @param damage Health that the monster really lost.
    /// @param monster Monster word after the strike.
    /// @param hero Hero word after the strike.
    event Struck(
        address indexed player,
        uint256 indexed monsterId,
        uint256 means,
        uint256 damage,
        uint256 monster,
        uint256 hero
    );

    /// @notice A hero picked up loot.
    /// @param player Account of the hero.
    /// @param lootId Loot, `generation << 8 | monsterId`.
    /// @param gold Amount minted, in 1e-18 Gold.
    /// @param goldBalance The player's balance afterwards, in 1e-18 Gold.
    /// @param monster Monster word afterwards.
    /// @param hero Hero word afterwards.
    event PickedUp(
        address indexed player,
        uint256 indexed lootId,
        uint256 gold,
        uint256 goldBalance,
        uint256 monster,
        uint256 hero
    );

    /// @dev When the id is not below 12.
    error MonsterUnknown(uint256 id);
    /// @dev When the monster is dead and not back before `respawnAt` (Unix seconds).
    error MonsterDown(uint256 id, uint256 respawnAt);
    /// @dev When the skill id is not below 2.
    error SkillUnknown(uint256 id);
    /// @dev When the native value sent (wei) is not exactly what the skill costs.
    error WrongValue(uint256 sent, uint256 needs);
    /// @dev When the last skill was used less than three seconds ago; ready at `readyAt` (Unix seconds).
    error SkillCooling(uint256 readyAt);
    /// @dev When the hero has less mana than the skill needs.
    error NotEnoughMana(uint256 has, uint256 needs);
    /// @dev When this loot was taken already or replaced by a later death.
    error LootGone(uint256 lootId);

    uint256 private constant MONSTERS = 12;
    uint256 private constant RESPAWN_SECONDS = 10;
    uint256 private constant SKILL_COOLDOWN_SECONDS = 3;
    uint256 private constant ATTACK_MANA = 2;
    uint256 private constant FIREBOLT_MANA = 15;
    uint256 private constant FIREBOLT_DAMAGE_FACTOR = 3;
    uint256 private constant SMITE_VALUE = 0.0005 ether;
    uint256 private constant SMITE_DAMAGE_FACTOR = 6;
    uint256 private constant PICKUP_HEALTH = 15;
    uint256 private constant PICKUP_MANA = 10;
    uint256 private constant LEVEL_CAP = 50;
    uint256 private constant XP_PER_LEVEL = 50;

    /// @dev Per kind one byte, kind 0 in the lowest: slime, skeleton, ogre.
    uint256 private constant KIND_HEALTH = 0x50321e; // 80, 50, 30
    uint256 private constant KIND_STRIKE = 0x070402; // 7, 4, 2
    uint256 private constant KIND_XP = 0x23140a; // 35, 20, 10
    uint256 private constant KIND_GOLD = 0x040201; // 4, 2, 1

    Gold private immutable GOLD;

    uint256[MONSTERS] private _monsters;
    mapping(address player => uint256 word) private _heroes;

    constructor() {
        GOLD = new Gold();
    }

    /// @notice Strikes a monster with the weapon; gives back two mana first.
    function attack(uint256 monsterId) external {
        uint256 hero_ = hero(msg.sender);
        unchecked {
            // Mana is never above its maximum.
            uint256 missing = _maxMana(hero_.level()) - hero_.mana();
            hero_ += Words.MANA * _min(ATTACK_MANA, missing);
        }
        _strike(hero_, monsterId, 0, _attackDamage(hero_.level()));
    }

    /// @notice Uses a skill on a monster: 0 Firebolt (15 mana), 1 Smite (exactly 0.0005 native).
    function useSkill(uint8 skillId, uint256 targetId) external payable {
        if (skillId > 1) revert SkillUnknown(skillId);
        bool smite = skillId == 1;
        uint256 price = smite ? SMITE_VALUE : 0;
        if (msg.value != price) revert WrongValue(msg.value, price);
        uint256 hero_ = hero(msg.sender);
        uint256 readyAt = hero_.skillReadyAt();
        if (block.timestamp < readyAt) revert SkillCooling(readyAt);
        if (!smite) {
            uint256 mana = hero_.mana();
            if (mana < FIREBOLT_MANA) revert NotEnoughMana(mana, FIREBOLT_MANA);
            hero_ -= Words.MANA * FIREBOLT_MANA;
        }
        hero_ = hero_.setSkillReadyAt(block.timestamp + SKILL_COOLDOWN_SECONDS);
        uint256 factor = smite ? SMITE_DAMAGE_FACTOR : FIREBOLT_DAMAGE_FACTOR;
        _strike(hero_, targetId, 1 + skillId, factor * _attackDamage(hero_.level()));
    }

    /// @notice Takes the loot of a monster's last death; mints Gold and restores a little.
    /// @param lootId `generation << 8 | monsterId`.
    function pickup(uint256 lootId) external {
        uint256 id = lootId & 0xff;
        uint256 word = monster(id);
        uint256 generation = word.lootGeneration();
        if (generation == 0 || lootId >> 8 != generation) revert LootGone(lootId);
        word = word.setLootGeneration(0);
        uint256 hero_ = hero(msg.sender);
        uint256 level = hero_.level();
        hero_ = hero_.setHealth(_min(hero_.health() + PICKUP_HEALTH, _maxHealth(level)));
        hero_ = hero_.setMana(_min(hero_.mana() + PICKUP_MANA, _maxMana(level)));
        _monsters[id] = word;
        _heroes[msg.sender] = hero_;
        uint256 amount = _ofKind(KIND_GOLD, id) * 1e18;
        uint256 balance = GOLD.mint(msg.sender, amount);
        emit PickedUp(msg.sender, lootId, amount, balance, word, hero_);
    }

    /// @notice The token that loot mints.
    function gold() external view returns (address) {
        return address(GOLD);
    }

    /// @notice All monster words, by id.
    function monsters() external view returns (uint256[12] memory words) {
        for (uint256 id; id < MONSTERS; ++id) {
            words[id] = monster(id);
        }
    }

    /// @notice A monster's word: health u16 | generation u32 << 16 | respawnAt u40 << 48 |
    /// lootGeneration u32 << 88. A monster nobody struck yet has its full health and generation 1.
    function monster(uint256 id) public view returns (uint256 word) {
        if (id >= MONSTERS) revert MonsterUnknown(id);
        word = _monsters[id];
        if (word.generation() == 0) word = Words.newMonster(_ofKind(KIND_HEALTH, id));
    }

    /// @notice A hero's word: health u16 | mana u16 << 16 | level u16 << 32 | xp u32 << 48 |
    /// kills u32 << 80 | deaths u16 << 112 | skillReadyAt u40 << 128. A player who never played
    /// reads as a fresh hero of level 1.
    function hero(address player) public view returns (uint256 word) {
        word = _heroes[player];
        if (word.level() == 0) word = Words.newHero(_maxHealth(1), _maxMana(1));
    }

    /// @dev Takes `damage` from the monster, lets it die or strike back, stores both and tells.
    function _strike(uint256 hero_, uint256 id, uint256 means, uint256 damage) private {
        uint256 word = monster(id);
        uint256 health = word.health();
        unchecked {
            // Generations come at most every ten seconds, and no more health goes than is there.
            if (health == 0) {
                uint256 respawnAt = word.respawnAt();
                if (block.timestamp < respawnAt) revert MonsterDown(id, respawnAt);
                health = _ofKind(KIND_HEALTH, id);
                word += health + Words.GENERATION;
            }
            damage = _min(damage, health);
            word -= damage;
            if (damage == health) {
                word = word.setRespawnAt(block.timestamp + RESPAWN_SECONDS);
                word = word.setLootGeneration(word.generation());
                hero_ = _reward(hero_, _ofKind(KIND_XP, id));
            } else {
                hero_ = _struckBack(hero_, _ofKind(KIND_STRIKE, id));
            }
        }
        _monsters[id] = word;
        _heroes[msg.sender] = hero_;
        emit Struck(msg.sender, id, means, damage, word, hero_);
    }

    /// @dev One kill and its experience. A level gained refills health and mana; what is left
    /// counts toward the next level. Counters stop at their width instead of wrapping.
    function _reward(uint256 hero_, uint256 gained) private pure returns (uint256) {
        unchecked {
            // Experience has 32 bits and gains have 8.
            uint256 level = hero_.level();
            uint256 before = level;
            uint256 xp = hero_.xp() + gained;
            while (level < LEVEL_CAP && xp >= XP_PER_LEVEL * level) {
                xp -= XP_PER_LEVEL * level;
                ++level;
            }
            if (level != before) {
                hero_ = hero_.setLevel(level).setHealth(_maxHealth(level)).setMana(_maxMana(level));
            }
            hero_ = hero_.setXp(_min(xp, type(uint32).max));
            return hero_.kills() == type(uint32).max ? hero_ : hero_ + Words.KILL;
        }
    }

    /// @dev The monster's answer. A hero who falls loses the level's experience and stands up whole.
    function _struckBack(uint256 hero_, uint256 strike) private pure returns (uint256) {
        unchecked {
            // Less is taken than is there.
            if (strike < hero_.health()) return hero_ - strike;
            uint256 level = hero_.level();
            hero_ = hero_.setHealth(_maxHealth(level)).setMana(_maxMana(level)).setXp(0);
            return hero_.deaths() == type(uint16).max ? hero_ : hero_ + Words.DEATH;
        }
    }

    function _ofKind(uint256 table, uint256 id) private pure returns (uint256) {
        unchecked {
            return (table >> (id % 3 * 8)) & 0xff;
        }
    }

    function _maxHealth(uint256 level) private pure returns (uint256) {
        unchecked {
            // Here and below: a level is at most 50.
            return 90 + 10 * level;
        }
    }

    function _maxMana(uint256 level) private pure returns (uint256) {
        unchecked {
            return 45 + 5 * level;
        }
    }

    function _attackDamage(uint256 level) private pure returns (uint256) {
        unchecked {
            return 6 + 2 * level;
        }
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
