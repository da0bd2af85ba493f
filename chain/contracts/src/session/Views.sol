// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, MethodView, SessionView, TokenView} from "../ISessionWallet.sol";
import {Guard} from "./Guard.sol";
import {Layout} from "./Layout.sol";
import {Messages} from "./Messages.sol";
import {TokenWord} from "./TokenWord.sol";

/// @title Views
/// @notice Every field of every session, decoded: a panel needs neither an indexer nor the key.
abstract contract Views is Guard {
    /// @inheritdoc ISessionWallet
    function sessions() external view returns (SessionView[] memory views) {
        uint256 header = Layout.load(Layout.H);
        uint256 list = Layout.list(header);
        views = new SessionView[](Layout.count(header));
        for (uint256 i; i < views.length; ++i) {
            views[i] = _view(header, address(uint160(Layout.load(list + i))));
        }
    }

    /// @inheritdoc ISessionWallet
    function session(address key) external view returns (SessionView memory) {
        return _view(Layout.load(Layout.H), key);
    }

    /// @inheritdoc ISessionWallet
    function grantNonce() external view returns (uint64) {
        return Layout.grantNonce(Layout.load(Layout.H));
    }

    /// @inheritdoc ISessionWallet
    function factory() external view returns (address) {
        return FACTORY;
    }

    /// @inheritdoc ISessionWallet
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        // Name, version, chain and contract; no salt and no extensions.
        fields = 0x0f;
        (name, version) = (Messages.NAME, Messages.VERSION);
        (chainId, verifyingContract) = (block.chainid, IMPLEMENTATION);
        (salt, extensions) = (0, new uint256[](0));
    }

    function _view(uint256 header, address key) private view returns (SessionView memory v) {
        uint256 s = Layout.session(header, key);
        uint256 word = Layout.load(s);
        if (Layout.validUntil(word) == 0) revert SessionUnknown(key);
        uint256 caps = Layout.load(Layout.caps(s));
        v.key = key;
        v.methods = _methods(s, Layout.ruleCount(word));
        v.tokens = _tokens(s, Layout.tokenCount(word));
        v.nativePerTx = uint80(caps);
        v.nativeTotal = uint88(caps >> 80);
        v.nativeSpent = caps >> 168;
        v.txLimit = uint16(Layout.txLimit(word));
        v.txPeriodSeconds = uint24(Layout.txPeriod(word));
        v.maxActionsPerTx = uint8(Layout.maxActions(word));
        v.validAfter = uint40(Layout.validAfter(word));
        v.validUntil = uint40(Layout.validUntil(word));
        if (v.validAfter <= block.timestamp && block.timestamp < v.validUntil) {
            v.remaining = uint16(Layout.spare(word));
        }
        uint256 allowedAt = Layout.allowedAt(word);
        v.nextAllowedAt = allowedAt < v.validAfter ? v.validAfter : uint40(allowedAt);
        v.sequence = uint40(Layout.sequence(word));
        v.replayWindow = uint32(Layout.replayWindow(word));
    }

    function _tokens(uint256 s, uint256 count) private view returns (TokenView[] memory found) {
        found = new TokenView[](count);
        for (uint256 i; i < count; ++i) {
            uint256 token = Layout.load(Layout.token(s, i));
            (uint256 perTx, uint256 total) = TokenWord.caps(token);
            uint256 spent = Layout.load(Layout.token(s, i) + 1);
            found[i] = TokenView(address(uint160(token)), perTx, total, spent);
        }
    }

    function _methods(uint256 s, uint256 rules) private view returns (MethodView[] memory found) {
        found = new MethodView[](rules * Layout.SELECTORS_PER_RULE);
        uint256 n;
        for (uint256 i; i < rules; ++i) {
            uint256 rule = Layout.load(Layout.rule(s, i));
            for (uint256 j; j < Layout.SELECTORS_PER_RULE; ++j) {
                uint32 selector = uint32(rule >> (160 + 32 * j));
                if (selector == 0) break;
                found[n++] =
                    MethodView(address(uint160(rule)), bytes4(selector), uint8(i), uint8(j));
            }
        }
        assembly ("memory-safe") {
            mstore(found, n)
        }
    }
}
