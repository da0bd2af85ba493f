// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev A delegate that writes wherever it is told to.
contract Scribbler {
    function write(uint256 slot, uint256 word) external {
        assembly {
            sstore(slot, word)
        }
    }
}
