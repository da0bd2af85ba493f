// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "solady/tokens/ERC20.sol";

/// @title Gold
/// @notice The loot of the game: an ERC-20 with 18 decimals.
/// @dev Trust boundary: only the router that created this token mints, and nobody pauses, burns
/// for others, upgrades or changes balances in any other way.
contract Gold is ERC20 {
    /// @dev When `mint` is called by anyone but the router.
    error NotMinter();

    /// @dev The router: the only address that may mint.
    address private immutable MINTER;

    constructor() {
        MINTER = msg.sender;
    }

    /// @notice Mints `amount` (in 1e-18 Gold) to `to`.
    /// @return balance The balance of `to` afterwards, so that the router can put it into its event.
    function mint(address to, uint256 amount) external returns (uint256 balance) {
        if (msg.sender != MINTER) revert NotMinter();
        _mint(to, amount);
        return balanceOf(to);
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
