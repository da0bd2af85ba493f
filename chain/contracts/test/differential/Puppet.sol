// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "solady/tokens/ERC20.sol";

/// @dev A token that its puppet mints and burns at will. Its decimals differ from token to token.
contract Coin is ERC20 {
    address private immutable PUPPET = msg.sender;
    uint8 private immutable DECIMALS;

    constructor(uint8 decimals_) {
        DECIMALS = decimals_;
    }

    function mint(address to, uint256 amount) external {
        require(msg.sender == PUPPET);
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external {
        require(msg.sender == PUPPET);
        _burn(from, amount);
    }

    function name() public pure override returns (string memory) {
        return "Coin";
    }

    function symbol() public pure override returns (string memory) {
        return "COIN";
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}

/// @dev A target that does exactly what it is told, so that a model can foresee what a session's
/// call does. Any bytes behind the init code give another puppet at another address.
contract Puppet {
    error Refused(uint256 why);

    Coin private immutable EVEN = new Coin(6);
    Coin private immutable ODD = new Coin(18);

    function nothing() external payable {}

    function touch(uint256) external payable {}

    function fail(uint256 why) external payable {
        revert Refused(why);
    }

    /// @dev The caller's balance falls without any approval.
    function take(uint256 which, uint256 amount) external {
        coin(which).burn(msg.sender, amount);
    }

    /// @dev The caller's balance grows. Clipped, so that no sum of balances overflows.
    function give(uint256 which, uint256 amount) external {
        coin(which).mint(msg.sender, uint128(amount));
    }

    /// @dev Takes what the caller approved.
    function collect(uint256 which, uint256 amount) external {
        coin(which).transferFrom(msg.sender, address(this), amount);
    }

    function coin(uint256 which) public view returns (Coin) {
        return which & 1 == 0 ? EVEN : ODD;
    }
}
