//! The outside of `GameRouter.sol` and `Gold.sol`.

alloy::sol! {
    /// The game. Words are packed as `Words.sol` says.
    #[derive(Debug, PartialEq, Eq)]
    interface GameRouter {
        /// A hero struck a monster.
        /// `player`: Account of the hero.
        /// `monsterId`: Monster, 0 to 11.
        /// `means`: 0 for an attack, 1 + skill id for a skill.
        /// `damage`: Health that the monster really lost.
        /// `monster`: Monster word after the strike.
        /// `hero`: Hero word after the strike.
        event Struck(
            address indexed player,
            uint256 indexed monsterId,
            uint256 means,
            uint256 damage,
            uint256 monster,
            uint256 hero
        );

        /// A hero picked up loot.
        /// `player`: Account of the hero.
        /// `lootId`: Loot, `generation << 8 | monsterId`.
        /// `gold`: Amount minted, in 1e-18 Gold.
        /// `goldBalance`: The player's balance afterwards, in 1e-18 Gold.
        /// `monster`: Monster word afterwards.
        /// `hero`: Hero word afterwards.
        event PickedUp(
            address indexed player,
            uint256 indexed lootId,
            uint256 gold,
            uint256 goldBalance,
            uint256 monster,
            uint256 hero
        );

        /// When the id is not below 12.
        error MonsterUnknown(uint256 id);
        /// When the monster is dead and not back before `respawnAt` (Unix seconds).
        error MonsterDown(uint256 id, uint256 respawnAt);
        /// When the skill id is not below 2.
        error SkillUnknown(uint256 id);
        /// When the native value sent (wei) is not exactly what the skill costs.
        error WrongValue(uint256 sent, uint256 needs);
        /// When the last skill was used less than three seconds ago; ready at `readyAt` (Unix seconds).
        error SkillCooling(uint256 readyAt);
        /// When the hero has less mana than the skill needs.
        error NotEnoughMana(uint256 has, uint256 needs);
        /// When this loot was taken already or replaced by a later death.
        error LootGone(uint256 lootId);

        /// Strikes a monster with the weapon; gives back two mana first.
        function attack(uint256 monsterId) external;
        /// Uses a skill on a monster: 0 Firebolt (15 mana), 1 Smite (exactly 0.0005 native).
        function useSkill(uint8 skillId, uint256 targetId) external payable;
        /// Takes the loot of a monster's last death; `lootId` is `generation << 8 | monsterId`.
        function pickup(uint256 lootId) external;
        /// A monster's word.
        function monster(uint256 id) external view returns (uint256 word);
        /// All monster words, by id.
        function monsters() external view returns (uint256[12] memory words);
        /// A hero's word.
        function hero(address player) external view returns (uint256 word);
        /// The token that loot mints.
        function gold() external view returns (address);
    }

    /// The token, as far as the game and a panel need it.
    #[derive(Debug, PartialEq, Eq)]
    interface Gold {
        /// `amount`, in 1e-18 Gold, changed hands; from zero when minted.
        event Transfer(address indexed from, address indexed to, uint256 amount);

        /// When anyone but the router mints.
        error NotMinter();
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
