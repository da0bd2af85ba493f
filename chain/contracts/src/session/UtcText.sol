// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {DateTimeLib} from "solady/utils/DateTimeLib.sol";

/// @title UtcText
/// @notice Proves that the date a human read is the date that is stored.
library UtcText {
    /// @dev Whether `text` is `timestamp` (Unix seconds) as `YYYY-MM-DD HH:MM:SS UTC`.
    function matches(string calldata text, uint256 timestamp) internal pure returns (bool) {
        (uint256 year, uint256 month, uint256 day, uint256 hour, uint256 minute, uint256 second) =
            DateTimeLib.timestampToDateTime(timestamp);
        unchecked {
            // Each part is below 100 and each byte of the text has its own place in the word.
            uint256 word = _two(year / 100) << 168 | _two(year % 100) << 152 | 0x2d << 144
                | _two(month) << 128 | 0x2d << 120 | _two(day) << 104 | 0x20 << 96 | _two(hour)
                << 80 | 0x3a << 72 | _two(minute) << 56 | 0x3a << 48 | _two(second) << 32
                | 0x20555443;
            return bytes(text).length == 23 && bytes23(bytes(text)) == bytes23(uint184(word));
        }
    }

    /// @dev Two decimal digits in ASCII.
    function _two(uint256 value) private pure returns (uint256) {
        unchecked {
            return (0x30 + value / 10) << 8 | (0x30 + value % 10);
        }
    }
}
