// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../ISessionWallet.sol";
import {Layout} from "./Layout.sol";

/// @title Guard
/// @notice Who may call, and when.
abstract contract Guard is ISessionWallet {
    /// @dev The implementation that accounts delegate to. No session may call it.
    address internal immutable IMPLEMENTATION = address(this);

    /// @dev Only the account itself, and never from within a batch. Under EIP-7702 that is a
    /// transaction which the owner sends to their own address; no session call gets there,
    /// because a target is never the account.
    modifier onlyOwner() {
        if (msg.sender != address(this)) revert NotOwner();
        if (_locked()) revert Reentered();
        _;
    }

    function _locked() internal view returns (bool locked) {
        uint256 slot = Layout.LOCK;
        assembly ("memory-safe") {
            locked := tload(slot)
        }
    }

    function _lock(bool locked) internal {
        uint256 slot = Layout.LOCK;
        assembly ("memory-safe") {
            tstore(slot, locked)
        }
    }
}
