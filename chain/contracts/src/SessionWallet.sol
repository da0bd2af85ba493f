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
    /// key; after the key the batch of `executeSession`, or the rest of `relaySession`'s.
    uint256 private constant ARGUMENTS = 4;
    uint256 private constant AFTER_KEY = 24;
    uint256 private constant DEADLINE_END = 34;
    uint256 private constant SIGNED_BATCH = 99;

    /// @inheritdoc ISessionWallet
    function actAsKey() external unlocked {
        _lock(true);
        (uint256 s, uint256 word) = _session(uint160(msg.sender));
        (uint256 start, uint256 end, uint256 callGas) = _admit(s, word, ARGUMENTS);
        _run(start, end, callGas, s, word);
    }

    /// @inheritdoc ISessionWallet
    function relaySession() external unlocked {
        if (msg.data.length <= SIGNED_BATCH) revert MalformedBatch();
        _lock(true);
        uint256 head;
        assembly ("memory-safe") {
            // Key, sequence and deadline, from the bottom.
            head := shr(16, calldataload(ARGUMENTS))
        }
        uint256 key = uint160(head >> 80);
        uint256 sequence = uint40(head >> 40);
        uint256 deadline = uint40(head);
        (uint256 s, uint256 word) = _session(key);
        if (block.timestamp > deadline) revert SignatureExpired(uint40(deadline));
        word = Sequence.take(word, sequence);
        bytes32 digest =
            Messages.batchDigest(key, sequence, deadline, SIGNED_BATCH, IMPLEMENTATION);
        // The key of a session is never zero.
        if (!Signatures.isBy(key, digest, DEADLINE_END)) revert SignatureWrong();
        _actNamed(s, word);
    }

    /// @inheritdoc ISessionWallet
    function executeSession() external onlyEntryPoint unlocked {
        _lock(true);
        (uint256 s, uint256 word) = _session(uint160(bytes20(msg.data[ARGUMENTS:])));
        _actNamed(s, word);
    }

    /// @dev The batch of the two ways that name the key. They share one copy of what follows, and
    /// `actAsKey` has its own: with a place that is known the compiler would make one for each.
    function _actNamed(uint256 s, uint256 word) private {
        uint256 batch = msg.sig == this.executeSession.selector ? AFTER_KEY : SIGNED_BATCH;
        (uint256 start, uint256 end, uint256 callGas) = _admit(s, word, batch);
        _run(start, end, callGas, s, word);
    }

    /// @dev The order is the protection: everything is checked and written before the first call,
    /// but for tokens, which are counted while the lock holds and refuse the whole.
    /// @param s Slot of the session.
    /// @param word What is to be stored there, but for the clock.
    /// @param batch Where the batch starts in the calldata.
    function _admit(uint256 s, uint256 word, uint256 batch)
        private
        returns (uint256 start, uint256 end, uint256 callGas)
    {
        uint256 cursor;
        uint256 value;
        (cursor, callGas) = Batch.header(batch);
        (start, end, value) = Batch.plan(s, word, cursor);
        if (value != 0) {
            if (callGas != Batch.ATOMIC) revert IsolateForbidden();
            NativeCap.spend(s, value);
        }
        (uint256 next, bool allowed) = Layout.tick(word);
        if (!allowed) revert RateLimited(Layout.allowedAt(word));
        Layout.store(s, next);
    }

    /// @dev Makes the calls, and ends the execution when they are made.
    function _run(uint256 start, uint256 end, uint256 callGas, uint256 s, uint256 word) private {
        uint256 tokens = Layout.tokens(word);
        // Zero or one only if the batch is atomic.
        uint256 way = tokens | ~callGas;
        if (way == 0) {
            Batch.runAtomic(start, end);
            _leave();
        }
        if (way == Layout.ONE_TOKEN) {
            Tokens.runOne(s, start, end);
            _leave();
        }
        if (tokens == 0) Batch.run(start, start, end, callGas);
        else Tokens.run(s, word, start, end, callGas);
        _leave();
    }

    /// @dev The only way out of a batch that ran: opens the lock and ends the execution. To return
    /// through every function would do nothing else.
    function _leave() private {
        _lock(false);
        assembly ("memory-safe") {
            stop()
        }
    }

    /// @dev Slot S of `key` and what it holds; refuses outside the session's window.
    function _session(uint256 key) private view returns (uint256 s, uint256 word) {
        uint256 header = Layout.load(Layout.H);
        // `Layout.session`, written out: the shared function would not be inlined.
        assembly ("memory-safe") {
            mstore(0x00, header)
            mstore(0x20, key)
            s := keccak256(0x0c, 0x34)
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

    function _refuseTime(uint256 key, uint256 start, uint256 end) private view {
        if (end == 0) revert SessionUnknown(address(uint160(key)));
        if (block.timestamp < start) revert NotYetValid(uint40(start));
        revert Expired(uint40(end));
    }
}
