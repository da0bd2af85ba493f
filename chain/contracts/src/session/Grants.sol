// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant, TokenCap} from "../ISessionWallet.sol";
import {Forbidden} from "./Forbidden.sol";
import {GrantHash} from "./GrantHash.sol";
import {Layout} from "./Layout.sol";
import {Messages} from "./Messages.sol";
import {Owned} from "./Owned.sol";
import {Rules} from "./Rules.sol";
import {TokenProof} from "./TokenProof.sol";
import {UtcText} from "./UtcText.sol";

/// @title Grants
/// @notice The owner's side: beginning and ending sessions, by call or by signature.
/// @dev A key is granted at most once per epoch: ending a session leaves a mark in its slot. Over
/// epochs the grant nonce, which only grows, keeps an old grant from coming back; the revocation of
/// everything carries it too. The revocation of one key may be submitted again until its deadline:
/// it can only end a session.
abstract contract Grants is Owned {
    /// @dev What a grant will store: words R, words T0, a bit of word S; and its struct hash.
    struct Terms {
        uint256[] rules;
        uint256[] tokens;
        uint256 byName;
        bytes32 hash;
    }

    /// @dev No session lives longer than this, in seconds: a forgotten key must die on its own.
    uint256 private constant MAX_LIFETIME = 400 days;

    /// @inheritdoc ISessionWallet
    /// @dev The factory calls only the clone of its own caller.
    function grant(SessionGrant calldata g) external payable {
        if (msg.sender != _owner() && msg.sender != FACTORY) revert NotOwner();
        if (_locked()) revert Reentered();
        _begin(g, _read(g));
    }

    /// @inheritdoc ISessionWallet
    function grantWithSignature(SessionGrant calldata g, bytes calldata signature)
        external
        payable
        unlocked
    {
        Terms memory terms = _read(g);
        _checkOwnerSigned(terms.hash, signature);
        _begin(g, terms);
    }

    /// @inheritdoc ISessionWallet
    function revoke(address key) external onlyOwner unlocked {
        _end(key);
    }

    /// @inheritdoc ISessionWallet
    function revokeWithSignature(address key, uint40 deadline, bytes calldata signature)
        external
        unlocked
    {
        _checkInTime(deadline);
        _checkOwnerSigned(Messages.revocation(key, deadline), signature);
        _end(key);
    }

    /// @inheritdoc ISessionWallet
    function revokeAll() external onlyOwner unlocked {
        _endAll();
    }

    /// @inheritdoc ISessionWallet
    function revokeAllWithSignature(uint64 nonce, uint40 deadline, bytes calldata signature)
        external
        unlocked
    {
        _checkInTime(deadline);
        _checkNonce(Layout.load(Layout.H), nonce);
        _checkOwnerSigned(Messages.allRevocation(nonce, deadline), signature);
        _endAll();
    }

    /// @dev Stores a session that was read and agreed to, and sends the key its gas money.
    function _begin(SessionGrant calldata g, Terms memory terms) private {
        uint256 header = Layout.load(Layout.H);
        _checkNonce(header, g.grantNonce);
        // Nothing can have been granted at nonce 0, so whatever lies there is not ours.
        if (g.grantNonce == 0) header = _newEpoch(0);

        uint256 s = Layout.session(header, g.sessionKey);
        if (Layout.load(s) != 0) revert KeyUsed(g.sessionKey);
        uint256 index;
        (header, index) = _claimIndex(header, g.sessionKey);

        for (uint256 i; i < terms.rules.length; ++i) {
            Layout.store(Layout.rule(s, i), terms.rules[i]);
        }
        for (uint256 i; i < terms.tokens.length; ++i) {
            Layout.store(Layout.token(s, i), terms.tokens[i]);
        }
        if (g.nativePerTx | g.nativeTotal != 0) {
            Layout.store(Layout.caps(s), g.nativePerTx | g.nativeTotal << 80);
        }
        Layout.store(s, _pack(g, terms, index));
        Layout.store(Layout.H, header + Layout.NONCE_ONE);
        emit SessionGranted(g.sessionKey, terms.hash, g.validAfter, g.validUntil);
        _sendGasMoney(g.sessionKey);
    }

    function _end(address key) private {
        uint256 header = Layout.load(Layout.H);
        uint256 s = Layout.session(header, key);
        uint256 word = Layout.load(s);
        if (Layout.validUntil(word) == 0) revert SessionUnknown(key);

        // The last of the list moves into the gap.
        uint256 list = Layout.list(header);
        uint256 gap = Layout.listIndex(word);
        uint256 last = Layout.count(header) - 1;
        if (gap != last) {
            address moved = address(uint160(Layout.load(list + last)));
            Layout.store(list + gap, uint160(moved));
            uint256 movedSlot = Layout.session(header, moved);
            Layout.store(movedSlot, Layout.setListIndex(Layout.load(movedSlot), gap));
        }
        Layout.store(list + last, 0);
        Layout.store(s, Layout.ENDED);
        Layout.store(Layout.H, header - Layout.COUNT_ONE);
        emit SessionRevoked(key);
    }

    function _endAll() private {
        uint256 header = _newEpoch(Layout.load(Layout.H));
        Layout.store(Layout.H, header + Layout.NONCE_ONE);
        emit AllSessionsRevoked();
    }

    /// @dev The old nonce, no sessions, and an epoch that nobody could prepare slots for before
    /// this block. Code that the account delegated to earlier in this very block could: whoever
    /// leaves a delegate they do not trust lets a block pass before the first grant.
    function _newEpoch(uint256 header) private view returns (uint256) {
        uint256 epoch = uint160(
            uint256(keccak256(abi.encode(header, address(this), block.prevrandao, block.timestamp)))
        );
        return epoch | uint256(Layout.grantNonce(header)) << 160;
    }

    /// @dev A place in the list: the next one, or an expired session's when the list is full.
    function _claimIndex(uint256 header, address key)
        private
        returns (uint256 grown, uint256 index)
    {
        uint256 list = Layout.list(header);
        index = Layout.count(header);
        grown = header + Layout.COUNT_ONE;
        if (index == Layout.MAX_SESSIONS) {
            index = _evictExpired(header, list);
            grown = header;
        }
        Layout.store(list + index, uint160(key));
    }

    /// @dev Ends the first expired session. The search starts where the nonce points, so that
    /// it does not meet the newest ones first.
    function _evictExpired(uint256 header, uint256 list) private returns (uint256 index) {
        uint256 start = Layout.grantNonce(header);
        for (uint256 i; i < Layout.MAX_SESSIONS; ++i) {
            index = (start + i) % Layout.MAX_SESSIONS;
            address key = address(uint160(Layout.load(list + index)));
            uint256 s = Layout.session(header, key);
            if (Layout.validUntil(Layout.load(s)) <= block.timestamp) {
                Layout.store(s, Layout.ENDED);
                emit SessionRevoked(key);
                return index;
            }
        }
        revert TooManySessions(Layout.MAX_SESSIONS);
    }

    /// @dev Refuses what may not be granted, whoever asks, and proves what the human read.
    function _read(SessionGrant calldata g) private view returns (Terms memory terms) {
        address owner_ = _owner();
        _checkTerms(g, owner_);
        bytes32 methodsHash;
        (terms.rules, terms.byName, methodsHash) = Rules.read(g.methods, g.tokens);
        for (uint256 i; i < terms.rules.length; ++i) {
            address target = address(uint160(terms.rules[i]));
            if (Forbidden.target(target, owner_, IMPLEMENTATION, FACTORY)) {
                revert TargetForbidden(target);
            }
            if (target.code.length == 0) revert TargetWithoutCode(target);
        }
        bytes32 tokensHash;
        (terms.tokens, tokensHash) = _readTokens(g.tokens, owner_);
        terms.hash = GrantHash.grant(g, methodsHash, tokensHash);
    }

    function _readTokens(TokenCap[] calldata caps, address owner_)
        private
        view
        returns (uint256[] memory words, bytes32 tokensHash)
    {
        if (caps.length > Layout.MAX_TOKENS) revert TooManyTokens(Layout.MAX_TOKENS);
        words = new uint256[](caps.length);
        bytes32[] memory hashes = new bytes32[](caps.length);
        for (uint256 i; i < caps.length; ++i) {
            TokenCap calldata cap = caps[i];
            address token = cap.token;
            if (
                Forbidden.target(token, owner_, IMPLEMENTATION, FACTORY) || token.code.length == 0
            ) revert TokenForbidden(token);
            for (uint256 j; j < i; ++j) {
                if (caps[j].token == token) revert DuplicateToken(token);
            }
            (words[i], hashes[i]) = TokenProof.read(cap);
        }
        tokensHash = GrantHash.list(hashes);
    }

    /// @dev What needs neither storage nor a list.
    function _checkTerms(SessionGrant calldata g, address owner_) private view {
        if (g.account != address(this)) revert WrongAccount(g.account);
        if (block.timestamp > g.grantBefore) revert GrantLate(g.grantBefore);
        address key = g.sessionKey;
        if (
            Forbidden.low(key) || key == address(this) || key == owner_ || key == IMPLEMENTATION
                || key.code.length != 0
        ) revert KeyForbidden(key);
        uint256 end = g.validUntil;
        if (g.validAfter >= end || end <= block.timestamp || end > type(uint32).max) {
            revert WindowInvalid(g.validAfter, g.validUntil);
        }
        uint256 latest = block.timestamp + MAX_LIFETIME;
        if (end > latest) revert WindowTooLong(latest);
        if (!UtcText.matches(g.validUntilUtc, end)) revert DateTextWrong();
        if (g.txLimit == 0 || g.txPeriodSeconds == 0) revert FrequencyInvalid();
        if (g.maxActionsPerTx == 0) revert NoActions();
        if (g.nativePerTx > type(uint80).max || g.nativeTotal > type(uint88).max) {
            revert NativeCapTooLarge();
        }
    }

    function _checkNonce(uint256 header, uint64 given) private pure {
        uint64 nonce = Layout.grantNonce(header);
        if (given != nonce) revert WrongGrantNonce(nonce, given);
    }

    function _checkInTime(uint40 deadline) private view {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
    }

    /// @dev Word S with the clock at zero: a whole burst is free at first.
    function _pack(SessionGrant calldata g, Terms memory terms, uint256 index)
        private
        pure
        returns (uint256)
    {
        return uint256(g.validAfter) << 128 | uint256(g.validUntil) << 160 | uint256(g.txLimit)
            << 192 | uint256(g.txPeriodSeconds) << 208 | uint256(g.maxActionsPerTx) << 232
            | terms.rules.length << 240 | terms.tokens.length << 244 | terms.byName | index << 248;
    }

    /// @dev The key has no code, so nothing runs on the other side.
    function _sendGasMoney(address key) private {
        if (msg.value == 0) return;
        bool sent;
        assembly ("memory-safe") {
            sent := call(gas(), key, callvalue(), 0, 0, 0, 0)
        }
        if (!sent) revert GasMoneyNotSent();
    }
}
