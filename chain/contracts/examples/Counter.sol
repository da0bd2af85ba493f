// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice The smallest game: everybody counts for themselves.
contract Counter {
    mapping(address who => uint256) public counts;

    event Counted(address indexed who, uint256 value);

    function count() external {
        emit Counted(msg.sender, ++counts[msg.sender]);
    }
}
