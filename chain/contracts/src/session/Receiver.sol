// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../ISessionWallet.sol";

/// @title Receiver
/// @notice An account with code still takes value and safe transfers, as one without code does.
/// @dev In the fallback, because every function of its own would make `act` dearer: the dispatcher
/// compares one selector after the other.
abstract contract Receiver is ISessionWallet {
    /// @dev onERC721Received(address,address,uint256,bytes)
    uint256 private constant ERC721 = 0x150b7a02;
    /// @dev onERC1155Received(address,address,uint256,uint256,bytes)
    uint256 private constant ERC1155 = 0xf23a6e61;
    /// @dev onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)
    uint256 private constant ERC1155_BATCH = 0xbc197c81;

    receive() external payable {}

    /// @notice Accepts ERC-721 and ERC-1155 tokens by answering with the selector asked for.
    fallback() external {
        uint256 selector = uint32(msg.sig);
        if (selector != ERC721 && selector != ERC1155 && selector != ERC1155_BATCH) revert();
        assembly ("memory-safe") {
            mstore(0x00, shl(224, selector))
            return(0x00, 0x20)
        }
    }

    /// @inheritdoc ISessionWallet
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 // ERC-165
            || id == 0x150b7a02 // receiver of ERC-721
            || id == 0x4e2312e0 // receiver of ERC-1155
            || id == 0x1626ba7e // ERC-1271
            || id == 0x19822f7c; // account of ERC-4337
    }
}
