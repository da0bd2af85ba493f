// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title TokenMethods
/// @notice Methods of the token standards that move or approve what the account holds.
/// @dev A grant may name none of them but the two that are read exactly, and these only of a capped
/// token. The list is a net for the standards, not a proof: a game's own method may move tokens that
/// the account approved to it, and a token without a cap is not watched.
library TokenMethods {
    /// @dev transfer(address,uint256)
    uint256 internal constant TRANSFER = 0xa9059cbb;
    /// @dev approve(address,uint256)
    uint256 internal constant APPROVE = 0x095ea7b3;

    /// @dev Bit b is set if a method below ends with byte b: most methods of games are told apart by
    /// that alone.
    uint256 private constant LAST_BYTES =
        0x0000000060400040084800018098100000000924000200208800040800004000;

    function has(uint256 selector) internal pure returns (bool) {
        return LAST_BYTES >> (selector & 0xff) & 1 != 0 && (_moves(selector) || _approves(selector));
    }

    function _moves(uint256 s) private pure returns (bool) {
        return s == TRANSFER
            || s == 0x23b872dd // transferFrom(address,address,uint256)
            || s == 0x42842e0e // safeTransferFrom(address,address,uint256)
            || s == 0xb88d4fde // safeTransferFrom(address,address,uint256,bytes)
            || s == 0xf242432a // safeTransferFrom(address,address,uint256,uint256,bytes)
            || s == 0x2eb2c2d6 // safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)
            || s == 0x9bd9bbc6 // send(address,uint256,bytes)
            || s == 0xbe45fd62 // transfer(address,uint256,bytes)
            || s == 0x4000aea0 // transferAndCall(address,uint256,bytes)
            || s == 0x1296ee62 // transferAndCall(address,uint256)
            || s == 0xd8fbe994 // transferFromAndCall(address,address,uint256)
            || s == 0x095bcdb6 // transfer(address,uint256,uint256)
            || s == 0xb753a98c // push(address,uint256)
            || s == 0xf2d5d56b // pull(address,uint256)
            || s == 0xbb35783b // move(address,address,uint256)
            || s == 0x42966c68; // burn(uint256)
    }

    function _approves(uint256 s) private pure returns (bool) {
        return s == APPROVE
            || s == 0x39509351 // increaseAllowance(address,uint256)
            || s == 0xd73dd623 // increaseApproval(address,uint256)
            || s == 0xa22cb465 // setApprovalForAll(address,bool)
            || s == 0x87517c45 // approve(address,address,uint160,uint48)
            || s == 0x426a8493 // approve(address,uint256,uint256)
            || s == 0xcae9ca51 // approveAndCall(address,uint256,bytes)
            || s == 0x3177029f // approveAndCall(address,uint256)
            || s == 0x558a7297 // setOperator(address,bool)
            || s == 0x959b8c3f; // authorizeOperator(address)
    }
}
