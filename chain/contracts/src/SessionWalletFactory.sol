// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {LibClone} from "solady/utils/LibClone.sol";

import {ISessionWallet, SessionGrant} from "./ISessionWallet.sol";

/// @title SessionWalletFactory
/// @notice One clone of `SessionWallet` for each owner, at an address that follows from the owner.
/// @dev Trust boundary: anybody may create anybody's clone, and that is all they can do: the owner
/// is in the clone's code and in its address. A clone takes grants from this contract without a
/// signature, so `createAndGrant` reaches the caller's own clone and no other. Nothing is stored
/// here, and no value stays.
contract SessionWalletFactory {
    /// @notice A clone was created.
    event AccountCreated(address indexed account, address indexed owner);

    /// @dev When the owner is zero or the implementation: nobody could use the account.
    error OwnerForbidden(address owner);

    /// @notice What every clone delegates its calls to: the contract that created this one.
    address public immutable IMPLEMENTATION = msg.sender;

    /// @notice The clone of `owner`, whether it has been created or not.
    function account(address owner) external view returns (address) {
        return LibClone.predictDeterministicAddress(
            IMPLEMENTATION, abi.encodePacked(owner), 0, address(this)
        );
    }

    /// @notice Creates the clone of `owner` unless it is there already.
    function create(address owner) external returns (address) {
        return _create(owner);
    }

    /// @notice Creates the caller's clone unless it is there already, and grants; `msg.value` goes
    /// to the session key as gas money.
    function createAndGrant(SessionGrant calldata g) external payable returns (address clone) {
        clone = _create(msg.sender);
        ISessionWallet(clone).grant{value: msg.value}(g);
    }

    /// @notice The same for `owner`, by the owner's signature; anybody may submit.
    function createAndGrantFor(address owner, SessionGrant calldata g, bytes calldata signature)
        external
        payable
        returns (address clone)
    {
        clone = _create(owner);
        ISessionWallet(clone).grantWithSignature{value: msg.value}(g, signature);
    }

    function _create(address owner) private returns (address clone) {
        if (owner == address(0) || owner == IMPLEMENTATION) revert OwnerForbidden(owner);
        bool existed;
        (existed, clone) =
            LibClone.createDeterministicClone(IMPLEMENTATION, abi.encodePacked(owner), 0);
        if (!existed) emit AccountCreated(clone, owner);
    }
}
