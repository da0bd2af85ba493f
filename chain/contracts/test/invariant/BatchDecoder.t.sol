// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Method, SessionGrant} from "../../src/ISessionWallet.sol";
import {Attack} from "../attack/support/Attack.sol";
import {Record, Recorder} from "./Recorder.sol";
import {Call, ReferenceDecoder, Rule} from "./ReferenceDecoder.sol";

/// @dev The decoder of packed batches against one that is written for reading: on any bytes, the
/// same verdict with the same error, and the same calls in the same order.
contract BatchDecoderTest is Attack {
    uint256 private constant MAX_ACTIONS = 5;
    /// @dev What a recorded call costs at most, by far.
    uint256 private constant RECORDING_GAS = 2_000_000;

    ReferenceDecoder private decoder = new ReferenceDecoder();
    Record private record = new Record();
    Rule[] private rules;

    function setUp() public override {
        super.setUp();
        vm.deal(account, type(uint96).max);
        SessionGrant memory g = terms();
        key = vm.addr(2);
        g.sessionKey = key;
        g.methods = new Method[](7);
        string[7] memory names = ["a()", "b()", "c()", "d()", "e()", "f()", "g()"];
        address one_ = address(new Recorder(record));
        address two = address(new Recorder(record));
        for (uint256 i; i < 7; ++i) {
            g.methods[i] = Method(i < 4 ? one_ : two, "Recorder", names[i]);
        }
        // Three to a rule: a b c | d | e f g.
        bytes4[7] memory selectors;
        for (uint256 i; i < 7; ++i) {
            selectors[i] = bytes4(keccak256(bytes(names[i])));
        }
        rules.push(Rule(one_, new bytes4[](3)));
        rules.push(Rule(one_, new bytes4[](1)));
        rules.push(Rule(two, new bytes4[](3)));
        for (uint256 i; i < 3; ++i) {
            (rules[0].selectors[i], rules[2].selectors[i]) = (selectors[i], selectors[4 + i]);
        }
        rules[1].selectors[0] = selectors[3];
        (g.nativePerTx, g.nativeTotal) = (type(uint80).max, type(uint88).max);
        g.maxActionsPerTx = uint8(MAX_ACTIONS);
        grant(g);
        vm.warp(NOW + 1);
    }

    function agree(bytes memory batch) private {
        (bool legal, bytes memory verdict) =
            address(decoder).staticcall(abi.encodeCall(decoder.decode, (batch, rules, MAX_ACTIONS)));
        (bool ok, bytes memory answer) = actAs(key, batch);
        if (!legal) {
            vm.assertFalse(ok, "the reference refuses");
            vm.assertEq(answer, verdict, "for the same reason");
            vm.assertEq(record.calls().length, 0, "before any call");
            return;
        }
        (Call[] memory wanted, uint256 callGas) = abi.decode(verdict, (Call[], uint256));
        uint256 sum;
        for (uint256 i; i < wanted.length; ++i) {
            sum += wanted[i].value;
        }
        if (sum > type(uint80).max) {
            vm.assertFalse(ok, "beyond the cap");
            return;
        }
        vm.assertTrue(ok, "the reference accepts");
        // With less gas than the record needs, a call fails on its own and leaves no trace.
        if (callGas < RECORDING_GAS) return;
        Call[] memory made = record.calls();
        vm.assertEq(made.length, wanted.length, "as many calls");
        for (uint256 i; i < made.length; ++i) {
            vm.assertEq(made[i].target, wanted[i].target, "target");
            vm.assertEq(made[i].value, wanted[i].value, "value");
            vm.assertEq(made[i].data, wanted[i].data, "every byte");
        }
    }

    /// @dev A batch that is mostly right, of up to six items (one too many) drawn from the seed.
    function drawn(uint256 seed) private pure returns (bytes memory batch) {
        bool isolated = seed % 4 == 0;
        batch =
            isolated ? abi.encodePacked(uint8(1), uint24(4_000_000)) : abi.encodePacked(uint8(0));
        uint256 count = 1 + (seed >> 8) % 6;
        for (uint256 i; i < count; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 rule = seed % 3;
            uint256 selector = rule == 1 ? 0 : (seed >> 8) % 3;
            uint256 length = (seed >> 16) % 5 == 0 ? (seed >> 24) % 700 : (seed >> 24) % 70;
            bytes memory args = new bytes(length);
            for (uint256 j; j < length; j += 32) {
                bytes32 word = keccak256(abi.encode(seed, j));
                for (uint256 k = j; k < length && k < j + 32; ++k) {
                    args[k] = word[k - j];
                }
            }
            bool pays = !isolated && (seed >> 40) % 2 == 0;
            // Now and then a value of zero, whose long form is malformed.
            uint80 value =
                (seed >> 136) % 8 == 0 ? 0 : uint80(seed >> 48) >> uint8((seed >> 128) % 80);
            batch = bytes.concat(
                batch, pays ? item(rule, selector, value, args) : item(rule, selector, args)
            );
        }
    }

    /// @dev Sets, drops or inserts a byte, most of them near the beginning of an item.
    function bent(bytes memory batch, uint256 seed) private pure returns (bytes memory) {
        uint256 times = seed % 4;
        for (uint256 i; i < times && batch.length != 0; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 place = (seed >> 8) % (seed % 2 == 0 ? batch.length : (batch.length + 7) / 8);
            uint8 with = uint8(seed >> 64);
            if ((seed >> 80) % 3 == 0) with &= 0x2f;
            uint256 how = (seed >> 96) % 4;
            bytes memory changed = new bytes(how == 0 ? batch.length + 1 : batch.length);
            for (uint256 j; j < changed.length; ++j) {
                uint256 from = how == 0 && j > place ? j - 1 : j;
                changed[j] = j == place && how != 3 ? bytes1(with) : batch[from];
            }
            // Cut off the end, by a little or by much.
            if (how == 3) {
                uint256 cut = place % 5 == 0 ? place : place % 40 % (batch.length + 1);
                assembly {
                    mstore(changed, sub(mload(changed), cut))
                }
            }
            batch = changed;
        }
        return batch;
    }

    function testFuzz_drawnAndBent(uint256 seed) public {
        agree(bent(drawn(seed), seed >> 128));
    }

    function testFuzz_anyBytes(bytes calldata batch) public {
        agree(batch);
    }

    /// @dev Any bytes behind a header that is right, with method bytes that mostly exist.
    function testFuzz_anyItems(bytes memory items, uint256 seed) public {
        for (uint256 i; i < items.length; i += 1 + (seed >> (i % 200)) % 5) {
            items[i] = bytes1(uint8(items[i]) & 0x2b);
        }
        agree(bytes.concat(seed % 2 == 0 ? bytes(hex"00") : bytes(hex"01300000"), items));
    }

    /// @dev Every batch of up to two bytes, and every single method byte of a whole item.
    function test_allShortBatches() public {
        agree("");
        for (uint256 i; i < 256; ++i) {
            agree(abi.encodePacked(uint8(i)));
            agree(abi.encodePacked(uint8(0), uint8(i)));
            agree(abi.encodePacked(uint8(0), uint8(i), uint8(0)));
            agree(abi.encodePacked(uint8(i), uint8(0), uint8(0)));
        }
    }
}
