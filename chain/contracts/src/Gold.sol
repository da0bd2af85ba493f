// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "solady/tokens/ERC20.sol";

/// @title Gold
/// @notice The loot of the game: an ERC-20 with 18 decimals.
/// @dev Trust boundary: only the router that created this token mints and burns. It burns the price
/// of a skill from the player who uses that skill, without an approval; nobody pauses, upgrades or
/// changes balances in any other way.
contract Gold is ERC20 {
    /// @dev When `mint` or `burn` is called by anyone but the router.
    error NotRouter();
    /// @dev When a player has less Gold than a skill costs, both in 1e-18 Gold.
    error NotEnoughGold(uint256 has, uint256 needs);

    /// @dev The only address that may mint and burn.
    address private immutable ROUTER;

    constructor() {
        ROUTER = msg.sender;
    }

    modifier onlyRouter() {
        if (msg.sender != ROUTER) revert NotRouter();
        _;
    }

    /// @notice Mints `amount` (in 1e-18 Gold) to `to`.
    /// @return balance The balance of `to` afterwards, so that the router can put it into its event.
    function mint(address to, uint256 amount) external onlyRouter returns (uint256 balance) {
        _mint(to, amount);
        return balanceOf(to);
    }

    /// @notice Burns `amount` (in 1e-18 Gold) of `from`.
    /// @return balance The balance of `from` afterwards.
    function burn(address from, uint256 amount) external onlyRouter returns (uint256 balance) {
        balance = balanceOf(from);
        if (balance < amount) revert NotEnoughGold(balance, amount);
        _burn(from, amount);
        unchecked {
            // Just compared.
            return balance - amount;
        }
    }

    /// @inheritdoc ERC20
    function name() public pure override returns (string memory) {
        return "Gold";
    }

    /// @inheritdoc ERC20
    function symbol() public pure override returns (string memory) {
        return "GOLD";
    }

    /// @dev Solady grants Permit2 an infinite allowance unless told otherwise. An allowance that
    /// nobody gave would pass around a session's token cap.
    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}
