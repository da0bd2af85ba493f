// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {EntryPoint} from "@account-abstraction/contracts/core/EntryPoint.sol";
import {
    PackedUserOperation as Operation
} from "@account-abstraction/contracts/interfaces/PackedUserOperation.sol";

import {ISessionWallet, PackedUserOperation, SessionGrant} from "../../src/ISessionWallet.sol";
import {WeakLanes} from "../weak/WeakRates.sol";
import {WeakAnyEntryPoint, WeakFee} from "../weak/WeakSignatures.sol";
import {Attack} from "./support/Attack.sol";
import {Signing} from "./support/Signing.sol";

/// @dev The three ways in, over the real EntryPoint 0.8: B19, C08, C10, D01, D03 and F03.
contract LanesTest is Attack {
    EntryPoint private constant ENTRY_POINT =
        EntryPoint(payable(0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108));
    uint128 private constant GAS = 500_000;
    address payable private bundler = payable(vm.addr(0xB0BB1E));

    function setUp() public override {
        super.setUp();
        vm.etch(address(ENTRY_POINT), address(new EntryPoint()).code);
    }

    function domain() private view returns (Signing.Domain memory) {
        return Signing.Domain(address(implementation), block.chainid);
    }

    function relayed(uint40 sequence) private view returns (bytes memory) {
        return
            Signing.relayed(domain(), account, SESSION_KEY, key, sequence, uint40(NOW + 60), one());
    }

    function executes(bytes memory batch) private view returns (bytes memory) {
        return abi.encodePacked(wallet.executeSession.selector, key, batch);
    }

    /// @dev An operation of the session key, signed for the EntryPoint as it stands.
    function operation(bytes memory callData, uint256 nonce, uint128 price)
        private
        view
        returns (Operation memory op)
    {
        op.sender = account;
        op.nonce = nonce;
        op.callData = callData;
        op.accountGasLimits = bytes32(uint256(GAS) << 128 | GAS);
        op.gasFees = bytes32(uint256(price));
        op.signature = Signing.signature(SESSION_KEY, ENTRY_POINT.getUserOpHash(op));
    }

    function handle(Operation memory op) private returns (bool ok, bytes memory answer) {
        Operation[] memory ops = new Operation[](1);
        ops[0] = op;
        cheats.prank(bundler, bundler);
        return address(ENTRY_POINT).call(abi.encodeCall(ENTRY_POINT.handleOps, (ops, bundler)));
    }

    function handles(Operation memory op) private {
        (bool ok, bytes memory answer) = handle(op);
        if (ok) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    function test_B19_feesAreCapped() public {
        WeakFee weak = new WeakFee(key);
        vm.deal(address(weak), 10 ether);
        bytes memory signature = Signing.signature(SESSION_KEY, bytes32(0));
        vm.prank(address(bundler));
        weak.validateUserOp(0, signature, 10 ether);
        vm.assertEq(bundler.balance, 10 ether, "the key bundled for itself");

        // Ours: a million gas of two halves at the price that the key likes. One ether a
        // transaction, three a session, and the fee is part of it.
        vm.deal(account, 100 ether);
        (bool ok,) = handle(operation(executes(one()), 0, 1.1e12));
        vm.assertFalse(ok, "more than one transaction may cost");
        for (uint256 i; i < 3; ++i) {
            handles(operation(executes(one()), i, 1e12));
        }
        vm.assertEq(wallet.session(key).nativeSpent, 3 ether, "the most that they may cost");
        (ok,) = handle(operation(executes(one()), 3, 1));
        vm.assertFalse(ok, "the budget is gone");
        vm.assertTrue(100 ether - account.balance <= 3 ether, "no more than was granted");
        // A session without a native cap pays nothing at all.
        SessionGrant memory g = terms();
        (g.sessionKey, g.nativePerTx, g.nativeTotal) = (vm.addr(2), 0, 0);
        grant(g);
        bytes memory data = abi.encodePacked(wallet.executeSession.selector, vm.addr(2), one());
        Operation memory op = operation(data, 3, 1);
        op.signature = Signing.signature(2, ENTRY_POINT.getUserOpHash(op));
        (ok,) = handle(op);
        vm.assertFalse(ok, "nothing");
    }

    function test_C08_oneCounterForAllLanes() public {
        WeakLanes weak = new WeakLanes();
        for (uint256 i; i < 10; ++i) {
            weak.act();
            weak.relaySession();
            weak.executeSession();
        }
        vm.assertEq(weak.sent(), 30, "three lanes, three limits");

        acts(one());
        handles(operation(executes(one()), 0, 0));
        (bool ok,) = tried(bundler, account, relayed(1));
        vm.assertTrue(ok, "three of five");
        handles(operation(executes(one()), 1, 0));
        acts(one());
        reached(5);
        bytes memory limited = abi.encodeWithSelector(ISessionWallet.RateLimited.selector, NOW + 1);
        actRefused(one(), limited);
        bytes memory answer;
        (ok, answer) = tried(bundler, account, relayed(2));
        vm.assertEq(answer, limited, "relayed");
        handles(operation(executes(one()), 2, 0));
        reached(5);
    }

    /// @dev Validation gives the same answer at any time, so no bundler finds it reading the clock;
    /// the window goes back to the EntryPoint, and the rate waits for the execution.
    function test_C10_validationReadsNoClock() public {
        Operation memory op = operation(executes(one()), 0, 0);
        bytes32 opHash = ENTRY_POINT.getUserOpHash(op);
        bytes memory data = abi.encodeWithSelector(wallet.validateUserOp.selector, op, opHash, 0);
        uint256[4] memory times = [NOW, NOW - 1 days, NOW + 3 hours, NOW + 900 days];
        bytes memory first;
        for (uint256 i; i < 4; ++i) {
            vm.warp(times[i]);
            (bool ok, bytes memory answer) = tried(address(ENTRY_POINT), account, data);
            vm.assertTrue(ok, "valid in form");
            if (i == 0) first = answer;
            vm.assertEq(answer, first, "the same at any time");
            (ok,) = handle(op);
            vm.assertTrue(ok == (i == 0), "and the EntryPoint heeds the window");
        }
        reached(1);
    }

    /// @dev What an operation may ask the account for: nothing but a batch.
    function test_D01_operationsOfOtherKinds() public {
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(0xBAD);
        bytes[6] memory calls = [
            abi.encodeCall(wallet.grant, (g)),
            abi.encodeCall(wallet.revokeAll, ()),
            abi.encodeCall(wallet.execute, (bytes32(0), bytes(""))),
            direct(one()),
            executes(""),
            abi.encodePacked(bytes4(0x8dd7712f), key, one())
        ];
        for (uint256 i; i < calls.length; ++i) {
            (bool ok,) = handle(operation(calls[i], 0, 0));
            vm.assertFalse(ok, "refused in validation");
        }
        vm.assertEq(wallet.sessions().length, 1, "as before");
        reached(0);
    }

    /// @dev Two operations of two keys in one bundle: each acts as itself, whoever was validated last.
    function test_D01_keysOfOneBundle() public {
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(2);
        g.methods = only(address(target), "fourth()");
        grant(g);
        Operation[] memory ops = new Operation[](2);
        ops[0] = operation(executes(atomic(item(0, 1, abi.encode(1)))), 0, 0);
        bytes memory data =
            abi.encodePacked(wallet.executeSession.selector, vm.addr(2), atomic(item(0, 0, "")));
        ops[1] = operation(data, 1 << 64, 0);
        ops[1].signature = Signing.signature(2, ENTRY_POINT.getUserOpHash(ops[1]));
        cheats.prank(bundler, bundler);
        ENTRY_POINT.handleOps(ops, bundler);
        vm.assertEq(target.last(), abi.encodeCall(target.fourth, ()), "the second's method");
        reached(2);
        vm.assertEq(wallet.session(key).remaining, 4, "one for the first");
        vm.assertEq(wallet.session(vm.addr(2)).remaining, 4, "one for the second");
        // Nor may one key sign for the other.
        Operation memory op = operation(data, 2 << 64, 0);
        (bool ok,) = handle(op);
        vm.assertFalse(ok, "signed by another key");
    }

    function test_F03_anotherEntryPoint() public {
        WeakAnyEntryPoint weak = new WeakAnyEntryPoint(key);
        bytes32 digest = keccak256(abi.encode(weak, uint256(0)));
        bytes memory signature = Signing.signature(SESSION_KEY, digest);
        for (uint160 i = 1; i < 3; ++i) {
            vm.prank(address(i << 100));
            weak.validateUserOp(0, signature);
        }
        vm.assertEq(weak.runs(), 2, "signed once, run by two EntryPoints");

        EntryPoint other = new EntryPoint();
        Operation memory op = operation(executes(one()), 0, 0);
        Operation[] memory ops = new Operation[](1);
        ops[0] = op;
        cheats.prank(bundler, bundler);
        (bool ok,) = address(other).call(abi.encodeCall(other.handleOps, (ops, bundler)));
        vm.assertFalse(ok, "not the account's EntryPoint");
        bytes memory answer;
        (ok, answer) = tried(key, account, executes(one()));
        vm.assertEq(answer, plain(ISessionWallet.NotEntryPoint.selector), "the key itself");
        handles(op);
        reached(1);
        (ok,) = handle(op);
        vm.assertFalse(ok, "once");
    }
}
