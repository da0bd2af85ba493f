// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, PackedUserOperation} from "../../src/ISessionWallet.sol";

/// @dev The EntryPoint's two steps with a user operation, and nothing else of it: so that what the
/// account prepays is exactly what the wallet counts. The real one runs in test/attack.
contract TwoSteps {
    /// @return ran Whether the second step went through; if the first does not, all reverts.
    function handle(PackedUserOperation calldata op, bytes32 opHash, uint256 fee)
        external
        returns (bool ran)
    {
        uint256 word = ISessionWallet(op.sender).validateUserOp(op, opHash, fee);
        require(uint160(word) == 0, "signature");
        require(block.timestamp > word >> 208, "early");
        require(block.timestamp <= uint48(word >> 160), "late");
        (ran,) = op.sender.call(op.callData);
    }

    receive() external payable {}
}
