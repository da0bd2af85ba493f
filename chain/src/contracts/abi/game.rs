//! The outside of `GameRouter.sol` and `Gold.sol`.

alloy::sol! {
    /// The game. Words are packed as `Words.sol` says.
    #[derive(Debug, PartialEq, Eq)]
    interface GameRouter {
        /// A hero struck a monster.
        /// `player`: Account of the hero.
        /// `deed`: Monster word after the strike | monsterId u8 << 120 | means u8 << 128 | damage u16 << 136. Means
        /// is 0 for an attack, 1 + skill id for a skill; damage is the health that the monster really lost.
        /// `hero`: Hero word after the strike.
        event Struck(address indexed player, uint256 deed, uint256 hero);

        /// A hero struck a monster with a skill that costs Gold.
        /// `player`: Account of the hero.
        /// `deed`: As in `Struck`.
        /// `hero`: Hero word after the strike.
        /// `goldBalance`: The player's balance after the price was burned, in 1e-18 Gold.
        event StruckWithGold(address indexed player, uint256 deed, uint256 hero, uint256 goldBalance);

        /// A hero picked up loot.
        /// `player`: Account of the hero.
        /// `lootId`: Loot, `generation << 8 | monsterId`.
        /// `monster`: Monster word afterwards.
        /// `hero`: Hero word afterwards.
        /// `goldBalance`: The player's balance afterwards, in 1e-18 Gold.
        event PickedUp(address indexed player, uint256 lootId, uint256 monster, uint256 hero, uint256 goldBalance);

        /// When the id is not below 12.
        error MonsterUnknown(uint256 id);
        /// When the monster is dead and not back before `respawnAt` (Unix seconds).
        error MonsterDown(uint256 id, uint256 respawnAt);
        /// When the skill id is not below 3.
        error SkillUnknown(uint256 id);
        /// When the native value sent (wei) is not exactly what the skill costs.
        error WrongValue(uint256 sent, uint256 needs);
        /// When this skill was used a short while ago; ready at `readyAt` (Unix seconds).
        error SkillCooling(uint256 id, uint256 readyAt);
        /// When the hero has less mana than the skill needs.
        error NotEnoughMana(uint256 has, uint256 needs);
        /// When this loot was taken already or replaced by a later death.
        error LootGone(uint256 lootId);

        /// Strikes a monster with the weapon; gives back two mana first.
        function attack(uint256 monsterId) external;
        /// Uses a skill on a monster: 0 Firebolt (15 mana), 1 Smite (exactly 0.0005 native), 2 Tithe (2 Gold, burned).
        function useSkill(uint8 skillId, uint256 targetId) external payable;
        /// Takes the loot of a monster's last death; `lootId` is `generation << 8 | monsterId`.
        function pickup(uint256 lootId) external;
        /// A monster's word.
        function monster(uint256 id) external view returns (uint256 word);
        /// All monster words, by id.
        function monsters() external view returns (uint256[12] memory words);
        /// A hero's word.
        function hero(address player) external view returns (uint256 word);
        /// The token that loot mints and Tithe burns.
        function gold() external view returns (address);
    }

    /// The token, as far as the game and a panel need it.
    #[derive(Debug, PartialEq, Eq)]
    interface Gold {
        /// `amount`, in 1e-18 Gold, changed hands; from zero when minted, to zero when burned.
        event Transfer(address indexed from, address indexed to, uint256 amount);

        /// When anyone but the router mints or burns.
        error NotRouter();
        /// When a player has less Gold than a skill costs, both in 1e-18 Gold.
        error NotEnoughGold(uint256 has, uint256 needs);
        /// When a transfer asks for more than the balance.
        error InsufficientBalance();
        /// When a spender asks for more than the allowance.
        error InsufficientAllowance();

        /// Balance in 1e-18 Gold.
        function balanceOf(address owner) external view returns (uint256);
        /// 18.
        function decimals() external view returns (uint8);
        /// `GOLD`.
        function symbol() external view returns (string memory);
    }
}
