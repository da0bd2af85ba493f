// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Layout
/// @notice Where a session lives in the account's storage, and what its words hold.
/// @dev Every slot but H depends on the epoch, a salt that nobody could know before the first
/// grant: what an earlier delegate planted is never read, and a new epoch ends every session.
///
/// H  epoch u160 | grant nonce u64 << 160 | live count u8 << 224 | 24 bits reserved
/// L  list entry i (0 to 31): session key
/// S  rate clock u56 | relayed sequence u40 << 56 | replay window u32 << 96 | validAfter u32 << 128
///    | validUntil u32 << 160 | txLimit u16 << 192 | txPeriod u24 << 208 | maxActionsPerTx u8 << 232
///    | rule count u4 << 240 | token count u3 << 244 | by name u1 << 247 | list index u8 << 248
/// C  nativePerTx u80 | nativeTotal u88 << 80 | nativeSpent u88 << 168          at S + 1
/// R  target u160 | three selectors u32 << 160, 192, 224; rules 0 to 7          at S + 2 + rule
/// T0 a token and its caps, see `TokenWord`; tokens 0 to 3                   at S + 10 + 2 token
/// T1 spent of it; nothing is stored here before something is spent          at S + 11 + 2 token
library Layout {
    /// @dev ERC-7201 slot of `latchkey.session.wallet`.
    uint256 internal constant H =
        0xaae0d965c3e80fe0fa5a7c2cf3e7de827e0c25a4716f0a38cfad7ce757cd4900;
    /// @dev Transient slot of the lock: keccak256("latchkey.session.lock").
    uint256 internal constant LOCK =
        0xfa859651cf7c318037f17bc3cc5f30868dade84b96f694ba96eef4f43317366d;

    uint256 internal constant MAX_SESSIONS = 32;
    uint256 internal constant MAX_RULES = 8;
    uint256 internal constant MAX_TOKENS = 4;
    uint256 internal constant SELECTORS_PER_RULE = 3;

    /// @dev S of a session that ended: no rules and no end, so that it is unknown to `act`, but
    /// not zero, so that its key cannot be granted again.
    uint256 internal constant ENDED = 1;

    /// @dev In S: the session may call `transfer` or `approve` of a token of its own. Without it
    /// nobody looks for them in a batch.
    uint256 internal constant BY_NAME = 1 << 247;
    /// @dev What `tokens` says of a session with one token and no method of it.
    uint256 internal constant ONE_TOKEN = 1;

    uint256 internal constant NONCE_ONE = 1 << 160;
    uint256 internal constant COUNT_ONE = 1 << 224;

    uint256 private constant CLOCK_MASK = type(uint56).max;
    uint256 private constant SEQUENCE_MASK = uint256(type(uint72).max) << 56;

    function load(uint256 slot) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(slot)
        }
    }

    function store(uint256 slot, uint256 word) internal {
        assembly ("memory-safe") {
            sstore(slot, word)
        }
    }

    /// @dev Slot S of `key`; C, R and T follow it. Hashes the 20 bytes of the epoch and a word.
    function session(uint256 header, address key) internal pure returns (uint256 slot) {
        assembly ("memory-safe") {
            mstore(0x00, header)
            mstore(0x20, shr(96, shl(96, key)))
            slot := keccak256(0x0c, 0x34)
        }
    }

    /// @dev Slot of list entry 0. The second word is no address, so it never meets a session.
    function list(uint256 header) internal pure returns (uint256 slot) {
        assembly ("memory-safe") {
            mstore(0x00, header)
            mstore(0x20, not(0))
            slot := keccak256(0x0c, 0x34)
        }
    }

    function caps(uint256 s) internal pure returns (uint256) {
        unchecked {
            // Slots are hashes; the few beyond them never reach 2^256.
            return s + 1;
        }
    }

    function rule(uint256 s, uint256 index) internal pure returns (uint256) {
        unchecked {
            return s + 2 + index;
        }
    }

    /// @dev Slot T0; T1 follows it.
    function token(uint256 s, uint256 index) internal pure returns (uint256) {
        unchecked {
            return s + 10 + 2 * index;
        }
    }

    function grantNonce(uint256 header) internal pure returns (uint64) {
        return uint64(header >> 160);
    }

    function count(uint256 header) internal pure returns (uint256) {
        return uint8(header >> 224);
    }

    function validAfter(uint256 word) internal pure returns (uint256) {
        return uint32(word >> 128);
    }

    /// @dev Zero for a session that never was or has ended.
    function validUntil(uint256 word) internal pure returns (uint256) {
        return uint32(word >> 160);
    }

    function txLimit(uint256 word) internal pure returns (uint256) {
        return uint16(word >> 192);
    }

    function txPeriod(uint256 word) internal pure returns (uint256) {
        return uint24(word >> 208);
    }

    function maxActions(uint256 word) internal pure returns (uint256) {
        return uint8(word >> 232);
    }

    function ruleCount(uint256 word) internal pure returns (uint256) {
        return (word >> 240) & 0xf;
    }

    function tokenCount(uint256 word) internal pure returns (uint256) {
        return (word >> 244) & 7;
    }

    /// @dev Token count and `byName` in one number; zero if the session has no tokens.
    function tokens(uint256 word) internal pure returns (uint256) {
        return (word >> 244) & 0xf;
    }

    function byName(uint256 word) internal pure returns (bool) {
        return word & BY_NAME != 0;
    }

    /// @dev Highest relayed sequence so far.
    function sequence(uint256 word) internal pure returns (uint256) {
        return uint40(word >> 56);
    }

    /// @dev Bit i: `sequence - i` was used.
    function replayWindow(uint256 word) internal pure returns (uint256) {
        return uint32(word >> 96);
    }

    /// @dev Both at once; they are neighbours.
    function setSequence(uint256 word, uint256 sequence_, uint256 window)
        internal
        pure
        returns (uint256)
    {
        return (word & ~SEQUENCE_MASK) | sequence_ << 56 | window << 96;
    }

    function listIndex(uint256 word) internal pure returns (uint256) {
        return word >> 248;
    }

    function setListIndex(uint256 word, uint256 index) internal pure returns (uint256) {
        return (word & type(uint248).max) | index << 248;
    }

    /// @dev The generic cell rate algorithm, a token bucket kept as one clock. The clock counts in
    /// parts of a second, of which a second has as many as the period has transactions: each
    /// transaction moves it on by `period` parts, from now at the earliest, and is refused if that
    /// takes it further ahead than a whole burst. Nothing is rounded.
    /// @return next The word with the clock moved on.
    /// @return allowed Whether the rate allows the transaction now.
    function tick(uint256 word) internal view returns (uint256 next, bool allowed) {
        unchecked {
            // What `_rate` says, written out: a shared function would not be inlined. Within a
            // session's window seconds fit 32 bits and with the limit 48; a burst fits 40 bits. So
            // the clock stays below 2^56 and beside the rest of the word.
            uint256 limit = txLimit(word);
            uint256 period = txPeriod(word);
            uint256 current = block.timestamp * limit;
            uint256 clock = word & CLOCK_MASK;
            uint256 ahead = _ahead(clock, current) + period;
            allowed = ahead <= limit * period;
            next = word - clock + current + ahead;
        }
    }

    /// @dev First second, from now on, at which the rate allows a transaction.
    function allowedAt(uint256 word) internal view returns (uint256) {
        (uint256 limit, uint256 period, uint256 ahead) = _rate(word);
        unchecked {
            // As in `tick`. All but one transaction may be ahead.
            uint256 free = (limit - 1) * period;
            if (ahead <= free) return block.timestamp;
            return block.timestamp + (ahead - free + limit - 1) / limit;
        }
    }

    /// @dev How many more transactions the rate allows now.
    function spare(uint256 word) internal view returns (uint256) {
        (uint256 limit, uint256 period, uint256 ahead) = _rate(word);
        unchecked {
            // The clock is never further ahead than a burst.
            return (limit * period - ahead) / period;
        }
    }

    /// @dev Limit and period, and how far the clock is ahead of now. Limit and period are at least
    /// one, as the grant proved.
    function _rate(uint256 word)
        private
        view
        returns (uint256 limit, uint256 period, uint256 ahead)
    {
        limit = txLimit(word);
        period = txPeriod(word);
        unchecked {
            // As in `tick`.
            ahead = _ahead(word & CLOCK_MASK, block.timestamp * limit);
        }
    }

    /// @dev Zero if the clock is behind, as it mostly is; without a jump.
    function _ahead(uint256 clock, uint256 current) private pure returns (uint256 ahead) {
        assembly ("memory-safe") {
            ahead := mul(gt(clock, current), sub(clock, current))
        }
    }
}
