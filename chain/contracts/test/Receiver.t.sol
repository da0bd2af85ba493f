// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fixture} from "./support/Fixture.sol";

interface Tokens {
    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4);
    function onERC1155Received(address, address, uint256, uint256, bytes calldata)
        external
        returns (bytes4);
    function onERC1155BatchReceived(
        address,
        address,
        uint256[] calldata,
        uint256[] calldata,
        bytes calldata
    ) external returns (bytes4);
    function supportsInterface(bytes4) external returns (bool);
}

/// @dev A delegated account takes what a plain one takes.
contract ReceiverTest is Fixture {
    function test_value() public {
        (bool ok,) = account.call{value: 1}("");
        vm.assertTrue(ok, "plain transfer");
        vm.assertTrue(payable(account).send(1), "with 2,300 gas");
    }

    function test_safeTransfers() public {
        Tokens t = Tokens(account);
        uint256[] memory none = new uint256[](0);
        bytes4 answer = t.onERC721Received(address(1), address(2), 3, "x");
        vm.assertTrue(answer == Tokens.onERC721Received.selector, "ERC-721");
        answer = t.onERC1155Received(address(1), address(2), 3, 4, "x");
        vm.assertTrue(answer == Tokens.onERC1155Received.selector, "ERC-1155");
        answer = t.onERC1155BatchReceived(address(1), address(2), none, none, "");
        vm.assertTrue(answer == Tokens.onERC1155BatchReceived.selector, "ERC-1155 batch");
    }

    function test_interfaces() public {
        Tokens t = Tokens(account);
        vm.assertTrue(t.supportsInterface(0x01ffc9a7), "ERC-165");
        vm.assertTrue(t.supportsInterface(0x150b7a02), "ERC-721 receiver");
        vm.assertTrue(t.supportsInterface(0x4e2312e0), "ERC-1155 receiver");
        vm.assertFalse(t.supportsInterface(0xffffffff), "as ERC-165 demands");
    }

    function test_anythingElseIsRefused() public {
        (bool ok,) = account.call(hex"12345678");
        vm.assertFalse(ok, "unknown selector");
        (ok,) = account.call(hex"15");
        vm.assertFalse(ok, "less than a selector");
        (ok,) = account.call{value: 1}(abi.encodePacked(Tokens.onERC721Received.selector));
        vm.assertFalse(ok, "value with a token call");
    }
}
