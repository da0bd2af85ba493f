// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Ascii
/// @notice What characters a text has, 32 of them at a time.
/// @dev An answer has the highest bit of each byte for which it is yes. Every question is for words
/// whose bytes are all below 0x80: no sum below carries into the next byte then.
library Ascii {
    /// @dev The highest bit of every byte.
    uint256 internal constant ALL =
        0x8080808080808080808080808080808080808080808080808080808080808080;

    uint256 private constant ONES =
        0x0101010101010101010101010101010101010101010101010101010101010101;
    /// @dev What each byte beyond the end of a text is read as: a letter.
    uint256 private constant LETTER = 0x61;

    /// @dev The bytes from `first` to `last`.
    function between(uint256 word, uint256 first, uint256 last) internal pure returns (uint256) {
        unchecked {
            // Below 0x100 in each byte, as both ends are below 0x80.
            return (word + ONES * (0x80 - first)) & ~(word + ONES * (0x7f - last)) & ALL;
        }
    }

    /// @dev The bytes that are `value` once only the bits of `mask` are looked at.
    function masked(uint256 word, uint256 mask, uint256 value) internal pure returns (uint256) {
        unchecked {
            // The difference of a byte is below 0x80, and zero alone stays so with 0x7f added.
            return ~(((word & (ONES * mask)) ^ (ONES * value)) + ONES * 0x7f) & ALL;
        }
    }

    /// @dev The 32 characters of `text` at `start`, letters where it ends before.
    function load(bytes calldata text, uint256 start) internal pure returns (uint256 word) {
        unchecked {
            // `start` is within the text.
            uint256 left = text.length - start;
            assembly ("memory-safe") {
                word := calldataload(add(text.offset, start))
            }
            if (left < 32) {
                uint256 beyond = type(uint256).max >> (left << 3);
                word = (word & ~beyond) | (ONES * LETTER & beyond);
            }
        }
    }
}
