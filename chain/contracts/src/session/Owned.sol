// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../ISessionWallet.sol";
import {Guard} from "./Guard.sol";
import {Messages} from "./Messages.sol";
import {Signatures} from "./Signatures.sol";

/// @title Owned
/// @notice What the owner does besides sessions: any call, and signatures in the account's name.
/// @dev A session key has no part in either.
abstract contract Owned is Guard {
    /// @dev One call of `execute` (ERC-7821).
    struct Call {
        /// Whom to call; zero stands for the account itself.
        address to;
        /// In wei.
        uint256 value;
        bytes data;
    }

    /// @dev ERC-7579: a batch, all or nothing, without extra data. The last 22 bytes are free.
    bytes10 private constant PLAIN_BATCH = 0x01000000000000000000;
    bytes4 private constant VALID = 0x1626ba7e;
    bytes4 private constant INVALID = 0xffffffff;

    /// @inheritdoc ISessionWallet
    function execute(bytes32 mode, bytes calldata executionData)
        external
        payable
        onlyOwner
        unlocked
    {
        if (!supportsExecutionMode(mode)) revert ModeUnsupported(mode);
        Call[] memory calls = abi.decode(executionData, (Call[]));
        for (uint256 i; i < calls.length; ++i) {
            Call memory c = calls[i];
            address to = c.to == address(0) ? address(this) : c.to;
            (bool ok, bytes memory answer) = to.call{value: c.value}(c.data);
            if (ok) continue;
            // The call's own words.
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }

    /// @inheritdoc ISessionWallet
    function supportsExecutionMode(bytes32 mode) public pure returns (bool) {
        return bytes10(mode) == PLAIN_BATCH;
    }

    /// @inheritdoc ISessionWallet
    function isValidSignature(bytes32 hash, bytes calldata signature)
        external
        view
        returns (bytes4)
    {
        // An owner has several accounts: what they sign for one must not count for another.
        if (_owner() != address(this)) {
            hash = Messages.digest(Messages.accountMessage(hash), IMPLEMENTATION);
        }
        return _signedByOwner(hash, signature) ? VALID : INVALID;
    }

    /// @inheritdoc ISessionWallet
    function owner() external view returns (address) {
        return _owner();
    }

    /// @dev Refuses unless the owner signed the message with this struct hash.
    function _checkOwnerSigned(bytes32 structHash, bytes calldata signature) internal view {
        if (!_signedByOwner(Messages.digest(structHash, IMPLEMENTATION), signature)) {
            revert SignatureWrong();
        }
    }

    /// @dev By the owner's key; or, if a clone's owner is a contract, in its own way. Nothing is
    /// deployed to find out (ERC-6492), and the owner cannot change anything while asked.
    function _signedByOwner(bytes32 digest, bytes calldata signature) private view returns (bool) {
        address who = _owner();
        // The owner is never zero, so neither is a signer that equals them.
        if (Signatures.signer(digest, signature) == who) return true;
        if (who == address(this) || who.code.length == 0) return false;
        (bool ok, bytes memory answer) =
            who.staticcall(abi.encodeCall(ISessionWallet.isValidSignature, (digest, signature)));
        return ok && answer.length >= 32 && bytes32(answer) == bytes32(VALID);
    }
}
