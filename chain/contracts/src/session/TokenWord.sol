// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title TokenWord
/// @notice A token and both its caps in one word, so that nothing else is stored before it is spent.
/// @dev Caps are decimal numbers with many zeros at the end; the zeros that both share are kept as
/// an exponent. What does not fit is refused, never rounded.
///
/// token u160 | exponent u6 << 160 | perTx u45 << 166 | total u45 << 211
library TokenWord {
    uint256 private constant EXPONENT_BITS = 6;
    uint256 private constant DIGITS_BITS = 45;
    uint256 private constant DIGITS = (1 << DIGITS_BITS) - 1;
    uint256 private constant PER_TX = 160 + EXPONENT_BITS;
    uint256 private constant TOTAL = PER_TX + DIGITS_BITS;

    /// @return word What to store.
    /// @return exact Whether both caps fit: 13 digits before the zeros that they share.
    function pack(address token, uint256 perTx, uint256 total)
        internal
        pure
        returns (uint256 word, bool exact)
    {
        unchecked {
            // Divisions alone, and factors of at most 10^32.
            uint256 exponent;
            for (uint256 zeros = 32; zeros != 0; zeros >>= 1) {
                uint256 factor = 10 ** zeros;
                if (perTx % factor != 0 || total % factor != 0) continue;
                (perTx, total) = (perTx / factor, total / factor);
                exponent += zeros;
            }
            exact = (perTx | total) <= DIGITS;
            word = uint160(token) | exponent << 160 | perTx << PER_TX | total << TOTAL;
        }
    }

    /// @dev The caps, in the token's smallest unit.
    function caps(uint256 word) internal pure returns (uint256 perTx, uint256 total) {
        unchecked {
            // 10^63 is below 2^210 and the digits below 2^45.
            uint256 unit = 10 ** (word >> 160 & 63);
            perTx = (word >> PER_TX & DIGITS) * unit;
            total = (word >> TOTAL) * unit;
        }
    }
}
