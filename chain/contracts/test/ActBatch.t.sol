// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";
import {Target} from "./support/Target.sol";

/// @dev The bytes of a batch: only one form is accepted, and nothing else ever calls out.
contract ActBatchTest is Fixture {
    function setUp() public override {
        super.setUp();
        grant(terms());
    }

    function malformed(bytes memory batch) private {
        actRefused(batch, plain(ISessionWallet.MalformedBatch.selector));
        reached(0);
    }

    /// @dev The example of the README, byte by byte.
    function test_exampleOfTheReadme() public {
        bytes memory data = hex"01588150" hex"00" hex"00" hex"0020"
            hex"0000000000000000000000000000000000000000000000000000000000000003" hex"09"
            hex"00000001c6bf52634000" hex"0040"
            hex"0000000000000000000000000000000000000000000000000000000000000001"
            hex"0000000000000000000000000000000000000000000000000000000000000003";
        bytes memory items =
            bytes.concat(item(0, 0, abi.encode(3)), item(0, 1, 0.0005 ether, abi.encode(1, 3)));
        vm.assertEq(data, abi.encodePacked(wallet.actAsKey.selector, atomic(items)), "as encoded");
        vm.prank(key);
        (bool ok,) = account.call(data);
        vm.assertTrue(ok, "accepted");
        reached(2);
        vm.assertEq(target.paid(), 0.0005 ether, "paid");
    }

    function test_emptyAndHeaderAlone() public {
        malformed("");
        malformed(hex"00");
        malformed(hex"01");
        malformed(hex"01000000");
    }

    function test_unknownMode() public {
        malformed(abi.encodePacked(uint8(2), item(0, 0, abi.encode(1))));
        malformed(abi.encodePacked(uint8(255), item(0, 0, abi.encode(1))));
    }

    function test_everyTruncationIsRefused() public {
        bytes memory whole = atomic(
            bytes.concat(item(0, 0, abi.encode(1)), item(0, 1, 5, abi.encode(2)), item(1, 0, ""))
        );
        uint256 boundaries;
        for (uint256 length; length < whole.length; ++length) {
            bytes memory part = new bytes(length);
            for (uint256 i; i < length; ++i) {
                part[i] = whole[i];
            }
            (bool ok, bytes memory answer) = actAs(key, part);
            if (ok) ++boundaries;
            else vm.assertEq(answer, plain(ISessionWallet.MalformedBatch.selector), "truncated");
        }
        vm.assertEq(boundaries, 2, "only after the first and the second item");
    }

    function test_trailingByteIsRefused() public {
        malformed(bytes.concat(one(), hex"00"));
        malformed(bytes.concat(one(), hex"0000"));
    }

    function test_lengthBeyondTheEnd() public {
        malformed(atomic(abi.encodePacked(uint8(0), uint16(33), abi.encode(1))));
        malformed(atomic(abi.encodePacked(uint8(0), type(uint16).max, abi.encode(1))));
        malformed(atomic(abi.encodePacked(uint8(8), uint80(1), type(uint16).max, abi.encode(1))));
    }

    /// @dev Lengths near 2^16 must not wrap: the check would then walk other items than the calls.
    function test_lengthsDoNotWrap() public {
        for (uint256 length = 65_500; length <= type(uint16).max; ++length) {
            bytes memory hidden = bytes.concat(item(0, 0, abi.encode(1)), item(0, 2, ""));
            malformed(atomic(abi.encodePacked(uint8(0), uint16(length), hidden)));
        }
    }

    function test_reservedBit() public {
        malformed(atomic(abi.encodePacked(uint8(4), uint16(32), abi.encode(1))));
    }

    function test_zeroValueHasOneEncoding() public {
        malformed(atomic(item(0, 0, 0, abi.encode(1))));
    }

    function test_argumentsMayHaveAnyLength() public {
        acts(atomic(item(1, 0, new bytes(1))));
        vm.assertEq(target.last(), abi.encodePacked(Target.fourth.selector, uint8(0)), "one byte");
        acts(atomic(item(1, 0, new bytes(3000))));
        vm.assertEq(target.last().length, 3004, "three thousand bytes");
    }

    /// @dev The bytes of a longer call must not lie under a shorter one that follows it.
    function test_itemsDoNotSeeEachOther() public {
        acts(atomic(bytes.concat(item(0, 0, abi.encode(type(uint256).max)), item(0, 2, ""))));
        vm.assertEq(target.last(), abi.encodeCall(Target.third, ()), "the selector alone");
    }

    /// @dev Whatever the bytes, only granted selectors reach the target, with no more value than
    /// the caps allow.
    function testFuzz_randomBytesNeverLeaveTheRules(bytes calldata batch) public {
        uint256 before = account.balance;
        actAs(key, batch);
        if (target.calls() != 0) onlyGranted();
        vm.assertTrue(before - account.balance <= 1 ether, "per transaction cap");
        vm.assertEq(before - account.balance, address(target).balance, "value went to the target");
    }

    /// @dev The same, from batches that are nearly right.
    function testFuzz_mutatedBatchesNeverLeaveTheRules(uint256 place, uint8 with, uint8 more)
        public
    {
        bytes memory batch = atomic(
            bytes.concat(
                item(0, 0, abi.encode(1)), item(0, 1, 0.4 ether, abi.encode(2)), item(1, 0, "")
            )
        );
        batch[place % batch.length] = bytes1(with);
        batch[uint256(keccak256(abi.encode(place, with))) % batch.length] = bytes1(more);
        uint256 before = account.balance;
        (bool ok,) = actAs(key, batch);
        if (ok && target.calls() != 0) onlyGranted();
        vm.assertTrue(before - account.balance <= 1 ether, "per transaction cap");
    }

    function onlyGranted() private view {
        bytes4 selector = bytes4(target.last());
        vm.assertTrue(
            selector == Target.first.selector || selector == Target.second.selector
                || selector == Target.third.selector || selector == Target.fourth.selector,
            "a granted selector"
        );
    }
}
