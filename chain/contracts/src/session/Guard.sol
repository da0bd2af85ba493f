// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../ISessionWallet.sol";
import {SessionWalletFactory} from "../SessionWalletFactory.sol";
import {Layout} from "./Layout.sol";

/// @title Guard
/// @notice Who may call, and when.
abstract contract Guard is ISessionWallet {
    /// @dev The implementation that accounts delegate to. No session may call it.
    address internal immutable IMPLEMENTATION = address(this);
    /// @dev Where clones come from: the implementation's first creation.
    address internal immutable FACTORY = address(new SessionWalletFactory());

    /// @dev Code of a clone: the 45 bytes of the proxy, then the owner.
    uint256 private constant CLONE_LENGTH = 65;
    uint256 private constant CLONE_OWNER = 45;

    /// @dev Only the owner, and never from within a batch. Under EIP-7702 that is a transaction
    /// which the owner sends to their own address; no session call gets there, because a target is
    /// neither the account nor its owner.
    modifier onlyOwner() {
        if (msg.sender != _owner()) revert NotOwner();
        _;
    }

    /// @dev Never from within a batch, whoever asks.
    modifier unlocked() {
        if (_locked()) revert Reentered();
        _;
    }

    /// @dev Whom the clone was made for; without such code (a delegated account has 23 bytes, the
    /// bare implementation thousands) the account itself. Nobody can change either.
    function _owner() internal view returns (address who) {
        assembly ("memory-safe") {
            who := address()
            if eq(extcodesize(who), CLONE_LENGTH) {
                extcodecopy(who, 0x00, CLONE_OWNER, 0x20)
                who := shr(96, mload(0x00))
            }
        }
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
