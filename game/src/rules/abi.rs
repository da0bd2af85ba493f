//! The contract's calls and events, as far as the rules need them.

#![allow(missing_docs, unreachable_pub, reason = "generated from the contract's interface")]

alloy::sol! {
    interface GameRouter {
        event Struck(address indexed player, uint256 indexed monsterId, uint256 means, uint256 damage, uint256 monster, uint256 hero);
        event PickedUp(address indexed player, uint256 indexed lootId, uint256 gold, uint256 goldBalance, uint256 monster, uint256 hero);

        function attack(uint256 monsterId) external;
        function useSkill(uint8 skillId, uint256 targetId) external payable;
        function pickup(uint256 lootId) external;
    }
}
