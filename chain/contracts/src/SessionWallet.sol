// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "./ISessionWallet.sol";
import {Batch} from "./session/Batch.sol";
import {Grants} from "./session/Grants.sol";
import {Layout} from "./session/Layout.sol";
import {Receiver} from "./session/Receiver.sol";
import {Views} from "./session/Views.sol";

/// @title SessionWallet
/// @notice Lets session keys play for an account within limits that the account granted. The
/// account delegates to this contract under EIP-7702; its own key stays the owner.
/// @dev Trust boundary: the owner (a call from the account to itself) may do everything. A session
/// key may call only stored selectors of stored targets, within its window, rate and caps; targets
/// are trusted with what they are given and with nothing else. Anybody may send tokens and value.
/// There is no initializer, no delegatecall, no module and no upgrade.
contract SessionWallet is Grants, Views, Receiver {
    /// @inheritdoc ISessionWallet
    /// @dev The order is the protection: everything is checked and written before the first call.
    function act() external {
        if (_locked()) revert Reentered();
        _lock(true);
        uint256 s = Layout.session(Layout.load(Layout.H), msg.sender);
        uint256 word = Layout.load(s);
        _checkWindow(word);
        (uint256 cursor, uint256 callGas) = Batch.header();
        (uint256 start, uint256 end, uint256 value) = Batch.plan(s, word, cursor);
        if (value != 0) {
            if (callGas != Batch.ATOMIC) revert IsolateForbidden();
            _spend(Layout.caps(s), value);
        }
        (uint256 next, bool allowed) = Layout.tick(word);
        if (!allowed) revert RateLimited(Layout.allowedAt(word));
        Layout.store(s, next);
        Batch.run(start, end, callGas);
        _lock(false);
    }

    function _checkWindow(uint256 word) private view {
        uint256 start = Layout.validAfter(word);
        uint256 end = Layout.validUntil(word);
        unchecked {
            // One comparison for both ends: before the start, the difference wraps. A session that
            // does not exist starts and ends at zero.
            if (block.timestamp - start >= end - start) _refuseTime(start, end);
        }
    }

    function _refuseTime(uint256 start, uint256 end) private view {
        if (end == 0) revert SessionUnknown(msg.sender);
        if (block.timestamp < start) revert NotYetValid(uint40(start));
        revert Expired(uint40(end));
    }

    /// @dev Counts the batch's whole value, in wei. What a target pays back is not credited.
    function _spend(uint256 slot, uint256 value) private {
        uint256 caps = Layout.load(slot);
        uint256 perTx = uint80(caps);
        if (value > perTx) revert NativePerTx(perTx, value);
        uint256 total = uint88(caps >> 80);
        uint256 spent = (caps >> 168) + value;
        if (spent > total) revert NativeTotal(total, spent);
        Layout.store(slot, caps + (value << 168));
    }
}
