// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../../src/ISessionWallet.sol";
import {Target} from "../support/Target.sol";
import {
    WeakBurntNonce,
    WeakCachedDomain,
    WeakGrantWithoutKey,
    WeakNoAccount,
    WeakPerCallSignature,
    WeakPrepares
} from "../weak/WeakSignatures.sol";
import {WeakReenable, WeakSigner} from "../weak/WeakRights.sol";
import {Attack} from "./support/Attack.sol";
import {Signing} from "./support/Signing.sol";

/// @dev What owner and session key sign, and who else would like to use it: D07, E01, E02, E09 and
/// F01 to F11.
contract SignaturesTest is Attack {
    /// @dev The chain of tests. A constant, because a variable would be read again when it is used.
    uint256 private constant CHAIN = 31_337;

    address private thief = vm.addr(0xBAD);

    function domain() private view returns (Signing.Domain memory) {
        return Signing.Domain(address(implementation), block.chainid);
    }

    function relayed(uint40 sequence, bytes memory batch) private view returns (bytes memory) {
        return
            Signing.relayed(domain(), account, SESSION_KEY, key, sequence, uint40(NOW + 60), batch);
    }

    function relay(bytes memory data) private returns (bool ok, bytes memory answer) {
        return tried(thief, account, data);
    }

    function relays(bytes memory data) private {
        (bool ok, bytes memory answer) = relay(data);
        if (ok) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    function relayRefused(bytes memory data, bytes memory reason) private {
        (bool ok, bytes memory answer) = relay(data);
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, reason, "named");
    }

    function wrong() private pure returns (bytes memory) {
        return plain(ISessionWallet.SignatureWrong.selector);
    }

    function signed(uint256 privateKey, SessionGrant memory g)
        private
        view
        returns (bytes memory data)
    {
        bytes32 digest = Signing.digest(domain(), Signing.grantHash(g));
        bytes memory signature = Signing.signature(privateKey, digest);
        return abi.encodeCall(wallet.grantWithSignature, (g, signature));
    }

    function test_D07_sessionSignsForTheAccount() public {
        bytes32 hash = keccak256("Permit2: everything to the thief");
        bytes memory signature = Signing.signature(SESSION_KEY, hash);
        WeakSigner weak = new WeakSigner(key);
        vm.assertEq(
            bytes32(weak.isValidSignature(hash, signature)),
            bytes32(weak.isValidSignature.selector),
            "the weak account signed"
        );
        bytes32 no = bytes32(bytes4(0xffffffff));
        vm.assertEq(bytes32(wallet.isValidSignature(hash, signature)), no, "ours did not");
        bytes32 nested = Signing.digest(domain(), hash);
        signature = Signing.signature(SESSION_KEY, nested);
        vm.assertEq(bytes32(wallet.isValidSignature(nested, signature)), no, "in no form");
    }

    function test_E01_oldGrantSignature() public {
        // The weak one is WeakReenable, in Lifecycle.t.sol.
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(3);
        bytes memory data = signed(OWNER_KEY, g);
        relays(data);
        revoke(g.sessionKey);
        relayRefused(data, abi.encodeWithSelector(ISessionWallet.WrongGrantNonce.selector, 2, 1));
        g.grantNonce = 2;
        data = signed(OWNER_KEY, g);
        relayRefused(data, abi.encodeWithSelector(ISessionWallet.KeyUsed.selector, g.sessionKey));
        // What was signed and not submitted is void after revokeAll.
        g.sessionKey = vm.addr(4);
        data = signed(OWNER_KEY, g);
        vm.prank(account);
        wallet.revokeAll();
        relayRefused(data, abi.encodeWithSelector(ISessionWallet.WrongGrantNonce.selector, 3, 2));
    }

    function test_E02_grantForAnotherKey() public {
        WeakGrantWithoutKey weak = new WeakGrantWithoutKey(account);
        bytes32 digest = keccak256(abi.encode(weak, "a session", uint256(0)));
        weak.grant(thief, Signing.signature(OWNER_KEY, digest));
        vm.assertTrue(weak.sessions(thief), "whoever came first");

        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(3);
        bytes memory data = signed(OWNER_KEY, g);
        // Every word but the signature's: its first bit, which is never padding, and the last of
        // the fifteen fields. Not the offset of the tokens: there are none there, and none wherever
        // else it points to.
        uint256 changed;
        for (uint256 at_ = 36; at_ + 32 <= data.length - 128; at_ += 32) {
            for (uint256 bit; bit < 256; bit += 255) {
                if (bit == 0 && (at_ < 100 || at_ >= 100 + 15 * 32)) continue;
                if (at_ == 100 + 4 * 32) continue;
                bytes memory bent = bytes.concat(data);
                assembly {
                    mstore(add(bent, at_), xor(mload(add(bent, at_)), shl(bit, 1)))
                }
                (bool ok,) = relay(bent);
                vm.assertFalse(ok, "not what the owner signed");
                ++changed;
            }
        }
        vm.assertTrue(changed > 40, "all of the grant");
        relays(data);
        vm.assertFalse(works(thief), "the thief has nothing");
    }

    function test_E09_signatureThatPrepares() public {
        WeakPrepares weak = new WeakPrepares(account);
        vm.deal(address(weak), 1 ether);
        bytes memory send = abi.encodeCall(weak.send, (payable(thief)));
        weak.isValidSignature(0, abi.encode(weak, send, bytes("")));
        vm.assertEq(thief.balance, 1 ether, "asked for a signature, paid");

        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(3);
        bytes memory call_ = abi.encodeCall(Target.secret, ());
        bytes32 magic = 0x6492649264926492649264926492649264926492649264926492649264926492;
        bytes memory signature = bytes.concat(abi.encode(target, call_, bytes("")), magic);
        relayRefused(abi.encodeCall(wallet.grantWithSignature, (g, signature)), wrong());
        wallet.isValidSignature(0, signature);
        reached(0);
    }

    function test_F01_partOfABatch() public {
        WeakPerCallSignature weak = new WeakPerCallSignature(key);
        bytes1[] memory calls = new bytes1[](2);
        bytes[] memory signatures = new bytes[](2);
        for (uint256 i; i < 2; ++i) {
            calls[1 - i] = bytes1(uint8(65 + i));
            bytes32 digest = keccak256(abi.encode(weak, calls[1 - i]));
            signatures[1 - i] = Signing.signature(SESSION_KEY, digest);
        }
        weak.run(calls, signatures);
        vm.assertEq(weak.order(), "BA", "signed as AB, run as BA");

        bytes memory a = item(0, 0, abi.encode(1));
        bytes memory b = item(0, 1, abi.encode(2));
        bytes memory data = relayed(1, atomic(bytes.concat(a, b)));
        bytes memory head = bytes.concat(data);
        assembly {
            mstore(head, 99)
        }
        relayRefused(bytes.concat(head, atomic(a)), wrong());
        relayRefused(bytes.concat(head, atomic(b)), wrong());
        relayRefused(bytes.concat(head, atomic(bytes.concat(b, a))), wrong());
        relayRefused(bytes.concat(data, a), wrong());
        relayRefused(bytes.concat(data, hex"00"), wrong());
        relays(data);
        reached(2);
    }

    /// @dev Every single bit of a relayed call counts.
    function test_F01_everyBit() public {
        bytes memory data = relayed(1, one());
        for (uint256 i = 4; i < data.length; ++i) {
            bytes memory bent = bytes.concat(data);
            bent[i] ^= bytes1(uint8(1 << (i % 8)));
            (bool ok,) = relay(bent);
            vm.assertFalse(ok, "a bit changed");
        }
        relays(data);
        reached(1);
    }

    function test_F02_anotherAccount() public {
        WeakNoAccount here = new WeakNoAccount(key);
        WeakNoAccount there = new WeakNoAccount(key);
        bytes memory signature =
            Signing.signature(SESSION_KEY, keccak256(abi.encode("run", uint256(1))));
        here.run(1, signature);
        there.run(1, signature);
        vm.assertEq(there.runs(), 1, "signed once, run twice");

        address other = vm.addr(0xB0B);
        vm.etch(other, account.code);
        SessionGrant memory g = terms();
        (g.account, g.grantNonce) = (other, 0);
        vm.prank(other);
        ISessionWallet(other).grant(g);
        bytes memory data = relayed(1, one());
        relays(data);
        (bool ok, bytes memory answer) = tried(thief, other, data);
        vm.assertFalse(ok, "the same key, another account");
        vm.assertEq(answer, wrong(), "named");
    }

    function test_F04_anotherChain() public {
        WeakCachedDomain weak = new WeakCachedDomain(key);
        bytes memory signature =
            Signing.signature(SESSION_KEY, keccak256(abi.encode(block.chainid, weak)));
        bytes memory batch = relayed(1, one());
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(3);
        bytes memory grant_ = signed(OWNER_KEY, g);
        cheats.chainId(CHAIN + 1);
        weak.run(signature);
        vm.assertEq(weak.runs(), 1, "the fork took what was signed for its twin");

        relayRefused(batch, wrong());
        relayRefused(grant_, wrong());
        cheats.chainId(0);
        relayRefused(batch, wrong());
        cheats.chainId(CHAIN);
        relays(batch);
        relays(grant_);
    }

    function test_F06_sequences() public {
        WeakBurntNonce weak = new WeakBurntNonce(key);
        bytes memory data = abi.encodeCall(Target.first, (1));
        bytes32 digest = keccak256(abi.encode(weak, uint256(1), target, data));
        bytes memory signature = Signing.signature(SESSION_KEY, digest);
        weak.run{gas: 60_000}(1, address(target), data, signature);
        vm.assertTrue(weak.used(1), "thrown away");
        reached(0);

        SessionGrant memory g = terms();
        (key, g.sessionKey, g.txLimit) = (vm.addr(7), vm.addr(7), 200);
        g.methods[1].signature = "fail(uint256)";
        grant(g);
        // Failed: as if it had never been sent.
        bytes memory fails = sent(40, atomic(item(0, 1, abi.encode(1))));
        for (uint256 i; i < 3; ++i) {
            relayRefused(fails, abi.encodeWithSelector(Target.Refused.selector, 1));
        }
        vm.assertEq(uint256(wallet.session(key).sequence), 0, "not burnt");
        // Any order within the window, gaps and all; each once.
        uint40[6] memory order = [uint40(40), 9, 40, 25, 8, 9];
        bytes[6] memory refusals = [
            bytes(""),
            "",
            abi.encodeWithSelector(ISessionWallet.SequenceUsed.selector, 40),
            "",
            abi.encodeWithSelector(ISessionWallet.SequenceTooOld.selector, 8),
            abi.encodeWithSelector(ISessionWallet.SequenceUsed.selector, 9)
        ];
        for (uint256 i; i < 6; ++i) {
            if (refusals[i].length == 0) relays(sent(order[i], one()));
            else relayRefused(sent(order[i], one()), refusals[i]);
        }
        // Far ahead: nothing of the old window is left.
        relays(sent(type(uint40).max, one()));
        relayRefused(
            sent(41, one()), abi.encodeWithSelector(ISessionWallet.SequenceTooOld.selector, 41)
        );
        relayRefused(
            sent(type(uint40).max, one()),
            abi.encodeWithSelector(ISessionWallet.SequenceUsed.selector, type(uint40).max)
        );
        // Another session's sequences are its own.
        key = vm.addr(SESSION_KEY);
        relays(relayed(40, one()));
    }

    function sent(uint40 sequence, bytes memory batch) private view returns (bytes memory) {
        return Signing.relayed(domain(), account, 7, key, sequence, uint40(NOW + 60), batch);
    }

    function test_F06_deadlines() public {
        bytes memory data = relayed(1, one());
        vm.warp(NOW + 61);
        relayRefused(
            data, abi.encodeWithSelector(ISessionWallet.SignatureExpired.selector, NOW + 60)
        );
        vm.warp(NOW + 60);
        relays(data);
        reached(1);
    }

    /// @dev One signature has one form: neither the other s nor other lengths nor other ids.
    function test_F06_malleability() public {
        bytes memory data = relayed(1, one());
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes memory high = bytes.concat(data);
        assembly {
            // s ends at byte 98, v is byte 98.
            let place := add(add(high, 32), 66)
            mstore(place, sub(order, mload(place)))
        }
        high[98] = bytes1(uint8(55) - uint8(high[98]));
        relayRefused(high, wrong());
        for (uint256 v; v < 256; ++v) {
            if (bytes1(uint8(v)) == data[98]) continue;
            bytes memory bent = bytes.concat(data);
            bent[98] = bytes1(uint8(v));
            relayRefused(bent, wrong());
        }
        relays(data);
    }

    /// @dev The owner's signature over the plain digest counts, as it did before the account had
    /// code: permits go on working.
    function test_F11_plainDigestOfTheOwner() public view {
        bytes32 hash = keccak256("permit");
        bytes memory signature = Signing.signature(OWNER_KEY, hash);
        vm.assertEq(
            bytes32(wallet.isValidSignature(hash, signature)), bytes32(bytes4(0x1626ba7e)), "taken"
        );
        vm.assertEq(
            bytes32(wallet.isValidSignature(keccak256("another"), signature)),
            bytes32(bytes4(0xffffffff)),
            "for this digest"
        );
    }

    function test_F12_receivesTokens() public {
        bytes4[3] memory hooks = [bytes4(0x150b7a02), 0xf23a6e61, 0xbc197c81];
        for (uint256 i; i < 3; ++i) {
            (bool ok, bytes memory answer) =
                account.call(abi.encodePacked(hooks[i], new bytes(160)));
            vm.assertTrue(ok, "a safe transfer");
            vm.assertEq(abi.decode(answer, (bytes32)), bytes32(hooks[i]), "is answered");
        }
    }
}
