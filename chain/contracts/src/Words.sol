// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Words
/// @notice The packed words of the game. Monster and hero fill one storage slot each and appear
/// verbatim in events; a deed is a monster and what was done to it, in an event only.
/// @dev Setters expect a value that fits its field; the rules of the game see to that.
///
/// monster: health u16 | generation u32 << 16 | respawnAt u40 << 48 | lootGeneration u32 << 88
/// deed:    a monster word | monsterId u8 << 120 | means u8 << 128 | damage u16 << 136
/// hero:    health u16 | mana u16 << 16 | level u16 << 32 | xp u32 << 48 | kills u32 << 80 |
///          deaths u16 << 112 | skillReadyAt u40 << 128 + 40 * skill, for skills 0 to 2
library Words {
    /// @dev One of each, for adding to a word and taking from it. Health is in the lowest bits.
    uint256 internal constant MANA = 1 << 16;
    uint256 internal constant KILL = 1 << 80;
    uint256 internal constant DEATH = 1 << 112;
    uint256 internal constant GENERATION = 1 << 16;

    function newMonster(uint256 health_) internal pure returns (uint256) {
        return health_ | 1 << 16;
    }

    function newHero(uint256 health_, uint256 mana_) internal pure returns (uint256) {
        return health_ | mana_ << 16 | 1 << 32;
    }

    /// @dev Shared by both words.
    function health(uint256 word) internal pure returns (uint256) {
        return _get(word, 0, type(uint16).max);
    }

    function setHealth(uint256 word, uint256 value) internal pure returns (uint256) {
        return _set(word, 0, type(uint16).max, value);
    }

    function generation(uint256 word) internal pure returns (uint256) {
        return _get(word, 16, type(uint32).max);
    }

    /// @dev Unix seconds.
    function respawnAt(uint256 word) internal pure returns (uint256) {
        return _get(word, 48, type(uint40).max);
    }

    function setRespawnAt(uint256 word, uint256 value) internal pure returns (uint256) {
        return _set(word, 48, type(uint40).max, value);
    }

    /// @dev Generation whose loot lies there; 0 for none.
    function lootGeneration(uint256 word) internal pure returns (uint256) {
        return _get(word, 88, type(uint32).max);
    }

    function setLootGeneration(uint256 word, uint256 value) internal pure returns (uint256) {
        return _set(word, 88, type(uint32).max, value);
    }

    function mana(uint256 word) internal pure returns (uint256) {
        return _get(word, 16, type(uint16).max);
    }

    function setMana(uint256 word, uint256 value) internal pure returns (uint256) {
        return _set(word, 16, type(uint16).max, value);
    }

    function level(uint256 word) internal pure returns (uint256) {
        return _get(word, 32, type(uint16).max);
    }

    function setLevel(uint256 word, uint256 value) internal pure returns (uint256) {
        return _set(word, 32, type(uint16).max, value);
    }

    /// @dev Experience within the level.
    function xp(uint256 word) internal pure returns (uint256) {
        return _get(word, 48, type(uint32).max);
    }

    function setXp(uint256 word, uint256 value) internal pure returns (uint256) {
        return _set(word, 48, type(uint32).max, value);
    }

    function kills(uint256 word) internal pure returns (uint256) {
        return _get(word, 80, type(uint32).max);
    }

    function deaths(uint256 word) internal pure returns (uint256) {
        return _get(word, 112, type(uint16).max);
    }

    /// @dev Unix seconds.
    function skillReadyAt(uint256 word, uint256 skill) internal pure returns (uint256) {
        return _get(word, 128 + 40 * skill, type(uint40).max);
    }

    function setSkillReadyAt(uint256 word, uint256 skill, uint256 value)
        internal
        pure
        returns (uint256)
    {
        return _set(word, 128 + 40 * skill, type(uint40).max, value);
    }

    /// @dev What was done to a monster, beside the monster's word afterwards.
    function deed(uint256 word, uint256 monsterId, uint256 means, uint256 damage)
        internal
        pure
        returns (uint256)
    {
        return word | monsterId << 120 | means << 128 | damage << 136;
    }

    function _get(uint256 word, uint256 shift, uint256 mask) private pure returns (uint256) {
        return (word >> shift) & mask;
    }

    function _set(uint256 word, uint256 shift, uint256 mask, uint256 value)
        private
        pure
        returns (uint256)
    {
        return (word & ~(mask << shift)) | value << shift;
    }
}
