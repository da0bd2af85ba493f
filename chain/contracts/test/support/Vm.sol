// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev The few cheat codes of forge that these tests use.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function assume(bool condition) external pure;
    function deal(address account, uint256 balance) external;
    function etch(address target, bytes calldata code) external;
    function expectEmit(address emitter) external;
    function load(address target, bytes32 slot) external view returns (bytes32);
    function getCode(string calldata artifact) external view returns (bytes memory);
    function prank(address sender) external;
    function prank(address sender, address origin) external;
    function prevrandao(bytes32 value) external;
    function sign(uint256 privateKey, bytes32 digest)
        external
        pure
        returns (uint8 v, bytes32 r, bytes32 s);
    function signAndAttachDelegation(address implementation, uint256 privateKey) external;
    function snapshotGasLastCall(string calldata name) external returns (uint256);
    function snapshotValue(string calldata name, uint256 value) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function chainId(uint256 id) external;
    function warp(uint256 timestamp) external;
    function assertEq(uint256 left, uint256 right, string calldata why) external pure;
    function assertEq(address left, address right, string calldata why) external pure;
    function assertEq(bytes32 left, bytes32 right, string calldata why) external pure;
    function assertEq(bytes calldata left, bytes calldata right, string calldata why) external pure;
    function assertTrue(bool condition, string calldata why) external pure;
    function assertFalse(bool condition, string calldata why) external pure;
}
