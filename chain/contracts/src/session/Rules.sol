// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method, TokenCap} from "../ISessionWallet.sol";
import {Ascii} from "./Ascii.sol";
import {GrantHash} from "./GrantHash.sol";
import {Layout} from "./Layout.sol";
import {TokenMethods} from "./TokenMethods.sol";

/// @title Rules
/// @notice From the methods that a human read to the words that a batch is checked against.
library Rules {
    /// @dev Refuses methods that may not be granted and groups the rest by target, three selectors
    /// a rule. The targets themselves are for the caller to check.
    /// @return rules One word R per rule.
    /// @return byName `Layout.BY_NAME` if one of the methods moves or approves a token by name.
    /// @return methodsHash EIP-712 hash of the array.
    function read(Method[] calldata methods, TokenCap[] calldata tokens)
        internal
        pure
        returns (uint256[] memory rules, uint256 byName, bytes32 methodsHash)
    {
        if (methods.length == 0) revert ISessionWallet.NoMethods();
        // Checked before memory is sized by it.
        if (methods.length > Layout.MAX_RULES * Layout.SELECTORS_PER_RULE) {
            revert ISessionWallet.TooManyRules(Layout.MAX_RULES);
        }
        rules = new uint256[](Layout.MAX_RULES);
        bytes32[] memory hashes = new bytes32[](methods.length);
        uint256 used;
        for (uint256 i; i < methods.length; ++i) {
            Method calldata m = methods[i];
            address target = m.target;
            string calldata signature = m.signature;
            if (!isSignature(bytes(signature))) revert ISessionWallet.SignatureInvalid(i);
            bytes32 signatureHash = GrantHash.text(signature);
            uint256 selector = uint256(signatureHash) >> 224;
            bool named = TokenMethods.has(selector);
            if (selector == 0 || (named && !_isRead(selector, target, tokens))) {
                revert ISessionWallet.SelectorForbidden(bytes4(signatureHash));
            }
            if (named) byName = Layout.BY_NAME;
            used = _place(rules, used, target, selector);
            hashes[i] = GrantHash.method(m, signatureHash);
        }
        assembly ("memory-safe") {
            mstore(rules, used)
        }
        methodsHash = GrantHash.list(hashes);
    }

    /// @dev Whether what a method of the token standards moves is counted: only the two that are
    /// read exactly, and only of a capped token.
    function _isRead(uint256 selector, address target, TokenCap[] calldata tokens)
        private
        pure
        returns (bool)
    {
        if (selector != TokenMethods.TRANSFER && selector != TokenMethods.APPROVE) return false;
        for (uint256 i; i < tokens.length; ++i) {
            if (tokens[i].token == target) return true;
        }
        return false;
    }

    /// @dev Puts the selector into the target's last rule, or into a new one.
    function _place(uint256[] memory rules, uint256 used, address target, uint256 selector)
        private
        pure
        returns (uint256)
    {
        uint256 open = used;
        for (uint256 i; i < used; ++i) {
            uint256 rule = rules[i];
            if (address(uint160(rule)) != target) continue;
            if (
                uint32(rule >> 160) == selector || uint32(rule >> 192) == selector
                    || rule >> 224 == selector
            ) {
                revert ISessionWallet.DuplicateMethod(target, bytes4(uint32(selector)));
            }
            open = i;
        }
        if (open != used && rules[open] >> 224 == 0) {
            uint256 rule = rules[open];
            uint256 shift = uint32(rule >> 192) == 0 ? 192 : 224;
            rules[open] = rule | selector << shift;
            return used;
        }
        if (used == Layout.MAX_RULES) revert ISessionWallet.TooManyRules(Layout.MAX_RULES);
        rules[used] = uint160(target) | selector << 160;
        return used + 1;
    }

    /// @dev Of the form `name(...)` in plain characters, so that no string that reads like a
    /// sentence, or reads otherwise than it is stored, can stand for a selector.
    function isSignature(bytes calldata text) internal pure returns (bool) {
        uint256 length = text.length;
        if (length < 3 || text[0] == "(" || text[length - 1] != ")") return false;
        uint256 opened;
        for (uint256 start; start < length; start += 32) {
            uint256 word = Ascii.load(text, start);
            if (word & Ascii.ALL != 0 || _plain(word) != Ascii.ALL) return false;
            opened |= Ascii.masked(word, 0x7f, 0x28);
        }
        return opened != 0;
    }

    /// @dev Letters, digits and `_ $ ( ) , [ ]`.
    function _plain(uint256 word) private pure returns (uint256) {
        // A letter is small with bit 5 set, and nothing else becomes one.
        return Ascii.between(word | Ascii.ALL >> 2, 0x61, 0x7a) | Ascii.between(word, 0x30, 0x39)
            | Ascii.masked(word, 0x7e, 0x28) // ( )
            | Ascii.masked(word, 0x77, 0x24) // $ ,
            | Ascii.masked(word, 0x79, 0x59); // [ ] _ and Y
    }
}
