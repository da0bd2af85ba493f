// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev Cheat codes that only the attacks need.
interface Cheats {
    function accesses(address target)
        external
        returns (bytes32[] memory reads, bytes32[] memory writes);
    function chainId(uint256 id) external;
    function prank(address sender, address origin) external;
    function record() external;
    function roll(uint256 number) external;
    function sign(uint256 privateKey, bytes32 digest)
        external
        pure
        returns (uint8 v, bytes32 r, bytes32 s);
}
