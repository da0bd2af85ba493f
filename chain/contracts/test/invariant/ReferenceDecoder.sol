// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../../src/ISessionWallet.sol";

/// @dev One call that a batch asks for.
struct Call {
    address target;
    uint256 value;
    bytes data;
}

/// @dev One rule, as a human would write it down.
struct Rule {
    address target;
    bytes4[] selectors;
}

/// @title ReferenceDecoder
/// @notice The packed batch once more, as the format's text reads: byte by byte, with no thought
/// of gas and no line in common with `Batch`.
contract ReferenceDecoder {
    /// @dev Reverts with the wallet's own error, or lists the calls.
    /// @return calls What the batch asks for, in order.
    /// @return callGas Gas of each call in isolate mode; the largest number in atomic mode.
    function decode(bytes calldata batch, Rule[] calldata rules, uint256 maxActions)
        external
        pure
        returns (Call[] memory calls, uint256 callGas)
    {
        if (batch.length == 0) revert ISessionWallet.MalformedBatch();
        uint256 cursor = 1;
        callGas = type(uint256).max;
        if (batch[0] == 0x01) {
            if (batch.length < 4) revert ISessionWallet.MalformedBatch();
            callGas = uint24(bytes3(batch[1:4]));
            cursor = 4;
        } else if (batch[0] != 0x00) {
            revert ISessionWallet.MalformedBatch();
        }
        calls = new Call[](maxActions);
        uint256 count;
        uint256 total;
        do {
            if (cursor + 3 > batch.length) revert ISessionWallet.MalformedBatch();
            (Call memory call_, uint256 next) = _item(batch, cursor, rules, count == maxActions);
            if (count == maxActions) revert ISessionWallet.TooManyActions(maxActions);
            calls[count++] = call_;
            total += call_.value;
            cursor = next;
        } while (cursor != batch.length);
        assembly {
            mstore(calls, count)
        }
        if (total != 0 && callGas != type(uint256).max) revert ISessionWallet.IsolateForbidden();
    }

    function _item(bytes calldata batch, uint256 cursor, Rule[] calldata rules, bool full)
        private
        pure
        returns (Call memory call_, uint256 next)
    {
        uint8 method = uint8(batch[cursor]);
        uint256 rule = method / 16;
        uint256 selector = method % 4;
        if (rule >= rules.length) revert ISessionWallet.RuleIndex(rule);
        if (selector >= rules[rule].selectors.length) {
            revert ISessionWallet.SelectorIndex(selector);
        }
        if (method / 4 % 2 == 1) revert ISessionWallet.MalformedBatch();
        ++cursor;
        if (method / 8 % 2 == 1) {
            uint256 value = _number(batch, cursor, 10);
            if (value == 0) revert ISessionWallet.MalformedBatch();
            call_.value = value;
            cursor += 10;
        }
        // One item too many is told whatever its length says.
        if (full) return (call_, 0);
        uint256 length = _number(batch, cursor, 2);
        cursor += 2;
        if (cursor + length > batch.length) revert ISessionWallet.MalformedBatch();
        call_.target = rules[rule].target;
        call_.data = bytes.concat(rules[rule].selectors[selector], batch[cursor:cursor + length]);
        next = cursor + length;
    }

    /// @dev Big endian; bytes beyond the end count as zero, and the caller finds the end itself.
    function _number(bytes calldata batch, uint256 from, uint256 size)
        private
        pure
        returns (uint256 number)
    {
        for (uint256 i = from; i < from + size; ++i) {
            number = number * 256 + (i < batch.length ? uint8(batch[i]) : 0);
        }
    }
}
