// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method} from "../ISessionWallet.sol";
import {GrantHash} from "./GrantHash.sol";
import {Layout} from "./Layout.sol";
import {TokenMethods} from "./TokenMethods.sol";

/// @title Rules
/// @notice From the methods that a human read to the words that a batch is checked against.
library Rules {
    /// @dev EntryPoints 0.6 to 0.9: a session could withdraw the account's deposit there.
    address private constant ENTRY_POINT_06 = 0x5FF137D4b0FDCD49DcA30c7CF57E578a026d2789;
    address private constant ENTRY_POINT_07 = 0x0000000071727De22E5E9d8BAf0edAc6f37da032;
    address private constant ENTRY_POINT_08 = 0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108;
    address private constant ENTRY_POINT_09 = 0x433709009B8330FDa32311DF1C2AFA402eD8D009;
    /// @dev Addresses up to this one are precompiles on some chain, with code on a few.
    uint256 private constant LAST_PRECOMPILE = 0xffff;

    /// @dev Characters of `name(types)`: letters, digits, `_ $ ( ) , [ ]`, one bit each.
    uint256 private constant SIGNATURE_CHARS = 0x7fffffeaffffffe03ff131000000000;

    /// @dev Refuses what may not be granted and groups the rest by target, three selectors a rule.
    /// @return rules One word R per rule.
    /// @return methodsHash EIP-712 hash of the array.
    function read(Method[] calldata methods, address implementation)
        internal
        view
        returns (uint256[] memory rules, bytes32 methodsHash)
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
            bytes32 signatureHash = keccak256(bytes(m.signature));
            uint256 selector = uint256(signatureHash) >> 224;
            if (!_isSignature(bytes(m.signature))) revert ISessionWallet.SignatureInvalid(i);
            if (selector == 0 || TokenMethods.has(selector)) {
                revert ISessionWallet.SelectorForbidden(bytes4(signatureHash));
            }
            used = _place(rules, used, m.target, selector, implementation);
            hashes[i] = GrantHash.method(m.target, m.contractName, signatureHash);
        }
        assembly ("memory-safe") {
            mstore(rules, used)
        }
        methodsHash = keccak256(abi.encodePacked(hashes));
    }

    /// @dev Puts the selector into the target's last rule, or into a new one.
    function _place(
        uint256[] memory rules,
        uint256 used,
        address target,
        uint256 selector,
        address implementation
    ) private view returns (uint256) {
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
        if (open == used) {
            _checkTarget(target, implementation);
        } else {
            uint256 rule = rules[open];
            if (rule >> 224 == 0) {
                uint256 shift = uint32(rule >> 192) == 0 ? 192 : 224;
                rules[open] = rule | selector << shift;
                return used;
            }
        }
        if (used == Layout.MAX_RULES) revert ISessionWallet.TooManyRules(Layout.MAX_RULES);
        rules[used] = uint160(target) | selector << 160;
        return used + 1;
    }

    function _checkTarget(address target, address implementation) private view {
        if (
            uint160(target) <= LAST_PRECOMPILE || target == address(this)
                || target == implementation || target == ENTRY_POINT_06 || target == ENTRY_POINT_07
                || target == ENTRY_POINT_08 || target == ENTRY_POINT_09
        ) revert ISessionWallet.TargetForbidden(target);
        if (target.code.length == 0) revert ISessionWallet.TargetWithoutCode(target);
    }

    /// @dev Of the form `name(...)` in plain characters, so that no string that reads like a
    /// sentence, or reads otherwise than it is stored, can stand for a selector.
    function _isSignature(bytes calldata text) private pure returns (bool) {
        uint256 length = text.length;
        if (length < 3 || text[0] == "(" || text[length - 1] != ")") return false;
        uint256 opened;
        for (uint256 i; i < length; ++i) {
            uint256 char = uint8(text[i]);
            if ((SIGNATURE_CHARS >> char) & 1 == 0) return false;
            if (char == 0x28) opened = 1;
        }
        return opened == 1;
    }
}
