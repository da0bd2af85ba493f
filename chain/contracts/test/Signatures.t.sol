// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Rules} from "../src/session/Rules.sol";
import {Fixture} from "./support/Fixture.sol";

/// @dev Which texts a grant takes for a method's signature, against the same rule read off
/// character by character.
contract SignaturesTest is Fixture {
    bytes private constant ALLOWED =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$(),[]";

    function told(bytes calldata text) external pure returns (bool) {
        return Rules.isSignature(text);
    }

    function expected(bytes memory text) private pure returns (bool) {
        if (text.length < 3 || text[0] == "(" || text[text.length - 1] != ")") return false;
        bytes memory characters = ALLOWED;
        bool opened;
        for (uint256 i; i < text.length; ++i) {
            bool allowed;
            for (uint256 j; j < characters.length; ++j) {
                allowed = allowed || text[i] == characters[j];
            }
            if (!allowed) return false;
            opened = opened || text[i] == "(";
        }
        return opened;
    }

    function test_everyCharacter() public view {
        for (uint256 char; char < 256; ++char) {
            bytes memory text = bytes.concat("name", bytes1(uint8(char)), "(uint256)");
            vm.assertTrue(this.told(text) == expected(text), "character");
        }
    }

    /// One strange character anywhere, in words that end anywhere.
    function testFuzz_everyPlace(uint256 length, uint256 place, bytes1 char, uint256 opening)
        public
        view
    {
        bytes memory text = new bytes(3 + length % 96);
        for (uint256 i; i < text.length; ++i) {
            text[i] = "a";
        }
        text[text.length - 1] = ")";
        text[opening % text.length] = "(";
        vm.assertTrue(this.told(text) == expected(text), "plain");
        text[place % text.length] = char;
        vm.assertTrue(this.told(text) == expected(text), "strange");
    }
}
