// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "solady/tokens/ERC20.sol";

/// @dev A token that counts all that ever left an account, and lets its arena mint and burn.
contract Coin is ERC20 {
    address private immutable ARENA = msg.sender;

    /// @dev Gross: what comes back does not lower it.
    mapping(address holder => uint256) public outflow;

    function name() public pure override returns (string memory) {
        return "Coin";
    }

    function symbol() public pure override returns (string memory) {
        return "COIN";
    }

    function mint(address to, uint256 amount) external {
        require(msg.sender == ARENA);
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external {
        require(msg.sender == ARENA);
        _burn(from, amount);
    }

    function _beforeTokenTransfer(address from, address, uint256 amount) internal override {
        outflow[from] += amount;
    }

    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}

/// @dev A game that takes from its player in every way there is.
contract Arena {
    Coin public immutable COIN = new Coin();

    /// @dev Gross, in wei.
    mapping(address player => uint256) public paid;
    uint256 public plays;

    function play(uint256) external payable {
        _note();
    }

    /// @dev Takes without asking: the game burns its own token.
    function burnt(uint256 amount) external payable {
        _note();
        COIN.burn(msg.sender, amount);
    }

    function loot(uint256 amount) external payable {
        _note();
        COIN.mint(msg.sender, amount);
    }

    /// @dev Takes what was approved to it, now or earlier.
    function pulled(uint256 amount) external payable {
        _note();
        COIN.transferFrom(msg.sender, address(this), amount);
    }

    /// @dev Gives back what it was paid.
    function refund() external payable {
        _note();
        (bool ok,) = msg.sender.call{value: msg.value}("");
        require(ok);
    }

    /// @dev Calls the player back, whatever comes of it.
    function back(bytes calldata data) external payable returns (bool ok) {
        _note();
        (ok,) = msg.sender.call(data);
    }

    /// @dev Outside of any batch: takes what is still approved.
    function grab(address player, uint256 amount) external {
        COIN.transferFrom(player, address(this), amount);
    }

    function _note() private {
        ++plays;
        paid[msg.sender] += msg.value;
    }
}
