// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, PackedUserOperation} from "../ISessionWallet.sol";
import {Forbidden} from "./Forbidden.sol";
import {Guard} from "./Guard.sol";
import {Layout} from "./Layout.sol";
import {NativeCap} from "./NativeCap.sol";
import {Signatures} from "./Signatures.sol";

/// @title Operations
/// @notice The first half of a user operation: is it the session key's, and who pays?
/// @dev Only what ERC-7562 allows in validation: the account's own storage, no clock. Window, rate,
/// rules and caps are for the second half, `executeSession`. The EntryPoint is trusted to call that
/// with the bytes it had validated here and nothing else.
abstract contract Operations is Guard {
    uint256 private constant SIGNATURE_FAILED = 1;
    /// @dev Selector and key.
    uint256 private constant HEADER = 24;

    modifier onlyEntryPoint() {
        if (msg.sender != Forbidden.ENTRY_POINT_08) revert NotEntryPoint();
        _;
    }

    /// @inheritdoc ISessionWallet
    /// @dev The fee budget is the native cap, which the owner signed: a session without one plays
    /// only when somebody sponsors it. The most that the operation may cost is counted and what the
    /// EntryPoint gives back is not credited, so a key that burns fees burns its own cap.
    function validateUserOp(
        PackedUserOperation calldata op,
        bytes32 opHash,
        uint256 missingAccountFunds
    ) external onlyEntryPoint unlocked returns (uint256) {
        bytes calldata data = op.callData;
        if (data.length <= HEADER || bytes4(data) != this.executeSession.selector) {
            revert OperationForbidden();
        }
        address key = address(bytes20(data[4:HEADER]));
        uint256 s = Layout.session(Layout.load(Layout.H), key);
        uint256 word = Layout.load(s);
        if (Layout.validUntil(word) == 0) return SIGNATURE_FAILED;
        if (Signatures.signer(opHash, op.signature) != key) return SIGNATURE_FAILED;

        uint256 fee = op.paymasterAndData.length == 0 ? _mostFee(op) : 0;
        if (missingAccountFunds > fee) revert OperationForbidden();
        if (fee != 0) NativeCap.spend(s, fee);
        if (missingAccountFunds != 0) {
            assembly ("memory-safe") {
                // The EntryPoint checks what arrived.
                pop(call(gas(), caller(), missingAccountFunds, 0, 0, 0, 0))
            }
        }
        return _window(word);
    }

    /// @inheritdoc ISessionWallet
    function entryPoint() external pure returns (address) {
        return Forbidden.ENTRY_POINT_08;
    }

    /// @dev What the EntryPoint may charge the account without a sponsor, in wei.
    function _mostFee(PackedUserOperation calldata op) private pure returns (uint256) {
        uint256 limits = uint256(op.accountGasLimits);
        uint256 gasLimit = uint128(limits) + (limits >> 128) + op.preVerificationGas;
        return gasLimit * uint128(uint256(op.gasFees));
    }

    /// @dev The EntryPoint's window has its last second inside and, since 0.8, its first outside.
    function _window(uint256 word) private pure returns (uint256) {
        uint256 start = Layout.validAfter(word);
        uint256 before = start == 0 ? 0 : start - 1;
        return before << 208 | (Layout.validUntil(word) - 1) << 160;
    }
}
