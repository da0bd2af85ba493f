// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../../src/ISessionWallet.sol";
import {Target} from "../support/Target.sol";
import {
    WeakEmptyBatch,
    WeakLastWord,
    WeakOffset,
    WeakOverlap,
    WeakWrap
} from "../weak/WeakDecoding.sol";
import {Attack} from "./support/Attack.sol";

/// @dev A01 to A06, A13: where a decoder looks, and where the bytes end.
contract DecodingTest is Attack {
    function secretReached() private view returns (bool) {
        return target.calls() != 0 && bytes4(target.last()) == Target.secret.selector;
    }

    function test_A01_offsetPointsPastTheDecoy() public {
        WeakOffset weak = new WeakOffset(address(target));
        bytes memory decoy = abi.encodePacked(target, Target.first.selector, uint256(1));
        bytes memory evil = abi.encodePacked(target, Target.secret.selector);
        bytes memory attack = abi.encodePacked(
            WeakOffset.execute.selector,
            bytes32(0),
            uint256(0xa0), // the executor goes there
            uint256(decoy.length), // the policy stays here
            abi.encodePacked(decoy, new bytes(64 - decoy.length)),
            uint256(evil.length),
            evil
        );
        (bool ok,) = address(weak).call(attack);
        vm.assertTrue(ok && secretReached(), "the decoy hid the call from the weak wallet");

        target = new Target();
        (ok,) = actAs(key, attack);
        vm.assertFalse(ok, "the same bytes are no batch");
        uint256[8] memory heads =
            [uint256(0), 0x20, 0x40, 0x60, 1 << 16, 1 << 64, type(uint256).max - 3, 1 << 255];
        for (uint256 i; i < heads.length; ++i) {
            bytes memory batch = abi.encodePacked(heads[i], evil.length, decoy, evil);
            (ok,) = actAs(key, batch);
            vm.assertFalse(ok, "no offset is read");
            (ok,) = actAs(key, atomic(batch));
            vm.assertFalse(ok, "nor behind a header");
        }
        reached(0);
    }

    /// @dev Arguments may hold offsets, which the target alone reads: the call is still the granted
    /// one, byte for byte.
    function test_A01_offsetsInArgumentsStayArguments() public {
        renew(2, address(target), "secondary(bytes)");
        uint256[4] memory heads = [uint256(0), 0x20, 1 << 64, type(uint256).max - 3];
        for (uint256 i; i < heads.length; ++i) {
            bytes memory args = abi.encode(heads[i], 4, Target.secret.selector);
            acts(atomic(item(0, 0, args)));
            vm.assertEq(
                target.last(),
                bytes.concat(bytes4(keccak256("secondary(bytes)")), args),
                "stored selector, given arguments"
            );
        }
    }

    function test_A02_lengthThatWraps() public {
        WeakWrap weak = new WeakWrap(address(target));
        bytes memory batch = abi.encodePacked(type(uint16).max, Target.first.selector);
        weak.run(batch, abi.encode(uint256(0xbad)));
        vm.assertTrue(target.last().length > batch.length, "the call holds what nobody signed");

        target = new Target();
        for (uint256 length = 33; length <= type(uint16).max; length += 1 + length / 16) {
            malformed(atomic(abi.encodePacked(uint8(0), uint16(length), abi.encode(1))));
            malformed(atomic(abi.encodePacked(uint8(8), uint80(1), uint16(length), abi.encode(1))));
        }
        malformed(atomic(abi.encodePacked(uint8(0), type(uint16).max, abi.encode(1))));
        reached(0);
    }

    function test_A03_lengthWordOutOfBounds() public {
        WeakEmptyBatch weak = new WeakEmptyBatch{value: 2 ether}(address(target));
        address thief = vm.addr(0xBAD);
        (bool ok,) = address(weak)
            .call(abi.encodeWithSelector(WeakEmptyBatch.run.selector, thief, uint256(1_000_000)));
        vm.assertTrue(ok && thief.balance == 1 ether, "an array beyond the end read as empty");

        // Ours: every batch whose length lies beyond the end.
        malformed(atomic(abi.encodePacked(uint8(0))));
        malformed(atomic(abi.encodePacked(uint8(0), uint8(0))));
        malformed(atomic(abi.encodePacked(uint8(8), uint80(1))));
        malformed(atomic(abi.encodePacked(uint8(8), uint80(1), uint8(0))));
        // And the grant, whose arrays the compiler decodes.
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(2);
        bytes memory data = abi.encodeCall(wallet.grant, (g));
        for (uint256 word = 4; word < 4 + 32 * 16; word += 32) {
            bytes memory bent = bytes.concat(data);
            assembly {
                mstore(add(add(bent, 32), word), not(3))
            }
            (ok,) = tried(account, account, bent);
            vm.assertFalse(ok, "no field of the grant takes such a word");
        }
        grant(g);
    }

    function test_A04_itemsOverEachOther() public {
        WeakOverlap weak = new WeakOverlap(address(target));
        bytes memory tail = abi.encodePacked(Target.first.selector, uint256(1000));
        weak.run(hex"0004", tail);
        vm.assertEq(target.last(), tail, "a thousand went past a policy of ten");

        // Ours: items lie one behind the other, and each is sent exactly as long as it says.
        target = new Target();
        renew(2, address(target), "first(uint256)");
        bytes memory inner = item(0, 0, abi.encode(1000));
        bytes memory batch = atomic(bytes.concat(item(0, 0, ""), inner));
        (bool ok,) = actAs(key, batch);
        vm.assertFalse(ok, "the first item has no arguments, so the target refuses it");
        malformed(atomic(bytes.concat(abi.encodePacked(uint8(0), uint16(40)), inner)));
        reached(0);
    }

    function test_A05_trailingBytes() public {
        WeakLastWord weak = new WeakLastWord(address(target));
        weak.run(bytes.concat(abi.encodeCall(Target.first, (1000)), bytes32(uint256(1))));
        vm.assertEq(target.calls(), 1, "bytes behind the end were taken by the weak wallet");

        for (uint256 extra = 1; extra < 70; ++extra) {
            (bool ok,) = actAs(key, bytes.concat(one(), new bytes(extra)));
            // Three zero bytes are a whole item: rule 0, selector 0, no arguments.
            vm.assertFalse(ok, "trailing bytes");
        }
        reached(1);
    }

    function test_A06_amountInTheLastWord() public {
        WeakLastWord weak = new WeakLastWord(address(target));
        (bool ok,) =
            address(weak).call(abi.encodeCall(weak.run, (abi.encodeCall(Target.first, (1000)))));
        vm.assertFalse(ok, "refused as it is");
        weak.run(bytes.concat(abi.encodeCall(Target.first, (1000)), bytes32(0)));
        vm.assertEq(target.calls(), 1, "and taken with a zero word behind it");

        // Ours: the value has a fixed place in the item, whatever follows.
        bytes memory items = item(0, 0, 2 ether, bytes.concat(abi.encode(7), bytes32(0)));
        actRefused(
            atomic(items),
            abi.encodeWithSelector(ISessionWallet.NativePerTx.selector, 1 ether, 2 ether)
        );
    }

    function test_A13_noItems() public {
        WeakEmptyBatch weak = new WeakEmptyBatch{value: 2 ether}(address(target));
        address thief = vm.addr(0xBAD);
        (bool ok,) =
            address(weak).call(abi.encodeWithSelector(WeakEmptyBatch.run.selector, thief, 64, 0));
        vm.assertTrue(ok && thief.balance == 1 ether, "no item, no policy, but an effect");

        malformed("");
        malformed(hex"00");
        malformed(hex"01000000");
        vm.assertEq(wallet.session(key).remaining, 5, "nothing was counted either");
    }
}
