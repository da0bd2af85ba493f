// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Call} from "./ReferenceDecoder.sol";

/// @dev Every call that arrives, in order, over several targets.
contract Record {
    Call[] private _calls;

    function note(uint256 value, bytes calldata data) external {
        _calls.push(Call(msg.sender, value, data));
    }

    function calls() external view returns (Call[] memory) {
        return _calls;
    }
}

/// @dev A target that takes any call and notes its bytes.
contract Recorder {
    Record private immutable RECORD;

    constructor(Record record) {
        RECORD = record;
    }

    fallback() external payable {
        RECORD.note(msg.value, msg.data);
    }

    receive() external payable {
        RECORD.note(msg.value, "");
    }
}
