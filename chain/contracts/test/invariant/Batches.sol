// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Method} from "../../src/ISessionWallet.sol";

/// @title Batches
/// @notice Batches for the arena, drawn from a seed: mostly legal, often too greedy.
library Batches {
    /// @dev Rule 0: play, burnt, loot. Rule 1: pulled, refund, back. Rule 2: transfer, approve.
    function methods(address arena, address coin) internal pure returns (Method[] memory list) {
        string[6] memory names = [
            "play(uint256)",
            "burnt(uint256)",
            "loot(uint256)",
            "pulled(uint256)",
            "refund()",
            "back(bytes)"
        ];
        list = new Method[](8);
        for (uint256 i; i < 6; ++i) {
            list[i] = Method(arena, "Arena", names[i]);
        }
        list[6] = Method(coin, "Coin", "transfer(address,uint256)");
        list[7] = Method(coin, "Coin", "approve(address,uint256)");
    }

    function drawn(uint256 seed, address arena) internal pure returns (bytes memory batch) {
        bool isolated = seed % 5 == 0;
        batch = isolated ? abi.encodePacked(uint8(1), uint24(300_000)) : abi.encodePacked(uint8(0));
        uint256 count = 1 + (seed >> 8) % 5;
        for (uint256 i; i < count; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            batch = bytes.concat(batch, _item(seed, arena, !isolated && seed % 3 == 0));
        }
    }

    function _item(uint256 seed, address arena, bool pays) private pure returns (bytes memory) {
        uint256 rule = (seed >> 8) % 3;
        uint256 selector = (seed >> 16) % (rule == 2 ? 2 : 3);
        uint256 amount = (seed >> 24) % 8 * 1 ether;
        bytes memory args = abi.encode(amount);
        if (rule == 1 && selector == 1) args = "";
        if (rule == 1 && selector == 2) args = abi.encode(abi.encodePacked(seed));
        if (rule == 2) {
            // Once in a while to somebody who is no target.
            address to = (seed >> 32) % 8 == 0 ? address(uint160(seed >> 40)) : arena;
            args = abi.encode(to, amount);
        }
        uint8 method = uint8(rule << 4 | selector);
        uint80 value = uint80((seed >> 48) % 6) * 0.1 ether;
        if (!pays || value == 0 || rule == 2) {
            return abi.encodePacked(method, uint16(args.length), args);
        }
        return abi.encodePacked(method | 8, value, uint16(args.length), args);
    }
}
