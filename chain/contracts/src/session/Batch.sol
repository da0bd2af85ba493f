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
/// A plan has the calls one after the other, as they will be made:
///   target u160 << 96 | value u80 << 16 | argument length u16, in one word
///   the bytes of the call: selector and arguments
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
        // By hand: this loop and the one that runs the calls are what each further action costs.
        assembly ("memory-safe") {
            start := mload(0x40)
            end := start
            let left := byte(2, word)
            // The method of the item before; none at first.
            let last := not(0)
            let rule
            let call_
            for {} 1 {} {
                let item := calldataload(cursor)
                let method := byte(0, item)
                let changed := xor(method, last)
                if changed {
                    let index := shr(4, method)
                    if shr(4, changed) {
                        if iszero(lt(index, and(shr(240, word), 0xf))) {
                            fault := or(FAULT_RULE, shl(8, index))
                            break
                        }
                        rule := sload(add(add(s, 2), index))
                    }
                    index := and(method, 3)
                    // A fourth selector reads as zero, like one that the rule does not have.
                    call_ := shl(224, shr(add(160, shl(5, index)), rule))
                    if iszero(call_) {
                        fault := or(FAULT_SELECTOR, shl(8, index))
                        break
                    }
                    last := method
                }
                // Value and length, as they stand in the item and in the plan.
                let head := and(shr(232, item), 0xffff)
                let args := add(cursor, 3)
                // Either the value is there or the reserved bit is set.
                if and(method, 12) {
                    head := and(shr(152, item), 0xffffffffffffffffffffffff)
                    let amount := shr(16, head)
                    // A value of zero has its own, shorter form.
                    if or(and(method, 4), iszero(amount)) {
                        fault := FAULT_FORM
                        break
                    }
                    args := add(cursor, 13)
                    value := add(value, amount)
                }
                if iszero(left) {
                    fault := FAULT_COUNT
                    break
                }
                left := sub(left, 1)
                mstore(end, or(shl(96, rule), head))
                // The selector comes first; what follows it is overwritten or not sent.
                mstore(add(end, 0x20), call_)
                let length := and(head, 0xffff)
                end := add(end, 0x24)
                calldatacopy(end, args, length)
                end := add(end, length)
                cursor := add(args, length)
                if iszero(lt(cursor, calldatasize())) {
                    // FAULT_FORM is 1.
                    fault := gt(cursor, calldatasize())
                    break
                }
            }
            mstore(0x40, end)
        }
        if (fault != NO_FAULT) _refuse(fault, word, cursor);
    }

    /// @dev Where the call after the one at `place` starts, or the plan ends.
    function next(uint256 place) internal pure returns (uint256) {
        unchecked {
            // Places in memory.
            return place + 0x24 + uint16(_get(place));
        }
    }

    /// @dev Makes the calls of a plan. The first revert ends the batch, and its data is passed on
    /// unchanged.
    function runAtomic(uint256 from, uint256 end) internal {
        // By hand, as `plan`.
        assembly ("memory-safe") {
            for {} 1 {} {
                let head := mload(from)
                let data := add(from, 0x20)
                let size := add(and(head, 0xffff), 4)
                let value := and(shr(16, head), 0xffffffffffffffffffff)
                if iszero(call(gas(), shr(96, head), value, data, size, 0, 0)) {
                    returndatacopy(data, 0, returndatasize())
                    revert(data, returndatasize())
                }
                from := add(data, size)
                if eq(from, end) { break }
            }
        }
    }

    /// @dev Makes the calls from `from` to `end`, in either mode, of the plan that starts at
    /// `start`. In isolate mode every call has its own gas and fails alone, and none has value.
    /// Refuses to make a call that would get less gas, so that whoever sends the transaction cannot
    /// make an action fail by starving it. What a target returns is not copied.
    function run(uint256 start, uint256 from, uint256 end, uint256 callGas) internal {
        unchecked {
            // EIP-150 keeps back one 64th of what is left; callGas has 24 bits.
            bool atomic = callGas == ATOMIC;
            uint256 needed = atomic ? 0 : CALL_OVERHEAD + callGas + callGas / 63 + 1;
            for (uint256 place = from; place != end; place = next(place)) {
                if (gasleft() < needed) revert ISessionWallet.InsufficientGas();
                uint256 size = next(place) - place - 0x20;
                bool ok;
                assembly ("memory-safe") {
                    let head := mload(place)
                    let data := add(place, 0x20)
                    let value := and(shr(16, head), 0xffffffffffffffffffff)
                    ok := call(callGas, shr(96, head), value, data, size, 0, 0)
                    if gt(atomic, ok) {
                        returndatacopy(data, 0, returndatasize())
                        revert(data, returndatasize())
                    }
                }
                if (!ok) {
                    bytes4 selector = bytes4(bytes32(_get(place + 0x20)));
                    emit ISessionWallet.CallFailed(_count(start, place), selector);
                }
            }
        }
    }

    /// @dev How many calls a plan has between two places.
    function _count(uint256 place, uint256 end) private pure returns (uint256 calls) {
        for (; place != end; place = next(place)) ++calls;
    }

    function _get(uint256 place) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(place)
        }
    }

    /// @dev Names what is wrong. Fewer bytes than the three that every item has are malformed,
    /// whatever else they seem to say.
    /// @param fault What is wrong, and above it the index that is.
    function _refuse(uint256 fault, uint256 word, uint256 cursor) private pure {
        uint256 index = fault >> 8;
        fault = uint8(fault);
        if (fault == FAULT_FORM || cursor + 3 > msg.data.length) {
            revert ISessionWallet.MalformedBatch();
        }
        if (fault == FAULT_RULE) revert ISessionWallet.RuleIndex(index);
        if (fault == FAULT_SELECTOR) revert ISessionWallet.SelectorIndex(index);
        revert ISessionWallet.TooManyActions(Layout.maxActions(word));
    }
}
