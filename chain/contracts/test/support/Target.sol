// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet} from "../../src/ISessionWallet.sol";

/// @dev A target that remembers what reached it and, on request, misbehaves.
contract Target {
    error Refused(uint256 why);

    uint256 public calls;
    uint256 public paid;
    bytes public last;
    address public caller;
    uint256 public given;

    function first(uint256) external payable {
        _note();
    }

    function second(uint256) external payable {
        _note();
    }

    function third() external payable {
        _note();
    }

    function fourth() external payable {
        _note();
    }

    /// @dev Never granted: whoever gets here broke the wallet.
    function secret() external payable {
        _note();
    }

    function fail(uint256 why) external payable {
        revert Refused(why);
    }

    function waste() external pure {
        assembly {
            invalid()
        }
    }

    /// @dev Notes the gas it was given, but for the few steps before.
    function gasGiven() external {
        given = gasleft();
    }

    /// @dev Gives back what it was paid.
    function refund() external payable {
        (bool ok,) = msg.sender.call{value: msg.value}("");
        require(ok);
        _note();
    }

    /// @dev Calls the account back with any bytes and passes its revert on.
    function back(bytes calldata data) external payable {
        (bool ok, bytes memory answer) = msg.sender.call(data);
        _note();
        if (ok) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    /// @dev Whatever else it is granted.
    fallback() external payable {
        _note();
    }

    function _note() private {
        ++calls;
        paid += msg.value;
        last = msg.data;
        caller = msg.sender;
    }
}
