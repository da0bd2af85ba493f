// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../src/ISessionWallet.sol";
import {Signing} from "./support/Signing.sol";

/// @dev Batches that the key signed and anybody submits.
contract RelaySessionTest is Signing {
    uint40 private constant DEADLINE = uint40(NOW + 60);

    function setUp() public override {
        super.setUp();
        SessionGrant memory g = terms();
        g.txLimit = 100;
        grant(g);
    }

    function message(uint40 sequence) private view returns (bytes memory) {
        return relayed(SESSION_KEY, sequence, DEADLINE, one());
    }

    function used(uint40 sequence) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.SequenceUsed.selector, sequence);
    }

    function old(uint40 sequence) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.SequenceTooOld.selector, sequence);
    }

    function test_runsOnce() public {
        submits(message(0));
        reached(1);
        submitRefused(message(0), used(0));
        vm.assertEq(wallet.session(key).replayWindow, 1, "told");
    }

    function test_anyOrderWithinTheWindow() public {
        uint40[6] memory order = [uint40(31), 0, 17, 5, 40, 9];
        for (uint256 i; i < 6; ++i) {
            submits(message(order[i]));
        }
        for (uint256 i; i < 6; ++i) {
            bytes memory reason = order[i] == 0 || order[i] == 5 ? old(order[i]) : used(order[i]);
            submitRefused(message(order[i]), reason);
        }
        submitRefused(message(8), old(8));
        submits(message(10));
        vm.assertEq(wallet.session(key).sequence, 40, "the highest");
        reached(7);
    }

    /// @dev The window against a list of all that ran.
    function testFuzz_eachRunsAtMostOnce(uint256 seed) public {
        bool[100] memory ran;
        uint256 highest;
        for (uint256 i; i < 20; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 sequence = seed % 100;
            bool expected = !ran[sequence] && sequence + 32 > highest;
            bytes memory data = message(uint40(sequence));
            (bool ok,) = account.call(data);
            vm.assertTrue(ok == expected, "in the window and new");
            if (ok) {
                ran[sequence] = true;
                if (sequence > highest) highest = sequence;
            }
        }
    }

    function test_farJumpEmptiesTheWindow() public {
        submits(message(3));
        submits(message(type(uint40).max));
        vm.assertEq(wallet.session(key).replayWindow, 1, "only the highest");
        submitRefused(message(type(uint40).max), used(type(uint40).max));
        submitRefused(message(4), old(4));
    }

    function test_deadlineIsTheLastSecond() public {
        vm.warp(DEADLINE);
        submits(message(1));
        vm.warp(DEADLINE + 1);
        submitRefused(
            message(2), abi.encodeWithSelector(ISessionWallet.SignatureExpired.selector, DEADLINE)
        );
    }

    function test_signatureIsOverEverything() public {
        bytes memory good = message(1);
        bytes memory wrong = plain(ISessionWallet.SignatureWrong.selector);
        // Sequence, deadline, r, s, v, an argument of the batch.
        uint8[6] memory places = [28, 33, 34, 97, 98, 134];
        for (uint256 i; i < 6; ++i) {
            bytes memory bad = bytes.concat(good);
            bad[places[i]] = bytes1(uint8(bad[places[i]]) ^ 1);
            submitRefused(bad, wrong);
        }
        submitRefused(relayed(OWNER_KEY, 1, DEADLINE, one()), wrong);
        submits(good);
    }

    function test_otherHalfOfTheCurveIsRefused() public {
        bytes memory data = message(1);
        uint256 s;
        assembly {
            s := mload(add(data, 98))
            s := sub(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141, s)
            mstore(add(data, 98), s)
        }
        data[98] = data[98] == 0x1b ? bytes1(0x1c) : bytes1(0x1b);
        submitRefused(data, plain(ISessionWallet.SignatureWrong.selector));
    }

    function test_otherAccountOrChain() public {
        bytes memory data = message(1);
        address first = account;
        useClone();
        SessionGrant memory g = terms();
        g.account = account;
        vm.prank(vm.addr(OWNER_KEY));
        wallet.grant(g);
        submitRefused(data, plain(ISessionWallet.SignatureWrong.selector));
        account = first;
        vm.chainId(5);
        submitRefused(data, plain(ISessionWallet.SignatureWrong.selector));
    }

    function test_unknownKeyAndShortData() public {
        bytes memory malformed = plain(ISessionWallet.MalformedBatch.selector);
        submitRefused(abi.encodePacked(wallet.relaySession.selector), malformed);
        bytes memory head = message(1);
        assembly {
            mstore(head, 99)
        }
        submitRefused(head, malformed);
        key = vm.addr(9);
        submitRefused(
            relayed(9, 1, DEADLINE, one()),
            abi.encodeWithSelector(ISessionWallet.SessionUnknown.selector, key)
        );
    }

    function test_refusedBatchBurnsNothing() public {
        bytes memory bad = relayed(SESSION_KEY, 1, DEADLINE, atomic(item(9, 0, "")));
        submitRefused(bad, abi.encodeWithSelector(ISessionWallet.RuleIndex.selector, 9));
        submits(message(1));
    }

    /// @dev Direct and relayed batches draw on one clock.
    function test_oneClock() public {
        SessionGrant memory g = terms();
        g.sessionKey = key = vm.addr(0xFACE);
        g.txLimit = 2;
        grant(g);
        acts(one());
        submits(relayed(0xFACE, 0, DEADLINE, one()));
        bytes memory limited =
            abi.encodeWithSelector(ISessionWallet.RateLimited.selector, NOW + 1);
        submitRefused(relayed(0xFACE, 1, DEADLINE, one()), limited);
        actRefused(one(), limited);
    }

    function test_worksOnAClone() public {
        useClone();
        SessionGrant memory g = terms();
        vm.prank(vm.addr(OWNER_KEY));
        wallet.grant(g);
        submits(message(7));
        reached(1);
    }
}
