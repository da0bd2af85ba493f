// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../ISessionWallet.sol";
import {GrantHash} from "./GrantHash.sol";
import {Guard} from "./Guard.sol";
import {Layout} from "./Layout.sol";
import {Rules} from "./Rules.sol";
import {UtcText} from "./UtcText.sol";

/// @title Grants
/// @notice The owner's side: beginning and ending sessions.
/// @dev A key is granted at most once per epoch: ending a session leaves a mark in its slot. Over
/// epochs the grant nonce, which only grows, keeps an old grant from coming back.
abstract contract Grants is Guard {
    /// @dev No session lives longer than this, in seconds: a forgotten key must die on its own.
    uint256 private constant MAX_LIFETIME = 400 days;
    /// @dev Addresses up to this one are precompiles on some chain.
    uint256 private constant LAST_PRECOMPILE = 0xffff;

    /// @inheritdoc ISessionWallet
    function grant(SessionGrant calldata g) external payable onlyOwner {
        _checkTerms(g);
        uint256 header = Layout.load(Layout.H);
        uint64 nonce = Layout.grantNonce(header);
        if (g.grantNonce != nonce) revert WrongGrantNonce(nonce, g.grantNonce);
        // Nothing can have been granted at nonce 0, so whatever lies there is not ours.
        if (nonce == 0) header = _newEpoch(0);

        uint256 s = Layout.session(header, g.sessionKey);
        if (Layout.load(s) != 0) revert KeyUsed(g.sessionKey);
        uint256 index;
        (header, index) = _claimIndex(header, g.sessionKey);

        (uint256[] memory rules, bytes32 methodsHash) = Rules.read(g.methods, IMPLEMENTATION);
        for (uint256 i; i < rules.length; ++i) {
            Layout.store(Layout.rule(s, i), rules[i]);
        }
        if (g.nativePerTx | g.nativeTotal != 0) {
            Layout.store(Layout.caps(s), g.nativePerTx | g.nativeTotal << 80);
        }
        Layout.store(s, _pack(g, rules.length, index));
        Layout.store(Layout.H, header + Layout.NONCE_ONE);
        emit SessionGranted(
            g.sessionKey, GrantHash.grant(g, methodsHash), g.validAfter, g.validUntil
        );
        _sendGasMoney(g.sessionKey);
    }

    /// @inheritdoc ISessionWallet
    function revoke(address key) external onlyOwner {
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

    /// @inheritdoc ISessionWallet
    function revokeAll() external onlyOwner {
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

    /// @dev Everything that needs no storage, except the methods.
    function _checkTerms(SessionGrant calldata g) private view {
        if (g.account != address(this)) revert WrongAccount(g.account);
        if (block.timestamp > g.grantBefore) revert GrantLate(g.grantBefore);
        address key = g.sessionKey;
        if (
            uint160(key) <= LAST_PRECOMPILE || key == address(this) || key == IMPLEMENTATION
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
        if (g.tokens.length != 0) revert TokensUnsupported();
        if (g.nativePerTx > type(uint80).max || g.nativeTotal > type(uint88).max) {
            revert NativeCapTooLarge();
        }
    }

    /// @dev Word S with the clock at zero: a whole burst is free at first.
    function _pack(SessionGrant calldata g, uint256 rules, uint256 index)
        private
        pure
        returns (uint256)
    {
        return uint256(g.validAfter) << 128 | uint256(g.validUntil) << 160 | uint256(g.txLimit)
            << 192 | uint256(g.txPeriodSeconds) << 208 | uint256(g.maxActionsPerTx) << 232 | rules
            << 240 | index << 248;
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
