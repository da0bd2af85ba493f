// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../ISessionWallet.sol";
import {Layout} from "./Layout.sol";

/// @title Sequence
/// @notice Each relayed batch runs at most once; 32 of them may arrive in any order.
library Sequence {
    /// @dev Sequences that may still arrive, counted back from the highest.
    uint256 private constant WINDOW = 32;

    /// @dev Word S with `sequence` used. A higher one moves the window up; what falls out of it can
    /// no longer run, whether it did or not.
    function take(uint256 word, uint256 sequence) internal pure returns (uint256) {
        uint256 highest = Layout.sequence(word);
        uint256 window = Layout.replayWindow(word);
        unchecked {
            // Each difference is taken where it is not negative.
            if (sequence > highest) {
                // Bits beyond the window fall off, all of them if it moves far.
                window = uint32(window << (sequence - highest)) | 1;
                highest = sequence;
            } else {
                uint256 age = highest - sequence;
                if (age >= WINDOW) revert ISessionWallet.SequenceTooOld(uint40(sequence));
                if (window >> age & 1 != 0) revert ISessionWallet.SequenceUsed(uint40(sequence));
                window |= 1 << age;
            }
            return Layout.setSequence(word, highest, window);
        }
    }
}
