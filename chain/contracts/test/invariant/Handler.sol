// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ISessionWallet,
    Method,
    PackedUserOperation,
    SessionGrant,
    SessionView,
    TokenCap
} from "../../src/ISessionWallet.sol";
import {Arena, Coin} from "../attack/support/Arena.sol";
import {Scribbler} from "../attack/support/Scribbler.sol";
import {Signing} from "../attack/support/Signing.sol";
import {Texts} from "../attack/support/Texts.sol";
import {Vm} from "../support/Vm.sol";
import {Batches} from "./Batches.sol";
import {Ledger} from "./Ledger.sol";
import {TwoSteps} from "./TwoSteps.sol";

/// @dev The player, the thief of their keys, and time, as the fuzzer sends them on. What must hold
/// after each step is asserted where the step is made; what must hold always is in the invariants.
contract Handler is Ledger {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 private constant FIRST_KEY = 0x1000;
    uint256 private constant MAX_KEYS = 48;
    address private constant ENTRY_POINT = 0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108;

    ISessionWallet public immutable WALLET;
    Arena private immutable ARENA = new Arena();
    Coin private immutable COIN = ARENA.COIN();
    Scribbler private immutable SCRIBBLER = new Scribbler();
    address private immutable ACCOUNT;
    address private immutable OWNER;
    uint256 private immutable OWNER_KEY;
    Signing.Domain private _domain;

    /// @dev Relayed calldata that went through once.
    bytes[] private _relayed;
    uint256 private _operations;

    /// @dev How often each lane went through, and how often any was refused.
    uint256[3] public went;
    uint256 public refused;

    constructor(address account, uint256 ownerKey, address implementation) {
        (ACCOUNT, OWNER_KEY, OWNER) = (account, ownerKey, vm.addr(ownerKey));
        WALLET = ISessionWallet(account);
        _domain = Signing.Domain(implementation, block.chainid);
        vm.deal(account, 1_000 ether);
        vm.prank(address(ARENA));
        COIN.mint(account, 1_000 ether);
        vm.etch(ENTRY_POINT, address(new TwoSteps()).code);
        // A standing allowance, which only the balance can tell of.
        vm.prank(account);
        COIN.approve(address(ARENA), 500 ether);
    }

    // The owner.

    function grant(uint256 seed) external watched {
        if (sessions.length == MAX_KEYS) return;
        uint256 index = sessions.length;
        SessionGrant memory g = _terms(vm.addr(FIRST_KEY + index), seed);
        bytes memory data = abi.encodeCall(WALLET.grant, (g));
        if (seed % 2 == 0) {
            bytes32 digest = Signing.digest(_domain, Signing.grantHash(g));
            data = abi.encodeCall(
                WALLET.grantWithSignature, (g, Signing.signature(OWNER_KEY, digest))
            );
        }
        (bool ok,) = _send(seed % 2 == 0 ? address(this) : OWNER, data);
        if (!ok) {
            vm.assertTrue(_liveCount() == 32, "only a full list refuses such a grant");
            return;
        }
        begin(g, WALLET.sessions());
    }

    /// @dev Every key that ever was, once more, as the owner; in vain within its epoch.
    function grantAgain(uint256 seed) external watched {
        if (sessions.length == 0) return;
        uint256 index = seed % sessions.length;
        if (sessions[index].epoch != epoch()) return;
        SessionGrant memory g = _terms(sessions[index].key, seed);
        (bool ok,) = _send(OWNER, abi.encodeCall(WALLET.grant, (g)));
        vm.assertFalse(ok, "a key is granted once");
    }

    function revoke(uint256 seed) external watched {
        if (sessions.length == 0) return;
        uint256 index = seed % sessions.length;
        address key = sessions[index].key;
        bytes memory data = abi.encodeCall(WALLET.revoke, (key));
        if (seed >> 128 & 1 == 0) {
            uint40 deadline = uint40(block.timestamp);
            bytes32 digest = Signing.digest(_domain, Signing.revocationHash(ACCOUNT, key, deadline));
            bytes memory signature = Signing.signature(OWNER_KEY, digest);
            data = abi.encodeCall(WALLET.revokeWithSignature, (key, deadline, signature));
        }
        (bool ok,) = _send(seed >> 128 & 1 == 0 ? address(this) : OWNER, data);
        vm.assertTrue(ok == sessions[index].live, "exactly a session that is there can be ended");
        sessions[index].live = false;
    }

    function revokeAll(uint256 seed) external watched {
        // Seldom, or nothing ever lives.
        if (seed % 8 != 0) return;
        (bool ok,) = _send(OWNER, abi.encodeCall(WALLET.revokeAll, ()));
        vm.assertTrue(ok, "always possible");
        for (uint256 i; i < sessions.length; ++i) {
            sessions[i].live = false;
        }
    }

    // The key, whoever has it.

    function act(uint256 seed, uint256 lane) external watched {
        if (sessions.length == 0) return;
        _act(_pick(seed), lane % 3, Batches.drawn(seed, address(ARENA)));
    }

    /// @dev As many as the rate lets through, and one more.
    function burst(uint256 seed) external watched {
        if (sessions.length == 0) return;
        uint256 index = _pick(seed);
        bytes memory batch = Batches.drawn(seed, address(ARENA));
        for (uint256 i; i < 8; ++i) {
            _act(index, (seed >> i) % 3, batch);
        }
    }

    function actRaw(uint256 seed, uint256 lane, bytes calldata batch) external watched {
        if (sessions.length == 0) return;
        _act(_pick(seed), lane % 3, batch);
    }

    /// @dev What was relayed once is not relayed again, by nobody, at no time.
    function replay(uint256 seed) external watched {
        if (_relayed.length == 0) return;
        (bool ok,) = _send(address(this), _relayed[seed % _relayed.length]);
        vm.assertFalse(ok, "replayed");
    }

    // Everybody else.

    function stranger(uint256 seed, bytes calldata data) external watched {
        bytes4[8] memory entries = [
            WALLET.grant.selector,
            WALLET.revoke.selector,
            WALLET.revokeAll.selector,
            WALLET.execute.selector,
            WALLET.actAsKey.selector,
            WALLET.relaySession.selector,
            WALLET.executeSession.selector,
            WALLET.validateUserOp.selector
        ];
        uint256 plays = ARENA.plays();
        _send(address(0xBAD), bytes.concat(entries[seed % 8], data));
        vm.assertEq(ARENA.plays(), plays, "nothing was played");
    }

    /// @dev Between batches the game takes what was approved to it, if the session left anything.
    function grab(uint256 seed) external watched {
        uint256 standing = COIN.allowance(ACCOUNT, address(ARENA));
        vm.assertTrue(standing == 0 || standing <= 500 ether, "no approval outlives its batch");
        if (seed % 16 == 0 && standing > 1 ether) {
            vm.prank(address(0xBAD));
            ARENA.grab(ACCOUNT, 1 ether);
        }
    }

    function pass(uint256 seed) external {
        uint256 choice = seed % 4;
        uint256 by = choice == 0 ? 0 : choice == 3 ? (seed >> 8) % 120 : (seed >> 8) % 4;
        vm.warp(block.timestamp + by);
        vm.prevrandao(bytes32(seed));
    }

    /// @dev The account delegates elsewhere, where it writes what others write, and comes back.
    function elsewhere(uint256 seed) external {
        bytes memory code = ACCOUNT.code;
        if (code.length != 23) return;
        vm.etch(ACCOUNT, abi.encodePacked(hex"ef0100", address(SCRIBBLER)));
        Scribbler(ACCOUNT).write(seed % 8, seed);
        Scribbler(ACCOUNT).write(uint256(keccak256(abi.encode(seed % 8, 0))), seed);
        vm.etch(ACCOUNT, code);
    }

    // How.

    /// @dev Any key that ever was, three times of four one that is live.
    function _pick(uint256 seed) private view returns (uint256 index) {
        index = (seed >> 192) % sessions.length;
        if ((seed >> 224) % 4 == 0) return index;
        for (uint256 i; i < sessions.length; ++i) {
            uint256 other = (index + i) % sessions.length;
            if (sessions[other].live) return other;
        }
    }

    function _act(uint256 index, uint256 lane, bytes memory batch) private {
        Session storage session_ = sessions[index];
        uint256 paid = ARENA.paid(ACCOUNT);
        uint256 coins = COIN.outflow(ACCOUNT);
        uint256 plays = ARENA.plays();
        (bool ok, uint256 fee) = _through(index, lane, batch);
        paid = ARENA.paid(ACCOUNT) - paid + fee;
        coins = COIN.outflow(ACCOUNT) - coins;
        if (!ok) {
            ++refused;
            vm.assertEq(paid - fee, 0, "a refused batch pays nothing");
            vm.assertEq(coins, 0, "and takes nothing");
            vm.assertEq(ARENA.plays(), plays, "and plays nothing");
            if (fee != 0) spend(index, fee, 0);
            return;
        }
        ++went[lane];
        vm.assertTrue(usable(session_), "only a usable session acts");
        spend(index, paid, coins);
        count(index);
        SessionView memory v = WALLET.session(session_.key);
        vm.assertEq(v.nativeSpent, session_.paid, "the wallet counts the same native value");
        vm.assertTrue(v.tokens[0].spent >= session_.coins, "and no less of the token");
    }

    /// @return ok Whether the batch ran.
    /// @return fee What a user operation cost the session, in wei.
    function _through(uint256 index, uint256 lane, bytes memory batch)
        private
        returns (bool ok, uint256 fee)
    {
        address key = sessions[index].key;
        uint256 privateKey = FIRST_KEY + index;
        if (lane == 0) {
            (ok,) = _send(key, abi.encodePacked(WALLET.actAsKey.selector, batch));
        } else if (lane == 1) {
            uint40 sequence = ++sessions[index].sequence;
            bytes memory data = Signing.relayed(
                _domain, ACCOUNT, privateKey, key, sequence, uint40(block.timestamp + 9), batch
            );
            (ok,) = _send(address(this), data);
            if (ok) _relayed.push(data);
        } else {
            bytes memory data = abi.encodePacked(WALLET.executeSession.selector, key, batch);
            (ok, fee) = _operate(data, privateKey);
        }
    }

    /// @return ok Whether the operation's batch ran.
    /// @return fee What it cost, whether it ran or not, in wei.
    function _operate(bytes memory data, uint256 privateKey)
        private
        returns (bool ok, uint256 fee)
    {
        // Every third pays for itself, ten finney.
        uint128 price = _operations % 3 == 0 ? 10 gwei : 0;
        bytes32 opHash = keccak256(abi.encode(++_operations));
        PackedUserOperation memory op =
            Signing.operation(ACCOUNT, data, privateKey, opHash, 500_000, price);
        fee = 1_000_000 * uint256(price);
        uint256 before = ENTRY_POINT.balance;
        (bool valid, bytes memory answer) =
            ENTRY_POINT.call(abi.encodeCall(TwoSteps.handle, (op, opHash, fee)));
        if (!valid) fee = 0;
        else ok = abi.decode(answer, (bool));
        vm.assertEq(ENTRY_POINT.balance - before, fee, "prepaid if valid, nothing if not");
    }

    function _account() internal view override returns (address) {
        return ACCOUNT;
    }

    function _send(address from, bytes memory data) private returns (bool ok, bytes memory answer) {
        vm.prank(from);
        (ok, answer) = ACCOUNT.call(data);
    }

    function _terms(address key, uint256 seed) private view returns (SessionGrant memory g) {
        uint256 now_ = block.timestamp;
        g.account = ACCOUNT;
        g.sessionKey = key;
        g.methods = Batches.methods(address(ARENA), address(COIN));
        uint256 total = (seed >> 8) % 40;
        g.tokens = new TokenCap[](1);
        g.tokens[0] = TokenCap({
            token: address(COIN),
            symbol: "COIN",
            decimals: 18,
            perTx: (seed >> 16) % 20 * 1 ether,
            total: total * 1 ether,
            totalText: Texts.whole(total, "COIN")
        });
        g.nativePerTx = (seed >> 24) % 4 * 0.5 ether;
        g.nativeTotal = (seed >> 32) % 8 * 0.5 ether;
        g.txLimit = uint16(1 + (seed >> 40) % 7);
        g.txPeriodSeconds = uint24(1 + (seed >> 48) % 23);
        g.maxActionsPerTx = uint8(1 + (seed >> 56) % 8);
        g.validAfter = uint40((seed >> 64) % 3 == 0 ? now_ + 5 : 0);
        g.validUntil = uint40(now_ + 6 + (seed >> 72) % ((seed >> 80) % 3 == 0 ? 60 : 6_000));
        g.validUntilUtc = Texts.utc(g.validUntil);
        g.grantNonce = WALLET.grantNonce();
        g.grantBefore = uint40(now_);
    }
}
