// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SessionGrant, SessionView} from "../../src/ISessionWallet.sol";
import {Cheats} from "../attack/support/Cheats.sol";
import {Vm} from "../support/Vm.sol";

/// @title Ledger
/// @notice What really left the account and when, beside what was granted.
abstract contract Ledger {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    Cheats private constant CHEATS = Cheats(address(vm));

    /// @dev ERC-7201 slot of `latchkey.session.wallet`.
    bytes32 private constant HEADER =
        0xaae0d965c3e80fe0fa5a7c2cf3e7de827e0c25a4716f0a38cfad7ce757cd4900;

    struct Session {
        address key;
        uint256 epoch;
        /// Granted, and neither revoked nor evicted; expired ones may be live.
        bool live;
        uint256 start;
        uint256 end;
        uint256 perTxNative;
        uint256 totalNative;
        uint256 perTxCoins;
        uint256 totalCoins;
        uint256 limit;
        uint256 period;
        /// Gross, in wei and in 1e-18 coins.
        uint256 paid;
        uint256 coins;
        uint40 sequence;
        /// When each batch went through.
        uint256[] times;
    }

    Session[] internal sessions;
    /// @dev Slots that the account may write: of its header, lists and sessions.
    mapping(bytes32 slot => bool) private _ours;

    constructor() {
        _ours[HEADER] = true;
    }

    /// @dev Notes which slots of the account a step wrote, and refuses foreign ones.
    modifier watched() {
        CHEATS.record();
        _;
        (, bytes32[] memory writes) = CHEATS.accesses(_account());
        for (uint256 i; i < writes.length; ++i) {
            vm.assertTrue(_ours[writes[i]], "a slot outside the namespace");
        }
    }

    function _account() internal view virtual returns (address);

    function epoch() internal view returns (uint256) {
        return uint160(uint256(vm.load(_account(), HEADER)));
    }

    function sessionAt(uint256 index) external view returns (Session memory) {
        return sessions[index];
    }

    function sessionCount() external view returns (uint256) {
        return sessions.length;
    }

    /// @dev Enters a session, and notes whom a full list lost for it.
    function begin(SessionGrant memory g, SessionView[] memory listed) internal {
        uint256 now_ = epoch();
        _own(keccak256(abi.encodePacked(uint160(now_), type(uint256).max)), 32);
        _own(keccak256(abi.encodePacked(uint160(now_), uint256(uint160(g.sessionKey)))), 18);
        Session storage s = sessions.push();
        (s.key, s.epoch, s.live) = (g.sessionKey, now_, true);
        (s.start, s.end) = (g.validAfter, g.validUntil);
        (s.perTxNative, s.totalNative) = (g.nativePerTx, g.nativeTotal);
        (s.perTxCoins, s.totalCoins) = (g.tokens[0].perTx, g.tokens[0].total);
        (s.limit, s.period) = (g.txLimit, g.txPeriodSeconds);
        for (uint256 i; i < sessions.length; ++i) {
            if (!sessions[i].live || _isIn(sessions[i].key, listed)) continue;
            vm.assertTrue(sessions[i].end <= block.timestamp, "only an expired one makes room");
            vm.assertEq(listed.length, 32, "and only in a full list");
            sessions[i].live = false;
        }
    }

    function usable(Session storage s) internal view returns (bool) {
        return s.live && s.start <= block.timestamp && block.timestamp < s.end;
    }

    /// @dev Adds what one transaction cost, and holds it against the caps.
    function spend(uint256 index, uint256 paid, uint256 coins) internal {
        Session storage s = sessions[index];
        s.paid += paid;
        s.coins += coins;
        // A user operation that pays for itself is held against this cap twice: its fee, its batch.
        vm.assertTrue(paid <= 2 * s.perTxNative, "native value of a transaction");
        vm.assertTrue(s.paid <= s.totalNative, "native value of the session");
        vm.assertTrue(coins <= s.perTxCoins, "coins of a transaction");
        vm.assertTrue(s.coins <= s.totalCoins, "coins of the session");
    }

    /// @dev Adds a batch, and holds every span that ends now against the rate.
    function count(uint256 index) internal {
        Session storage s = sessions[index];
        s.times.push(block.timestamp);
        uint256 last = s.times.length;
        for (uint256 i; i < last; ++i) {
            uint256 span = block.timestamp - s.times[i];
            vm.assertTrue(
                (last - i - 1) * s.period <= s.limit * (s.period + span), "transactions in a span"
            );
        }
    }

    function _liveCount() internal view returns (uint256 n) {
        for (uint256 i; i < sessions.length; ++i) {
            if (sessions[i].live) ++n;
        }
    }

    function _own(bytes32 first, uint256 length) private {
        for (uint256 i; i < length; ++i) {
            _ours[bytes32(uint256(first) + i)] = true;
        }
    }

    function _isIn(address key, SessionView[] memory listed) private pure returns (bool) {
        for (uint256 i; i < listed.length; ++i) {
            if (listed[i].key == key) return true;
        }
        return false;
    }
}
