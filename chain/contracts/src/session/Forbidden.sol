// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Forbidden
/// @notice Addresses that no session may call.
library Forbidden {
    address internal constant ENTRY_POINT_08 = 0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108;

    /// @dev The other EntryPoints: a session could withdraw a deposit of the account there.
    address private constant ENTRY_POINT_06 = 0x5FF137D4b0FDCD49DcA30c7CF57E578a026d2789;
    address private constant ENTRY_POINT_07 = 0x0000000071727De22E5E9d8BAf0edAc6f37da032;
    address private constant ENTRY_POINT_09 = 0x433709009B8330FDa32311DF1C2AFA402eD8D009;
    /// @dev Addresses up to this one are precompiles on some chain, with code on a few.
    uint256 private constant LAST_PRECOMPILE = 0xffff;

    /// @dev Zero or a precompile.
    function low(address who) internal pure returns (bool) {
        return uint160(who) <= LAST_PRECOMPILE;
    }

    /// @dev Who could change the account or its money when the account calls.
    function target(address who, address owner, address implementation, address factory)
        internal
        view
        returns (bool)
    {
        return low(who) || who == address(this) || who == owner || who == implementation
            || who == factory || who == ENTRY_POINT_06 || who == ENTRY_POINT_07
            || who == ENTRY_POINT_08 || who == ENTRY_POINT_09;
    }
}
