// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev Told by `OddCoin` of every approval.
interface ApprovalHook {
    function approvalChanged(address holder, uint256 amount) external;
}

/// @dev A token with the habits that tokens really have: its methods take value, a holder needs no
/// allowance for their own coins, and a spender with code is told of approvals.
contract OddCoin {
    mapping(address holder => uint256) public balanceOf;
    mapping(address holder => mapping(address spender => uint256)) public allowance;

    function symbol() external pure returns (string memory) {
        return "ODD";
    }

    function decimals() external pure returns (uint8) {
        return 18;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external payable returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount)
        external
        payable
        returns (bool)
    {
        if (from != msg.sender) allowance[from][msg.sender] -= amount;
        return _move(from, to, amount);
    }

    function approve(address spender, uint256 amount) external payable returns (bool) {
        allowance[msg.sender][spender] = amount;
        if (spender.code.length != 0) {
            ApprovalHook(spender).approvalChanged(msg.sender, amount);
        }
        return true;
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

/// @dev A spender whose partner, told that its own allowance is gone, makes it pull first.
contract Accomplice is ApprovalHook {
    OddCoin private immutable COIN;
    Accomplice public partner;

    constructor(OddCoin coin) {
        COIN = coin;
    }

    function join(Accomplice with) external {
        partner = with;
    }

    function approvalChanged(address holder, uint256 amount) external {
        if (amount == 0 && address(partner) != address(0)) partner.pull(holder);
    }

    function pull(address holder) public {
        uint256 amount = COIN.allowance(holder, address(this));
        if (amount != 0) COIN.transferFrom(holder, address(this), amount);
    }

    /// @dev A method that a session may be granted.
    function play() external payable {}
}
