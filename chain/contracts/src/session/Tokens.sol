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
/// Memory of one token, `ROW` bytes: word T0 | balance | sum over calls | approved
library Tokens {
    uint256 private constant TRANSFER = TokenMethods.TRANSFER;
    uint256 private constant APPROVE = TokenMethods.APPROVE;

    uint256 private constant ROW = 0x80;
    uint256 private constant BALANCE = 0x20;
    uint256 private constant CALLED = 0x40;
    uint256 private constant APPROVED = 0x60;
    /// @dev Arguments of both methods, in bytes.
    uint256 private constant ARGS_LENGTH = 64;

    /// @dev Makes the calls of a plan and counts what they spend.
    /// @param s Slot of the session.
    /// @param word What that slot holds.
    function run(uint256 s, uint256 word, uint256 start, uint256 end, uint256 callGas) internal {
        (uint256 rows, uint256 rowsEnd) = _rows(s, Layout.tokenCount(word));
        bool named = _readNamed(s, word, start, end, rows, rowsEnd);
        if (named) {
            if (callGas != Batch.ATOMIC) revert ISessionWallet.IsolateForbidden();
            _hold(s, rows, rowsEnd, false);
        }
        unchecked {
            // Places in memory.
            for (uint256 at_ = start; at_ != end; at_ += 0x40) {
                Batch.run(start, at_, at_ + 0x40, callGas);
                _measure(rows, rowsEnd, _get(at_), _get(at_ + 0x20));
            }
        }
        if (named) {
            _resetApprovals(start, end);
            _measure(rows, rowsEnd, 0, 0);
        }
        _hold(s, rows, rowsEnd, true);
    }

    /// @dev One row per token, with the balance as it is now.
    function _rows(uint256 s, uint256 count) private view returns (uint256 rows, uint256 rowsEnd) {
        assembly ("memory-safe") {
            rows := mload(0x40)
            rowsEnd := add(rows, mul(count, ROW))
            mstore(0x40, rowsEnd)
        }
        uint256 slot = Layout.token(s, 0);
        unchecked {
            for (uint256 row = rows; row != rowsEnd; row += ROW) {
                uint256 limits = Layout.load(slot);
                _set(row, limits);
                _set(row + BALANCE, _balance(limits));
                _set(row + CALLED, 0);
                _set(row + APPROVED, 0);
                slot += 2;
            }
        }
    }

    /// @dev Adds up what the batch transfers and approves by name, before anything is called.
    /// @return named Whether it does either.
    function _readNamed(
        uint256 s,
        uint256 word,
        uint256 start,
        uint256 end,
        uint256 rows,
        uint256 rowsEnd
    ) private view returns (bool named) {
        unchecked {
            // At most 255 amounts below 2^128 are summed; the rest are places.
            for (uint256 at_ = start; at_ != end; at_ += 0x40) {
                uint256 target = _get(at_);
                uint256 call_ = _get(at_ + 0x20);
                uint256 selector = call_ >> 224;
                if (selector != TRANSFER && selector != APPROVE) continue;
                named = true;
                (uint256 who, uint256 amount) = _arguments(call_);
                if (uint16(call_ >> 208) != ARGS_LENGTH || who > type(uint160).max) {
                    revert ISessionWallet.TokenCallMalformed((at_ - start) >> 6);
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

    /// @dev Adds what a call took, by balance or by name, and notes the new balances.
    /// @param target First word of the call in the plan, and
    /// @param call_ the second; zero for none.
    function _measure(uint256 rows, uint256 rowsEnd, uint256 target, uint256 call_) private view {
        for (uint256 row = rows; row != rowsEnd;) {
            uint256 token = _get(row);
            uint256 balance = _balance(token);
            uint256 spent;
            unchecked {
                uint256 before = _get(row + BALANCE);
                if (balance < before) spent = before - balance;
            }
            if (call_ >> 224 == TRANSFER && _address(target) == _address(token)) {
                (, uint256 amount) = _arguments(call_);
                if (amount > spent) spent = amount;
            }
            _set(row + BALANCE, balance);
            // Checked: a token may claim any balance.
            if (spent != 0) _set(row + CALLED, _get(row + CALLED) + spent);
            unchecked {
                row += ROW;
            }
        }
    }

    /// @dev Holds what is spent against the caps, and stores it in the end. Before the calls the
    /// sums are those by name, and start again at zero.
    function _hold(uint256 s, uint256 rows, uint256 rowsEnd, bool last) private {
        uint256 slot = Layout.token(s, 0) + 1;
        for (uint256 row = rows; row != rowsEnd;) {
            uint256 spent = _get(row + CALLED);
            uint256 approved = _get(row + APPROVED);
            if (approved > spent) spent = approved;
            if (spent != 0) {
                uint256 token = _get(row);
                (uint256 perTx, uint256 total) = TokenWord.caps(token);
                if (spent > perTx) {
                    revert ISessionWallet.TokenPerTx(_address(token), perTx, spent);
                }
                uint256 sum = Layout.load(slot) + spent;
                if (sum > total) {
                    revert ISessionWallet.TokenTotal(_address(token), total, sum);
                }
                if (last) Layout.store(slot, sum);
            }
            if (!last) _set(row + CALLED, 0);
            unchecked {
                row += ROW;
                slot += 2;
            }
        }
    }

    /// @dev Nothing approved outlives the batch. Asks the token afterwards: its word that it set
    /// the allowance is not enough.
    function _resetApprovals(uint256 start, uint256 end) private {
        for (uint256 at_ = start; at_ != end; at_ += 0x40) {
            uint256 token = _get(at_);
            uint256 call_ = _get(at_ + 0x20);
            if (call_ >> 224 != APPROVE) continue;
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

    /// @dev The row of a token, or `rowsEnd`. Only the address in the lower 160 bits counts.
    function _rowOf(uint256 rows, uint256 rowsEnd, uint256 token)
        private
        pure
        returns (uint256 row)
    {
        unchecked {
            for (row = rows; row != rowsEnd; row += ROW) {
                if (_address(_get(row)) == _address(token)) break;
            }
        }
    }

    /// @dev The first two words of a call's arguments.
    function _arguments(uint256 call_) private pure returns (uint256 first, uint256 second) {
        assembly ("memory-safe") {
            let args := and(shr(80, call_), 0xffffffff)
            first := calldataload(args)
            second := calldataload(add(args, 0x20))
        }
    }

    /// @dev What the account holds of a token; bits above the address do not count.
    function _balance(uint256 token) private view returns (uint256 held) {
        bool told;
        assembly ("memory-safe") {
            mstore(0x00, 0x70a08231) // balanceOf(address)
            mstore(0x20, address())
            told := staticcall(gas(), token, 0x1c, 0x24, 0x00, 0x20)
            told := and(told, gt(returndatasize(), 0x1f))
            held := mload(0x00)
        }
        if (!told) revert ISessionWallet.TokenUnreadable(_address(token));
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
