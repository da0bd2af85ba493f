// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../ISessionWallet.sol";
import {Batch} from "./Batch.sol";
import {Layout} from "./Layout.sol";
import {TokenMethods} from "./TokenMethods.sol";
import {TokenWord} from "./TokenWord.sol";

/// @title Tokens
/// @notice Runs the batch of a session with token caps: what left the account is counted, whichever
/// method took it.
/// @dev Spent of a token is the larger of what the batch approved and the sum over its calls of the
/// larger of what the call transferred by name and what the balance lost during it. A balance that
/// grows pays for nothing, neither within a call by name nor in another call.
///
/// Caps are held against this after the last call, and everything reverts when one is passed. So
/// isolate mode is no way around: a call that failed moved nothing, one that did not is measured.
/// The lock keeps every other batch, grant and revocation away until then; T1 is written once.
///
/// Memory of one token, `ROW` bytes:
///   word T0 | balance before the call | balance after it | sum over calls | approved
library Tokens {
    uint256 private constant TRANSFER = TokenMethods.TRANSFER;
    uint256 private constant APPROVE = TokenMethods.APPROVE;

    uint256 private constant ROW = 0xa0;
    uint256 private constant BEFORE = 0x20;
    uint256 private constant AFTER = 0x40;
    uint256 private constant CALLED = 0x60;
    uint256 private constant APPROVED = 0x80;
    /// @dev What a call of either method takes in a plan: target, selector and two arguments.
    uint256 private constant CALL_LENGTH = 0x20 + 4 + 64;
    /// @dev Stands for no call: no place in memory that a plan could have.
    uint256 private constant NONE = 0;

    /// @dev Makes the calls of a plan and counts what they spend.
    /// @param s Slot of the session.
    /// @param word What that slot holds.
    function run(uint256 s, uint256 word, uint256 start, uint256 end, uint256 callGas) internal {
        (uint256 rows, uint256 rowsEnd) = _rows(s, Layout.tokenCount(word));
        bool named = Layout.byName(word) && _names(start, end);
        if (named) {
            _readNamed(s, word, start, end, rows, rowsEnd);
            if (callGas != Batch.ATOMIC) revert ISessionWallet.IsolateForbidden();
            _hold(s, rows, rowsEnd, false);
        }
        bool counted = named;
        for (uint256 call_ = start; call_ != end;) {
            uint256 after_ = Batch.next(call_);
            Batch.run(start, call_, after_, callGas);
            if (_weigh(rows, rowsEnd, AFTER) != 0 || named) {
                _count(rows, rowsEnd, call_);
                counted = true;
            }
            call_ = after_;
        }
        if (named) {
            _resetApprovals(start, end);
            _weigh(rows, rowsEnd, AFTER);
            _count(rows, rowsEnd, NONE);
        }
        if (counted) _hold(s, rows, rowsEnd, true);
    }

    /// @dev The same for nearly every batch: the session has one token and no method of it, and
    /// the batch is atomic. `run` would count alike.
    function runOne(uint256 s, uint256 start, uint256 end) internal {
        uint256 slot = Layout.token(s, 0);
        uint256 token = Layout.load(slot);
        uint256 spent;
        // By hand, and `Batch.runAtomic` and `_weigh` in one: calls of functions and notes in
        // memory are most of what `run` costs.
        assembly ("memory-safe") {
            function unreadable(who) {
                mstore(0x00, 0x357adf62) // TokenUnreadable(address)
                mstore(0x20, shr(96, shl(96, who)))
                revert(0x1c, 0x24)
            }
            mstore(0x20, address())
            mstore(0x00, 0x70a08231) // balanceOf(address)
            // The last argument comes first.
            if iszero(
                and(gt(returndatasize(), 0x1f), staticcall(gas(), token, 0x1c, 0x24, 0x00, 0x20))
            ) { unreadable(token) }
            let before := mload(0x00)
            for { let from := start } 1 {} {
                let head := mload(from)
                let data := add(from, 0x20)
                let size := add(and(head, 0xffff), 4)
                let value := and(shr(16, head), 0xffffffffffffffffffff)
                if iszero(call(gas(), shr(96, head), value, data, size, 0, 0)) {
                    returndatacopy(data, 0, returndatasize())
                    revert(data, returndatasize())
                }
                from := add(data, size)
                mstore(0x00, 0x70a08231)
                if iszero(
                    and(
                        gt(returndatasize(), 0x1f),
                        staticcall(gas(), token, 0x1c, 0x24, 0x00, 0x20)
                    )
                ) { unreadable(token) }
                let held := mload(0x00)
                if lt(held, before) {
                    let lost := sub(before, held)
                    spent := add(spent, lost)
                    // A token may claim any balance: what overflows is above every cap.
                    if lt(spent, lost) { spent := not(0) }
                }
                before := held
                if eq(from, end) { break }
            }
        }
        if (spent != 0) Layout.store(slot + 1, _sum(slot, token, spent));
    }

    /// @dev One row per token, of which there is at least one, with the balance as it is now.
    function _rows(uint256 s, uint256 count) private view returns (uint256 rows, uint256 rowsEnd) {
        uint256 slot = Layout.token(s, 0);
        // By hand here, in `_names` and in `_weigh`: that is what a token cap costs every batch.
        assembly ("memory-safe") {
            rows := mload(0x40)
            rowsEnd := add(rows, mul(count, ROW))
            mstore(0x40, rowsEnd)
            for { let row := rows } 1 {} {
                mstore(row, sload(slot))
                mstore(add(row, CALLED), 0)
                mstore(add(row, APPROVED), 0)
                slot := add(slot, 2)
                row := add(row, ROW)
                if eq(row, rowsEnd) { break }
            }
        }
        _weigh(rows, rowsEnd, BEFORE);
    }

    /// @dev Notes in `column` what the account holds of each token.
    /// @return moved Zero if that is what it held before the call.
    function _weigh(uint256 rows, uint256 rowsEnd, uint256 column)
        private
        view
        returns (uint256 moved)
    {
        uint256 unreadable;
        assembly ("memory-safe") {
            mstore(0x20, address())
            for { let row := rows } 1 {} {
                let token := mload(row)
                mstore(0x00, 0x70a08231) // balanceOf(address)
                // The last argument comes first.
                if iszero(
                    and(
                        gt(returndatasize(), 0x1f),
                        staticcall(gas(), token, 0x1c, 0x24, 0x00, 0x20)
                    )
                ) {
                    unreadable := token
                    break
                }
                let held := mload(0x00)
                mstore(add(row, column), held)
                moved := or(moved, xor(held, mload(add(row, BEFORE))))
                row := add(row, ROW)
                if eq(row, rowsEnd) { break }
            }
        }
        // A word T0 is never zero.
        if (unreadable != 0) revert ISessionWallet.TokenUnreadable(_address(unreadable));
    }

    /// @dev Whether the batch transfers or approves by name.
    function _names(uint256 start, uint256 end) private pure returns (bool named) {
        (uint256 transfer, uint256 approve) = (TRANSFER, APPROVE);
        assembly ("memory-safe") {
            // As `_selector` and `Batch.next`.
            for { let call_ := start } 1 {} {
                let selector := shr(224, mload(add(call_, 0x20)))
                named := or(named, or(eq(selector, transfer), eq(selector, approve)))
                call_ := add(add(call_, 0x24), and(mload(call_), 0xffff))
                if eq(call_, end) { break }
            }
        }
    }

    /// @dev Adds up what the batch transfers and approves by name, before anything is called.
    function _readNamed(
        uint256 s,
        uint256 word,
        uint256 start,
        uint256 end,
        uint256 rows,
        uint256 rowsEnd
    ) private view {
        unchecked {
            // At most 255 amounts below 2^128 are summed; the rest are places.
            uint256 index;
            for (uint256 call_ = start; call_ != end; call_ = Batch.next(call_)) {
                uint256 target = _target(call_);
                uint256 selector = _selector(call_);
                ++index;
                if (selector != TRANSFER && selector != APPROVE) continue;
                (uint256 who, uint256 amount) = _arguments(call_);
                if (Batch.next(call_) != call_ + CALL_LENGTH || who > type(uint160).max) {
                    revert ISessionWallet.TokenCallMalformed(index - 1);
                }
                uint256 row = _rowOf(rows, rowsEnd, target);
                // A grant takes these methods only of its capped tokens.
                if (row == rowsEnd) revert ISessionWallet.TokenForbidden(_address(target));
                if (amount > type(uint128).max) {
                    (uint256 perTx,) = TokenWord.caps(_get(row));
                    revert ISessionWallet.TokenPerTx(_address(target), perTx, amount);
                }
                if (selector == APPROVE) {
                    if (_rowOf(rows, rowsEnd, who) != rowsEnd || !_isTarget(s, word, who)) {
                        revert ISessionWallet.SpenderForbidden(_address(who));
                    }
                    row += APPROVED;
                } else {
                    row += CALLED;
                }
                _set(row, _get(row) + amount);
            }
        }
    }

    /// @dev Adds what a call took, by balance or by name, and gets ready for the next one.
    /// @param call_ The call, or `NONE`.
    function _count(uint256 rows, uint256 rowsEnd, uint256 call_) private pure {
        for (uint256 row = rows; row != rowsEnd;) {
            (uint256 before, uint256 balance) = (_get(row + BEFORE), _get(row + AFTER));
            _set(row + BEFORE, balance);
            uint256 spent = balance < before ? before - balance : 0;
            if (
                call_ != NONE && _selector(call_) == TRANSFER
                    && _target(call_) == uint160(_get(row))
            ) {
                (, uint256 amount) = _arguments(call_);
                if (amount > spent) spent = amount;
            }
            // Checked: a token may claim any balance.
            _set(row + CALLED, _get(row + CALLED) + spent);
            unchecked {
                row += ROW;
            }
        }
    }

    /// @dev Holds what is spent against the caps, and stores it in the end. Before the calls the
    /// sums are those by name, and start again at zero.
    function _hold(uint256 s, uint256 rows, uint256 rowsEnd, bool last) private {
        uint256 slot = Layout.token(s, 0);
        for (uint256 row = rows; row != rowsEnd;) {
            uint256 spent = _get(row + CALLED);
            uint256 approved = _get(row + APPROVED);
            if (approved > spent) spent = approved;
            if (spent != 0) {
                uint256 sum = _sum(slot, _get(row), spent);
                if (last) Layout.store(slot + 1, sum);
            }
            if (!last) _set(row + CALLED, 0);
            unchecked {
                row += ROW;
                slot += 2;
            }
        }
    }

    /// @dev What the session has spent of the token whose word T0 is `token`, with `spent` more.
    /// @param slot Of that word.
    function _sum(uint256 slot, uint256 token, uint256 spent) private view returns (uint256 sum) {
        (uint256 perTx, uint256 total) = TokenWord.caps(token);
        if (spent > perTx) revert ISessionWallet.TokenPerTx(_address(token), perTx, spent);
        // Below 2^129: neither is above a cap.
        sum = Layout.load(slot + 1) + spent;
        if (sum > total) revert ISessionWallet.TokenTotal(_address(token), total, sum);
    }

    /// @dev Nothing approved outlives the batch. Asks the token afterwards: its word that it set
    /// the allowance is not enough.
    function _resetApprovals(uint256 start, uint256 end) private {
        for (uint256 call_ = start; call_ != end; call_ = Batch.next(call_)) {
            if (_selector(call_) != APPROVE) continue;
            uint256 token = _target(call_);
            (uint256 spender,) = _arguments(call_);
            bool reset;
            assembly ("memory-safe") {
                let data := mload(0x40)
                mstore(data, 0x095ea7b3) // approve(address,uint256)
                mstore(add(data, 0x20), spender)
                mstore(add(data, 0x40), 0)
                reset := call(gas(), token, 0, add(data, 0x1c), 0x44, 0, 0)
                mstore(data, 0xdd62ed3e) // allowance(address,address)
                mstore(add(data, 0x20), address())
                mstore(add(data, 0x40), spender)
                let told := staticcall(gas(), token, add(data, 0x1c), 0x44, data, 0x20)
                told := and(told, gt(returndatasize(), 0x1f))
                reset := and(reset, and(told, iszero(mload(data))))
            }
            if (!reset) revert ISessionWallet.ApprovalNotReset(_address(token), _address(spender));
        }
    }

    function _isTarget(uint256 s, uint256 word, uint256 who) private view returns (bool) {
        uint256 count = Layout.ruleCount(word);
        for (uint256 i; i < count; ++i) {
            if (uint160(Layout.load(Layout.rule(s, i))) == who) return true;
        }
        return false;
    }

    /// @dev The row of the token at an address, or `rowsEnd`.
    function _rowOf(uint256 rows, uint256 rowsEnd, uint256 token)
        private
        pure
        returns (uint256 row)
    {
        unchecked {
            for (row = rows; row != rowsEnd; row += ROW) {
                if (uint160(_get(row)) == token) break;
            }
        }
    }

    function _target(uint256 call_) private pure returns (uint256) {
        return _get(call_) >> 96;
    }

    function _selector(uint256 call_) private pure returns (uint256) {
        unchecked {
            // Places in memory, here and below.
            return _get(call_ + 0x20) >> 224;
        }
    }

    /// @dev The first two words of a call's arguments.
    function _arguments(uint256 call_) private pure returns (uint256 first, uint256 second) {
        unchecked {
            return (_get(call_ + 0x24), _get(call_ + 0x44));
        }
    }

    function _address(uint256 word) private pure returns (address) {
        return address(uint160(word));
    }

    function _get(uint256 place) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(place)
        }
    }

    function _set(uint256 place, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(place, word)
        }
    }
}
