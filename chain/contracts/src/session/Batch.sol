// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../ISessionWallet.sol";
import {Layout} from "./Layout.sol";

/// @title Batch
/// @notice The packed batch: big endian, no offsets, right behind the four selector bytes.
/// @dev Target and selector are indices into stored rules, so a call that was not granted has no
/// encoding. `check` and `run` walk the same bytes with the same steps.
///
/// header: mode u8 (0 atomic, 1 isolate), and with isolate callGas u24
/// item:   method u8 (rule << 4 | value present << 3 | selector), value u80 if present,
///         length u16, arguments
library Batch {
    /// @dev Stands for the gas per call in atomic mode, where every call may use all there is.
    uint256 internal constant ATOMIC = type(uint256).max;

    uint256 private constant BATCH_START = 4;
    uint256 private constant VALUE_PRESENT = 0x08;
    uint256 private constant RESERVED = 0x04;
    /// @dev No rule has this index: nothing is loaded yet.
    uint256 private constant NO_RULE = 16;
    /// @dev What a call without value costs before its own gas, rounded up: cold account 2,600 and
    /// the few steps in between.
    uint256 private constant CALL_OVERHEAD = 3_000;

    /// @dev Where the items start, and the gas for each call: `ATOMIC`, or what isolate mode says.
    function header() internal pure returns (uint256 cursor, uint256 callGas) {
        uint256 word = _peek(BATCH_START);
        uint256 mode = word >> 248;
        if (mode == 0) return (BATCH_START + 1, ATOMIC);
        if (mode != 1) revert ISessionWallet.MalformedBatch();
        return (BATCH_START + 4, (word >> 224) & type(uint24).max);
    }

    /// @dev Walks the whole batch and refuses it unless every item is allowed and well formed and
    /// the last one ends with the calldata.
    /// @return value Sum of the items' values, in wei.
    function check(uint256 s, uint256 word, uint256 cursor) internal view returns (uint256 value) {
        unchecked {
            // The cursor grows by at most 2^16 + 13 an item and stops beyond the calldata; at
            // most 255 values of 80 bits are summed.
            uint256 end = msg.data.length;
            if (cursor >= end) revert ISessionWallet.MalformedBatch();
            uint256 rules = Layout.ruleCount(word);
            uint256 left = Layout.maxActions(word);
            uint256 loaded = NO_RULE;
            uint256 rule;
            do {
                uint256 item = _peek(cursor);
                uint256 index = item >> 252;
                if (index != loaded) {
                    if (index >= rules) revert ISessionWallet.RuleIndex(index);
                    rule = Layout.load(Layout.rule(s, index));
                    loaded = index;
                }
                uint256 method = item >> 248;
                if (method & RESERVED != 0) revert ISessionWallet.MalformedBatch();
                // A fourth selector reads as zero, like one that the rule does not have.
                if (_selector(rule, method & 3) == 0) {
                    revert ISessionWallet.SelectorIndex(method & 3);
                }
                if (method & VALUE_PRESENT == 0) {
                    cursor += 3 + uint16(item >> 232);
                } else {
                    uint256 amount = uint80(item >> 168);
                    if (amount == 0) revert ISessionWallet.MalformedBatch();
                    value += amount;
                    cursor += 13 + uint16(item >> 152);
                }
                if (left == 0) revert ISessionWallet.TooManyActions(Layout.maxActions(word));
                --left;
            } while (cursor < end);
            if (cursor != end) revert ISessionWallet.MalformedBatch();
        }
    }

    /// @dev Makes the calls of a batch that `check` let pass.
    function run(uint256 s, uint256 cursor, uint256 callGas) internal {
        unchecked {
            // Bounds as in `check`.
            uint256 end = msg.data.length;
            uint256 loaded = NO_RULE;
            uint256 rule;
            uint256 done;
            do {
                uint256 item = _peek(cursor);
                uint256 index = item >> 252;
                if (index != loaded) {
                    rule = Layout.load(Layout.rule(s, index));
                    loaded = index;
                }
                uint256 method = item >> 248;
                uint256 selector = _selector(rule, method & 3);
                uint256 amount;
                uint256 length;
                if (method & VALUE_PRESENT == 0) {
                    length = uint16(item >> 232);
                    cursor += 3;
                } else {
                    amount = uint80(item >> 168);
                    length = uint16(item >> 152);
                    cursor += 13;
                }
                if (callGas == ATOMIC) {
                    _callOrRevert(rule, selector, amount, cursor, length);
                } else if (!_callWithin(callGas, rule, selector, cursor, length)) {
                    emit ISessionWallet.CallFailed(done, bytes4(uint32(selector)));
                }
                cursor += length;
                ++done;
            } while (cursor < end);
        }
    }

    /// @dev One call; the target's revert data is passed on unchanged.
    function _callOrRevert(
        uint256 target,
        uint256 selector,
        uint256 amount,
        uint256 args,
        uint256 length
    ) private {
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, shl(224, selector))
            calldatacopy(add(data, 4), args, length)
            if iszero(call(gas(), target, amount, data, add(length, 4), 0, 0)) {
                returndatacopy(data, 0, returndatasize())
                revert(data, returndatasize())
            }
        }
    }

    /// @dev One call without value and with its own gas. Refuses to make a call that would get
    /// less, so that whoever sends the transaction cannot make an action fail by starving it. What
    /// the target returns is not copied.
    function _callWithin(
        uint256 callGas,
        uint256 target,
        uint256 selector,
        uint256 args,
        uint256 length
    ) private returns (bool ok) {
        uint256 data;
        assembly ("memory-safe") {
            data := mload(0x40)
            mstore(data, shl(224, selector))
            calldatacopy(add(data, 4), args, length)
        }
        unchecked {
            // EIP-150 keeps back one 64th of what is left; callGas has 24 bits.
            if (gasleft() < CALL_OVERHEAD + callGas + callGas / 63 + 1) {
                revert ISessionWallet.InsufficientGas();
            }
        }
        assembly ("memory-safe") {
            ok := call(callGas, target, 0, data, add(length, 4), 0, 0)
        }
    }

    function _selector(uint256 rule, uint256 index) private pure returns (uint256) {
        return uint32(rule >> (160 + 32 * index));
    }

    function _peek(uint256 cursor) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(cursor)
        }
    }
}
