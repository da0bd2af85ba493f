// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../ISessionWallet.sol";
import {Layout} from "./Layout.sol";

/// @title NativeCap
/// @notice Counts native value that a session spends, in wei.
library NativeCap {
    /// @dev Counts a batch's whole value, or the most that an operation's fee may be. What comes
    /// back is not credited.
    /// @param s Slot of the session.
    function spend(uint256 s, uint256 value) internal {
        uint256 slot = Layout.caps(s);
        uint256 caps = Layout.load(slot);
        uint256 perTx = uint80(caps);
        if (value > perTx) revert ISessionWallet.NativePerTx(perTx, value);
        uint256 total = uint88(caps >> 80);
        uint256 spent = (caps >> 168) + value;
        if (spent > total) revert ISessionWallet.NativeTotal(total, spent);
        Layout.store(slot, caps + (value << 168));
    }
}
