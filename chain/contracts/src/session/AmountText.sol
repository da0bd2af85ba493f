// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title AmountText
/// @notice Proves that the amount a human read is the amount that is stored.
library AmountText {
    /// @dev 10 to this power is below 2^120.
    uint256 internal constant MAX_DECIMALS = 36;
    /// @dev 2^128 has 39 digits: no more stand before the point.
    uint256 private constant MAX_DIGITS = 39;

    /// @dev Whether `text` is `amount`, of a token with `decimals`, in its one form: `100 GOLD`,
    /// `0.5 USDC`; no zero before a digit, none at the end of a fraction, one space, the symbol.
    function matches(
        bytes calldata text,
        uint256 amount,
        uint256 decimals,
        bytes calldata symbol
    ) internal pure returns (bool) {
        unchecked {
            // At most 39 digits and a factor below 2^120 stay below 2^250.
            if (text.length <= symbol.length + 1) return false;
            uint256 end = text.length - symbol.length - 1;
            if (text[end] != " " || keccak256(text[end + 1:]) != keccak256(symbol)) return false;

            (uint256 whole, uint256 cursor) = _digits(text[:end]);
            if (cursor == 0 || cursor > MAX_DIGITS) return false;
            if (cursor > 1 && text[0] == "0") return false;
            uint256 value = whole * 10 ** decimals;
            if (cursor != end) {
                if (text[cursor] != "." || text[end - 1] == "0") return false;
                bytes calldata fraction = text[cursor + 1:end];
                (uint256 part, uint256 length) = _digits(fraction);
                if (length == 0 || length != fraction.length || length > decimals) return false;
                value += part * 10 ** (decimals - length);
            }
            return value == amount;
        }
    }

    /// @dev The number that `text` starts with, and how many digits it has. A number of too many
    /// digits is refused by the caller, whatever it wrapped to.
    function _digits(bytes calldata text) private pure returns (uint256 value, uint256 length) {
        unchecked {
            for (; length < text.length; ++length) {
                uint256 digit = uint256(uint8(text[length])) - 0x30;
                if (digit > 9) break;
                value = value * 10 + digit;
            }
        }
    }
}
