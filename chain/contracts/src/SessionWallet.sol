// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "./ISessionWallet.sol";
import {Batch} from "./session/Batch.sol";
import {Grants} from "./session/Grants.sol";
import {Layout} from "./session/Layout.sol";
import {Messages} from "./session/Messages.sol";
import {NativeCap} from "./session/NativeCap.sol";
import {Operations} from "./session/Operations.sol";
import {Receiver} from "./session/Receiver.sol";
import {Sequence} from "./session/Sequence.sol";
import {Signatures} from "./session/Signatures.sol";
import {Tokens} from "./session/Tokens.sol";
import {Views} from "./session/Views.sol";

/// @title SessionWallet
/// @notice Lets session keys play for an account within limits that the account granted. The
/// account is an address that delegates to this contract under EIP-7702, whose own key stays the
/// owner; or a clone of it, whose owner is in its code.
/// @dev Trust boundary: the owner may do everything, by call or by signature. A session key may call
/// only stored selectors of stored targets, within its window, rate and caps, whichever of the three
/// ways it comes; targets are trusted with what they are given and with nothing else. EntryPoint 0.8
/// is trusted to validate before it executes. Anybody may submit what owner or key signed, and send
/// tokens and value. There is no initializer, no delegatecall, no module and no upgrade.
contract SessionWallet is Grants, Operations, Views, Receiver {
    /// @dev Where things stand in the calldata: after the selector the batch of `actAsKey`, or the
    /// key; after the key the batch of `executeSession`, or the rest of `actFor`'s.
    uint256 private constant ARGUMENTS = 4;
    uint256 private constant AFTER_KEY = 24;
    uint256 private constant DEADLINE_END = 34;
    uint256 private constant SIGNED_BATCH = 99;

    /// @inheritdoc ISessionWallet
    function actAsKey() external unlocked {
        _lock(true);
        (uint256 s, uint256 word) = _session(msg.sender);
        _act(s, word, ARGUMENTS);
        _lock(false);
    }

    /// @inheritdoc ISessionWallet
    function actFor() external unlocked {
        if (msg.data.length <= SIGNED_BATCH) revert MalformedBatch();
        _lock(true);
        uint256 head;
        assembly ("memory-safe") {
            // Key, sequence and deadline, from the bottom.
            head := shr(16, calldataload(ARGUMENTS))
        }
        address key = address(uint160(head >> 80));
        uint256 sequence = uint40(head >> 40);
        uint256 deadline = uint40(head);
        (uint256 s, uint256 word) = _session(key);
        if (block.timestamp > deadline) revert SignatureExpired(uint40(deadline));
        word = Sequence.take(word, sequence);
        bytes32 digest = Messages.digest(
            Messages.batch(key, sequence, deadline, SIGNED_BATCH), IMPLEMENTATION
        );
        // The key of a session is never zero.
        if (Signatures.signerAt(digest, DEADLINE_END) != key) revert SignatureWrong();
        _actNamed(s, word);
        _lock(false);
    }

    /// @inheritdoc ISessionWallet
    function executeSession() external onlyEntryPoint unlocked {
        _lock(true);
        (uint256 s, uint256 word) = _session(address(bytes20(msg.data[ARGUMENTS:])));
        _actNamed(s, word);
        _lock(false);
    }

    /// @dev The batch of the two ways that name the key. They share one copy of what follows, and
    /// `actAsKey` has its own: with a place that is known the compiler would make one for each.
    function _actNamed(uint256 s, uint256 word) private {
        _act(s, word, msg.sig == this.executeSession.selector ? AFTER_KEY : SIGNED_BATCH);
    }

    /// @dev The order is the protection: everything is checked and written before the first call,
    /// but for tokens, which are counted while the lock holds and refuse the whole.
    /// @param s Slot of the session.
    /// @param word What is to be stored there, but for the clock.
    /// @param batch Where the batch starts in the calldata.
    function _act(uint256 s, uint256 word, uint256 batch) private {
        (uint256 cursor, uint256 callGas) = Batch.header(batch);
        (uint256 start, uint256 end, uint256 value) = Batch.plan(s, word, cursor);
        if (value != 0) {
            if (callGas != Batch.ATOMIC) revert IsolateForbidden();
            NativeCap.spend(s, value);
        }
        (uint256 next, bool allowed) = Layout.tick(word);
        if (!allowed) revert RateLimited(Layout.allowedAt(word));
        Layout.store(s, next);
        if (Layout.tokenCount(word) == 0) Batch.run(start, start, end, callGas);
        else Tokens.run(s, word, start, end, callGas);
    }

    /// @dev Slot S of `key` and what it holds; refuses outside the session's window.
    function _session(address key) private view returns (uint256 s, uint256 word) {
        uint256 header = Layout.load(Layout.H);
        // `Layout.session`, written out: the shared function would not be inlined.
        assembly ("memory-safe") {
            mstore(0x00, shr(96, shl(96, header)))
            mstore(0x20, shr(96, shl(96, key)))
            s := keccak256(0x00, 0x40)
        }
        word = Layout.load(s);
        uint256 start = Layout.validAfter(word);
        uint256 end = Layout.validUntil(word);
        unchecked {
            // One comparison for both ends: before the start, the difference wraps. A session that
            // does not exist starts and ends at zero.
            if (block.timestamp - start >= end - start) _refuseTime(key, start, end);
        }
    }

    function _refuseTime(address key, uint256 start, uint256 end) private view {
        if (end == 0) revert SessionUnknown(key);
        if (block.timestamp < start) revert NotYetValid(uint40(start));
        revert Expired(uint40(end));
    }
}
