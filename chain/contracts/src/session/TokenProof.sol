// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, TokenCap} from "../ISessionWallet.sol";
import {AmountText} from "./AmountText.sol";
import {Ascii} from "./Ascii.sol";
import {GrantHash} from "./GrantHash.sol";
import {TokenWord} from "./TokenWord.sol";

/// @title TokenProof
/// @notice From the token caps that a human read to the words that a batch is measured against.
library TokenProof {
    /// @dev What the token may use to answer `symbol()` or `decimals()`, in gas.
    uint256 private constant ANSWER_GAS = 50_000;
    uint256 private constant MAX_SYMBOL = 32;
    uint256 private constant SYMBOL = 0x95d89b41;
    uint256 private constant DECIMALS = 0x313ce567;

    /// @dev Asks the token for its symbol and decimals and reads the text of the total again.
    /// @return word Word T0.
    /// @return capHash EIP-712 struct hash.
    function read(TokenCap calldata cap)
        internal
        view
        returns (uint256 word, bytes32 capHash)
    {
        address token = cap.token;
        bytes calldata symbol = bytes(cap.symbol);
        if (!_isReadable(symbol) || !_tellsSymbol(token, symbol)) {
            revert ISessionWallet.TokenSymbolWrong(token);
        }
        if (cap.decimals > AmountText.MAX_DECIMALS || !_tellsDecimals(token, cap.decimals)) {
            revert ISessionWallet.TokenDecimalsWrong(token);
        }
        bool exact;
        (word, exact) = TokenWord.pack(token, cap.perTx, cap.total);
        if (!exact || (cap.perTx | cap.total) > type(uint128).max) {
            revert ISessionWallet.TokenCapTooLarge(token);
        }
        if (!AmountText.matches(bytes(cap.totalText), cap.total, cap.decimals, symbol)) {
            revert ISessionWallet.TokenTextWrong(token);
        }
        capHash = GrantHash.token(cap);
    }

    /// @dev Visible ASCII without spaces: nothing that looks like another symbol or another amount.
    function _isReadable(bytes calldata symbol) private pure returns (bool) {
        if (symbol.length == 0 || symbol.length > MAX_SYMBOL) return false;
        uint256 word = Ascii.load(symbol, 0);
        return word & Ascii.ALL == 0 && Ascii.between(word, 0x21, 0x7e) == Ascii.ALL;
    }

    /// @dev One string, ABI encoded, as ERC-20 has it. At most three words of the answer are read.
    function _tellsSymbol(address token, bytes calldata symbol) private view returns (bool) {
        (uint256 answer,) = _ask(token, SYMBOL);
        uint256 offset;
        uint256 length;
        bytes32 text;
        assembly ("memory-safe") {
            offset := mload(answer)
            length := mload(add(answer, 0x20))
            text := mload(add(answer, 0x40))
        }
        // A symbol has at most 32 bytes and the calldata beyond it is not compared.
        uint256 beyond = (32 - symbol.length) << 3;
        return offset == 0x20 && length == symbol.length
            && uint256(text) >> beyond == uint256(bytes32(symbol)) >> beyond;
    }

    function _tellsDecimals(address token, uint256 decimals) private view returns (bool) {
        (uint256 answer, uint256 length) = _ask(token, DECIMALS);
        uint256 told;
        assembly ("memory-safe") {
            told := mload(answer)
        }
        return length >= 32 && told == decimals;
    }

    /// @dev Three words of the token's answer, zeros where it says less, and its length in bytes;
    /// all zero if it fails. The words are in free memory until something else is written there.
    function _ask(address token, uint256 selector)
        private
        view
        returns (uint256 answer, uint256 length)
    {
        assembly ("memory-safe") {
            answer := mload(0x40)
            // Beyond the calldata there are zeros.
            calldatacopy(answer, calldatasize(), 0x60)
            mstore(0x00, selector)
            switch staticcall(ANSWER_GAS, token, 0x1c, 0x04, answer, 0x60)
            case 0 { calldatacopy(answer, calldatasize(), 0x60) }
            default { length := returndatasize() }
        }
    }
}
