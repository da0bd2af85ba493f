// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "solady/tokens/ERC20.sol";

/// @dev An ERC-20 with two decimals that on request misbehaves.
contract Coin is ERC20 {
    bool public keepsApprovals;
    bool public mute;

    function name() public pure override returns (string memory) {
        return "Coin";
    }

    function symbol() public pure override returns (string memory) {
        return "COIN";
    }

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @dev Takes from whoever calls, as a game does that burns its own token.
    function spend(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    function earn(uint256 amount) external {
        _mint(msg.sender, amount);
    }

    function setKeepsApprovals() external {
        keepsApprovals = true;
    }

    function setMute() external {
        mute = true;
    }

    function approve(address spender, uint256 amount) public override returns (bool) {
        if (keepsApprovals && amount == 0) return true;
        return super.approve(spender, amount);
    }

    function balanceOf(address who) public view override returns (uint256) {
        require(!mute);
        return super.balanceOf(who);
    }
}

/// @dev A game that is paid in coins.
contract Shop {
    function buy(Coin coin, uint256 amount) external {
        coin.transferFrom(msg.sender, address(this), amount);
    }

    function fail() external pure {
        revert();
    }
}
