// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

import {Gold} from "./Gold.sol";
import {Words} from "./Words.sol";

/// @title GameRouter
/// @notice The game: twelve shared monsters, one hero per player, loot that mints `Gold`, three
/// skills that cost mana, native value or Gold.
/// @dev Trust boundary: there is no owner. The player is `msg.sender`, so a session key plays for
/// an account by calling through that account. The only external calls are to `Gold`, which this
/// contract created and which lets nobody else mint or burn: a skill that costs Gold needs no
/// approval, and what it takes is the fixed price. Native value paid for Smite stays here and nobody
/// can withdraw it.
///
/// Every rule is integer arithmetic on the state and the action, so that a mirror off chain
/// predicts it exactly. Each action touches one monster and one hero, one slot each, and emits one
/// event with what it left behind. Refusals come before any store and before any external call (but
/// for a lack of Gold, which the token tells), so that a stale action costs little.
contract GameRouter {
    using Words for uint256;

    /// @notice A hero struck a monster.
    /// @param player Account of the hero.
    /// @param deed Monster word after the strike | monsterId u8 << 120 | means u8 << 128 | damage
    /// u16 << 136. Means is 0 for an attack, 1 + skill id for a skill; damage is the health that the
    /// monster really lost. In one word because the event is a good part of what a strike costs.
    /// @param hero Hero word after the strike.
    event Struck(address indexed player, uint256 deed, uint256 hero);

    /// @notice A hero struck a monster with a skill that costs Gold.
    /// @param player Account of the hero.
    /// @param deed As in `Struck`.
    /// @param hero Hero word after the strike.
    /// @param goldBalance The player's balance after the price was burned, in 1e-18 Gold.
    event StruckWithGold(address indexed player, uint256 deed, uint256 hero, uint256 goldBalance);

    /// @notice A hero picked up loot. `Gold`'s own `Transfer` tells the amount.
    /// @param player Account of the hero.
    /// @param lootId Loot, `generation << 8 | monsterId`.
    /// @param monster Monster word afterwards.
    /// @param hero Hero word afterwards.
    /// @param goldBalance The player's balance afterwards, in 1e-18 Gold.
    event PickedUp(
        address indexed player, uint256 lootId, uint256 monster, uint256 hero, uint256 goldBalance
    );

    /// @dev When the id is not below 12.
    error MonsterUnknown(uint256 id);
    /// @dev When the monster is dead and not back before `respawnAt` (Unix seconds).
    error MonsterDown(uint256 id, uint256 respawnAt);
    /// @dev When the skill id is not below 3.
    error SkillUnknown(uint256 id);
    /// @dev When the native value sent (wei) is not exactly what the skill costs.
    error WrongValue(uint256 sent, uint256 needs);
    /// @dev When this skill was used a short while ago; ready at `readyAt` (Unix seconds).
    error SkillCooling(uint256 id, uint256 readyAt);
    /// @dev When the hero has less mana than the skill needs.
    error NotEnoughMana(uint256 has, uint256 needs);
    /// @dev When this loot was taken already or replaced by a later death.
    error LootGone(uint256 lootId);

    uint256 private constant MONSTERS = 12;
    uint256 private constant RESPAWN_SECONDS = 10;
    uint256 private constant MONSTER_LEVELS = 5;
    uint256 private constant ATTACK_MANA = 2;
    uint256 private constant PICKUP_HEALTH = 15;
    uint256 private constant PICKUP_MANA = 10;
    uint256 private constant LEVEL_CAP = 50;
    uint256 private constant XP_PER_LEVEL = 50;
    uint256 private constant GOLD_UNIT = 1e18;

    /// @dev Per kind one byte, kind 0 in the lowest: slime, skeleton, ogre. Values of a monster of
    /// level 1; each level adds a quarter, rounded down.
    uint256 private constant KIND_HEALTH = 0x50321e; // 80, 50, 30
    uint256 private constant KIND_STRIKE = 0x070402; // 7, 4, 2
    uint256 private constant KIND_XP = 0x23140a; // 35, 20, 10
    uint256 private constant KIND_GOLD = 0x040201; // 4, 2, 1

    /// @dev Per skill one byte, skill 0 in the lowest: Firebolt, Smite, Tithe. Damage and healing are
    /// multiples of the hero's attack. A hero's word has room for the cooldowns of three skills.
    uint256 private constant SKILLS = 3;
    uint256 private constant SKILL_COOLDOWN = 0x080403; // 8, 4, 3 seconds
    uint256 private constant SKILL_MANA = 0x00000f; // 0, 0, 15
    uint256 private constant SKILL_PRICE = 0x000500; // 0, 5, 0 in 0.0001 native
    uint256 private constant SKILL_GOLD = 0x020000; // 2, 0, 0
    uint256 private constant SKILL_DAMAGE = 0x040603; // 4, 6, 3
    uint256 private constant SKILL_HEALING = 0x040000; // 4, 0, 0
    uint256 private constant PRICE_UNIT = 0.0001 ether;

    Gold private immutable GOLD;

    Slot[MONSTERS] private _monsters;
    mapping(address player => Slot) private _heroes;

    /// @dev A word by reference, so that reading and writing it find its place once.
    struct Slot {
        uint256 word;
    }

    constructor() {
        GOLD = new Gold();
        for (uint256 id; id < MONSTERS; ++id) {
            _monsters[id].word = Words.newMonster(_ofKind(KIND_HEALTH, id, 1));
        }
    }

    /// @notice Strikes a monster with the weapon; gives back two mana first.
    function attack(uint256 monsterId) external {
        Slot storage slot = _heroes[msg.sender];
        uint256 hero_ = _hero(slot);
        uint256 level = hero_.level();
        uint256 deed;
        unchecked {
            // Mana is never above its maximum.
            hero_ += Words.MANA * FixedPointMathLib.min(ATTACK_MANA, _maxMana(level) - hero_.mana());
        }
        (deed, hero_) = _strike(hero_, monsterId, 0, _attackDamage(level));
        slot.word = hero_;
        emit Struck(msg.sender, deed, hero_);
    }

    /// @notice Uses a skill on a monster: 0 Firebolt (15 mana), 1 Smite (exactly 0.0005 native),
    /// 2 Tithe (2 Gold, burned from the player; heals as much as it strikes for).
    function useSkill(uint8 skillId, uint256 targetId) external payable {
        if (skillId >= SKILLS) revert SkillUnknown(skillId);
        uint256 price = _at(SKILL_PRICE, skillId) * PRICE_UNIT;
        if (msg.value != price) revert WrongValue(msg.value, price);
        Slot storage slot = _heroes[msg.sender];
        uint256 hero_ = _hero(slot);
        uint256 readyAt = hero_.skillReadyAt(skillId);
        if (block.timestamp < readyAt) revert SkillCooling(skillId, readyAt);
        uint256 mana = hero_.mana();
        uint256 needs = _at(SKILL_MANA, skillId);
        if (mana < needs) revert NotEnoughMana(mana, needs);
        hero_ = hero_.setMana(mana - needs);
        readyAt = block.timestamp + _at(SKILL_COOLDOWN, skillId);
        hero_ = hero_.setSkillReadyAt(skillId, readyAt);
        uint256 blow = _attackDamage(hero_.level());
        hero_ = _heal(hero_, _at(SKILL_HEALING, skillId) * blow);
        uint256 deed;
        (deed, hero_) = _strike(hero_, targetId, 1 + skillId, _at(SKILL_DAMAGE, skillId) * blow);
        slot.word = hero_;
        uint256 goldPrice = _at(SKILL_GOLD, skillId) * GOLD_UNIT;
        if (goldPrice == 0) {
            emit Struck(msg.sender, deed, hero_);
        } else {
            uint256 balance = GOLD.burn(msg.sender, goldPrice);
            emit StruckWithGold(msg.sender, deed, hero_, balance);
        }
    }

    /// @notice Takes the loot of a monster's last death; mints Gold and restores a little.
    /// @param lootId `generation << 8 | monsterId`.
    function pickup(uint256 lootId) external {
        uint256 id = lootId & 0xff;
        Slot storage lair = _lair(id);
        uint256 word = lair.word;
        uint256 generation = word.lootGeneration();
        if (generation == 0 || lootId >> 8 != generation) revert LootGone(lootId);
        word = word.setLootGeneration(0);
        lair.word = word;
        Slot storage slot = _heroes[msg.sender];
        uint256 hero_ = _heal(_hero(slot), PICKUP_HEALTH);
        hero_ = hero_.setMana(
            FixedPointMathLib.min(hero_.mana() + PICKUP_MANA, _maxMana(hero_.level()))
        );
        slot.word = hero_;
        uint256 amount = _ofKind(KIND_GOLD, id, generation) * GOLD_UNIT;
        uint256 balance = GOLD.mint(msg.sender, amount);
        emit PickedUp(msg.sender, lootId, word, hero_, balance);
    }

    /// @notice The token that loot mints and Tithe burns.
    function gold() external view returns (address) {
        return address(GOLD);
    }

    /// @notice All monster words, by id.
    function monsters() external view returns (uint256[12] memory words) {
        for (uint256 id; id < MONSTERS; ++id) {
            words[id] = _monsters[id].word;
        }
    }

    /// @notice A hero's word: health u16 | mana u16 << 16 | level u16 << 32 | xp u32 << 48 |
    /// kills u32 << 80 | deaths u16 << 112 | three times skillReadyAt u40 << 128, 168, 208. A player
    /// who never played reads as a fresh hero of level 1.
    function hero(address player) external view returns (uint256 word) {
        return _hero(_heroes[player]);
    }

    /// @notice A monster's word: health u16 | generation u32 << 16 | respawnAt u40 << 48 |
    /// lootGeneration u32 << 88. Its level follows from its generation: 1 to 5, then anew, so that a
    /// dungeon long played in is not closed to newcomers.
    function monster(uint256 id) external view returns (uint256 word) {
        return _lair(id).word;
    }

    /// @dev Takes `damage` from the monster, which dies or strikes back, and stores it. The caller
    /// stores the hero and tells of the deed.
    function _strike(uint256 hero_, uint256 id, uint256 means, uint256 damage)
        private
        returns (uint256 deed, uint256)
    {
        Slot storage lair = _lair(id);
        uint256 word = lair.word;
        uint256 health = word.health();
        unchecked {
            // Generations come at most every ten seconds, and no more health goes than is there.
            if (health == 0) {
                uint256 respawnAt = word.respawnAt();
                if (block.timestamp < respawnAt) revert MonsterDown(id, respawnAt);
                word += Words.GENERATION;
                health = _ofKind(KIND_HEALTH, id, word.generation());
                word += health;
            }
            damage = FixedPointMathLib.min(damage, health);
            word -= damage;
            if (damage == health) {
                word = word.setRespawnAt(block.timestamp + RESPAWN_SECONDS);
                word = word.setLootGeneration(word.generation());
                hero_ = _reward(hero_, _ofKind(KIND_XP, id, word.generation()));
            } else {
                hero_ = _struckBack(hero_, _ofKind(KIND_STRIKE, id, word.generation()));
            }
        }
        lair.word = word;
        return (word.deed(id, means, damage), hero_);
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
            hero_ = hero_.setXp(FixedPointMathLib.min(xp, type(uint32).max));
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

    function _heal(uint256 hero_, uint256 health) private pure returns (uint256) {
        return
            hero_.setHealth(
                FixedPointMathLib.min(hero_.health() + health, _maxHealth(hero_.level()))
            );
    }

    function _lair(uint256 id) private view returns (Slot storage) {
        if (id >= MONSTERS) revert MonsterUnknown(id);
        return _monsters[id];
    }

    function _hero(Slot storage slot) private view returns (uint256 word) {
        word = slot.word;
        if (word == 0) word = Words.newHero(_maxHealth(1), _maxMana(1));
    }

    /// @dev A value of a monster's kind, grown with the level of this generation (1 and up).
    function _ofKind(uint256 table, uint256 id, uint256 generation) private pure returns (uint256) {
        unchecked {
            return _at(table, id % 3) * (4 + (generation - 1) % MONSTER_LEVELS) / 4;
        }
    }

    function _at(uint256 table, uint256 index) private pure returns (uint256) {
        unchecked {
            // An index is below 3.
            return (table >> (index * 8)) & 0xff;
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
}
