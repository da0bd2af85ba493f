// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../ISessionWallet.sol";
import {Layout} from "./Layout.sol";

/// @title Batch
/// @notice The packed batch: big endian, no offsets, always the end of the calldata.
/// @dev Target and selector are indices into stored rules, so a call that was not granted has no
/// encoding. `plan` reads the bytes once, whole, and before the first call; `run` makes the calls
/// that the plan lists and never looks at an index, a length or a value again.
///
/// header: mode u8 (0 atomic, 1 isolate), and with isolate callGas u24
/// item:   method u8 (rule << 4 | value present << 3 | selector), value u80 if present,
///         length u16, arguments
///
/// A plan has two words for each call:
///   target u160; what lies above it is not looked at
///   value u80 | argument place u32 << 80 | argument length u16 << 208 | selector u32 << 224
library Batch {
    /// @dev Stands for the gas per call in atomic mode, where every call may use all there is.
    uint256 internal constant ATOMIC = type(uint256).max;

    /// @dev What a call without value costs before its own gas, rounded up: a cold account 2,600,
    /// the code it may delegate to another 2,600, and the few steps in between.
    uint256 private constant CALL_OVERHEAD = 6_000;

    uint256 private constant NO_FAULT = 0;
    uint256 private constant FAULT_FORM = 1;
    uint256 private constant FAULT_RULE = 2;
    uint256 private constant FAULT_SELECTOR = 3;
    uint256 private constant FAULT_COUNT = 4;

    /// @dev Where the items of the batch at `start` start, and the gas for each call: `ATOMIC`, or
    /// what isolate mode says.
    function header(uint256 start) internal pure returns (uint256 cursor, uint256 callGas) {
        unchecked {
            // A place in the calldata and a few bytes.
            uint256 word;
            assembly ("memory-safe") {
                word := calldataload(start)
            }
            (cursor, callGas) = (start + 1, ATOMIC);
            if (word >> 248 != 0) {
                if (word >> 248 != 1) revert ISessionWallet.MalformedBatch();
                (cursor, callGas) = (start + 4, (word >> 224) & 0xffffff);
            }
        }
    }

    /// @dev Walks the whole batch and refuses it unless every item is allowed and well formed and
    /// the last one ends with the calldata. Nothing overflows: the cursor grows by less than 2^17
    /// an item and the walk ends beyond the calldata; at most 255 values of 80 bits are summed.
    /// @param s Slot of the session.
    /// @param word What that slot holds.
    /// @param cursor Where the items start in the calldata.
    /// @return start Where the plan starts in memory.
    /// @return end Where it ends.
    /// @return value Sum of the items' values, in wei.
    function plan(uint256 s, uint256 word, uint256 cursor)
        internal
        view
        returns (uint256 start, uint256 end, uint256 value)
    {
        uint256 fault;
        uint256 index;
        assembly ("memory-safe") {
            start := mload(0x40)
            end := start
            let bound := calldatasize()
            // Where the plan of a batch with as many calls as the session allows ends.
            let full := add(start, shl(6, byte(2, word)))
            let rules := and(shr(240, word), 0xf)
            let loaded := not(0)
            let rule
            for {} 1 {} {
                let item := calldataload(cursor)
                let method := byte(0, item)
                index := shr(4, method)
                if xor(index, loaded) {
                    if iszero(lt(index, rules)) {
                        fault := FAULT_RULE
                        break
                    }
                    rule := sload(add(add(s, 2), index))
                    loaded := index
                }
                index := and(method, 3)
                // A fourth selector reads as zero, like one that the rule does not have.
                let call_ := shl(224, shr(add(160, shl(5, index)), rule))
                if iszero(call_) {
                    fault := FAULT_SELECTOR
                    break
                }
                let length := and(shr(232, item), 0xffff)
                let args := add(cursor, 3)
                let amount
                // Either the value is there or the reserved bit is set.
                if and(method, 12) {
                    amount := and(shr(168, item), 0xffffffffffffffffffff)
                    // A value of zero has its own, shorter form.
                    if or(and(method, 4), iszero(amount)) {
                        fault := FAULT_FORM
                        break
                    }
                    length := and(shr(152, item), 0xffff)
                    args := add(cursor, 13)
                    value := add(value, amount)
                }
                if eq(end, full) {
                    fault := FAULT_COUNT
                    break
                }
                mstore(end, rule)
                mstore(add(end, 0x20), or(or(call_, shl(208, length)), or(shl(80, args), amount)))
                end := add(end, 0x40)
                cursor := add(args, length)
                if iszero(lt(cursor, bound)) {
                    // FAULT_FORM is 1.
                    fault := gt(cursor, bound)
                    break
                }
            }
            mstore(0x40, end)
        }
        if (fault != NO_FAULT) _refuse(fault, index, word, cursor);
    }

    /// @dev Makes the calls from `from` to `end` of the plan that starts at `start`.
    function run(uint256 start, uint256 from, uint256 end, uint256 callGas) internal {
        if (callGas == ATOMIC) _runAtomic(from, end);
        else _runIsolated(start, from, end, callGas);
    }

    /// @dev The first revert ends the batch, and its data is passed on unchanged.
    function _runAtomic(uint256 from, uint256 end) private {
        assembly ("memory-safe") {
            let data := mload(0x40)
            for {} 1 {} {
                let word := mload(add(from, 0x20))
                let length := and(shr(208, word), 0xffff)
                // The selector comes first; what follows it is overwritten or not sent.
                mstore(data, word)
                calldatacopy(add(data, 4), and(shr(80, word), 0xffffffff), length)
                let value := and(word, 0xffffffffffffffffffff)
                if iszero(call(gas(), mload(from), value, data, add(length, 4), 0, 0)) {
                    returndatacopy(data, 0, returndatasize())
                    revert(data, returndatasize())
                }
                from := add(from, 0x40)
                if eq(from, end) { break }
            }
        }
    }

    /// @dev Every call has its own gas and fails alone. Refuses to make a call that would get
    /// less, so that whoever sends the transaction cannot make an action fail by starving it.
    /// Plans with value do not come here. What a target returns is not copied.
    function _runIsolated(uint256 start, uint256 from, uint256 end, uint256 callGas) private {
        unchecked {
            // EIP-150 keeps back one 64th of what is left; callGas has 24 bits.
            uint256 needed = CALL_OVERHEAD + callGas + callGas / 63 + 1;
            for (uint256 at_ = from; at_ != end; at_ += 0x40) {
                uint256 word;
                uint256 data;
                uint256 length;
                assembly ("memory-safe") {
                    data := mload(0x40)
                    word := mload(add(at_, 0x20))
                    length := and(shr(208, word), 0xffff)
                    mstore(data, word)
                    calldatacopy(add(data, 4), and(shr(80, word), 0xffffffff), length)
                }
                if (gasleft() < needed) revert ISessionWallet.InsufficientGas();
                bool ok;
                assembly ("memory-safe") {
                    ok := call(callGas, mload(at_), 0, data, add(length, 4), 0, 0)
                }
                if (!ok) {
                    bytes4 selector = bytes4(uint32(word >> 224));
                    emit ISessionWallet.CallFailed((at_ - start) >> 6, selector);
                }
            }
        }
    }

    /// @dev Names what is wrong. Bytes that end within an item are malformed, whatever else they
    /// seem to say.
    function _refuse(uint256 fault, uint256 index, uint256 word, uint256 cursor) private pure {
        if (fault == FAULT_FORM || cursor + 3 > msg.data.length) {
            revert ISessionWallet.MalformedBatch();
        }
        if (fault == FAULT_RULE) revert ISessionWallet.RuleIndex(index);
        if (fault == FAULT_SELECTOR) revert ISessionWallet.SelectorIndex(index);
        revert ISessionWallet.TooManyActions(Layout.maxActions(word));
    }
}
