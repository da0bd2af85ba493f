// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {DateTimeLib} from "solady/utils/DateTimeLib.sol";
import {LibString} from "solady/utils/LibString.sol";

/// @title Texts
/// @notice What a client writes into a grant for a human to read.
library Texts {
    function utc(uint256 timestamp) internal pure returns (string memory) {
        (uint256 year, uint256 month, uint256 day, uint256 hour, uint256 minute, uint256 second) =
            DateTimeLib.timestampToDateTime(timestamp);
        string memory date =
            string.concat(LibString.toString(year), "-", _two(month), "-", _two(day));
        string memory time = string.concat(_two(hour), ":", _two(minute), ":", _two(second));
        return string.concat(date, " ", time, " UTC");
    }

    function whole(uint256 amount, string memory symbol) internal pure returns (string memory) {
        return string.concat(LibString.toString(amount), " ", symbol);
    }

    function _two(uint256 value) private pure returns (string memory) {
        return string.concat(value < 10 ? "0" : "", LibString.toString(value));
    }
}
