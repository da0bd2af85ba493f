// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Target} from "../support/Target.sol";

/// @dev Wallets that read their calldata with one mistake each. Every one of them means to allow
/// `Target.first(uint256)` with a value of at most ten and nothing else.
abstract contract Weak {
    address internal immutable ALLOWED;
    uint256 internal constant MOST = 10;

    constructor(address allowed) {
        ALLOWED = allowed;
    }

    function _check(address to, bytes4 selector) internal view {
        require(to == ALLOWED && selector == Target.first.selector, "not allowed");
    }

    function _send(address to, bytes memory data) internal {
        (bool ok,) = to.call(data);
        require(ok, "call failed");
    }
}

/// @dev A01: the policy reads the action where it usually lies, the executor where the offset says.
contract WeakOffset is Weak {
    constructor(address allowed) Weak(allowed) {}

    function execute(bytes32, bytes calldata action) external {
        _check(address(bytes20(msg.data[100:120])), bytes4(msg.data[120:124]));
        _send(address(bytes20(action[:20])), action[20:]);
    }
}

/// @dev A02: the end of an item is computed in a type that wraps, and what follows the batch is
/// a note that nobody signed.
contract WeakWrap is Weak {
    constructor(address allowed) Weak(allowed) {}

    function run(bytes calldata batch, bytes calldata) external {
        uint16 length = uint16(bytes2(batch));
        _check(ALLOWED, bytes4(batch[2:6]));
        unchecked {
            require(2 + length <= batch.length, "beyond the end");
        }
        bytes memory data = new bytes(length);
        assembly {
            calldatacopy(add(data, 32), add(batch.offset, 2), length)
        }
        _send(ALLOWED, data);
    }
}

/// @dev A03, A13: what is right for every item is right for none, and the batch has a side effect
/// of its own. The array's place and length are taken from the bytes without a look at their end.
contract WeakEmptyBatch is Weak {
    constructor(address allowed) payable Weak(allowed) {}

    function run(address payable submitter) external {
        uint256 count;
        assembly {
            count := calldataload(add(4, calldataload(36)))
        }
        for (uint256 i; i < count; ++i) {
            _check(address(uint160(uint256(_word(i, 0)))), bytes4(_word(i, 32)));
            require(block.timestamp > 0, "rate");
        }
        (bool ok,) = submitter.call{value: 1 ether}("");
        require(ok);
    }

    function _word(uint256 i, uint256 at_) private pure returns (bytes32 word) {
        assembly {
            word := calldataload(add(add(add(36, calldataload(36)), mul(i, 64)), at_))
        }
    }
}

/// @dev A04: items have an offset and a length each; two may lie over each other, so that the policy
/// of the second reads what the first was made of.
contract WeakOverlap is Weak {
    constructor(address allowed) Weak(allowed) {}

    /// @param heads One byte place, one byte length for each item.
    function run(bytes calldata heads, bytes calldata tail) external {
        uint256 spent;
        for (uint256 i; i < heads.length; i += 2) {
            uint256 place = uint8(heads[i]);
            _check(ALLOWED, bytes4(tail[place:place + 4]));
            // An item with nothing behind its selector spends nothing, by what its head says ...
            if (uint8(heads[i + 1]) > 4) spent += uint256(bytes32(tail[place + 4:place + 36]));
        }
        require(spent <= MOST, "too much");
        for (uint256 i; i < heads.length; i += 2) {
            // ... and is sent with whatever lies behind it.
            uint256 place = uint8(heads[i]);
            _send(ALLOWED, tail[place:place + 36]);
        }
    }
}

/// @dev A05, A06: the amount is the last word of the calldata, wherever that is.
contract WeakLastWord is Weak {
    constructor(address allowed) Weak(allowed) {}

    function run(bytes calldata data) external {
        _check(ALLOWED, bytes4(data));
        require(uint256(bytes32(data[data.length - 32:])) <= MOST, "too much");
        _send(ALLOWED, data);
    }
}

/// @dev A07: the forbidden address is looked for in a word whose upper bits nobody cleaned.
contract WeakDirtyAddress is Weak {
    constructor(address allowed) Weak(allowed) {}

    function run(bytes32 to, bytes calldata data) external {
        require(uint256(to) != uint256(uint160(address(this))), "not itself");
        _send(address(uint160(uint256(to))), data);
    }

    function grantEverything() external view returns (bool) {
        require(msg.sender == address(this), "owner only");
        return true;
    }
}

/// @dev A08: the forbidden selector is compared as a whole word.
contract WeakDirtySelector is Weak {
    constructor(address allowed) Weak(allowed) {}

    function run(bytes32 selector) external {
        require(selector != bytes32(Target.secret.selector), "forbidden");
        _send(ALLOWED, abi.encodePacked(bytes4(selector)));
    }
}

/// @dev A09: the rule looks at a fixed place of a parameter whose place the caller chooses.
contract WeakFixedPlace is Weak {
    constructor(address allowed) Weak(allowed) {}

    function run(bytes calldata data) external {
        // Of one `bytes` parameter: the first byte behind selector, offset and length must be zero.
        require(data[68] == 0, "rule");
        _send(ALLOWED, data);
    }
}

/// @dev A10: a rule whose place lies beyond the call reads the neighbour.
contract WeakBeyondEnd is Weak {
    constructor(address allowed) Weak(allowed) {}

    function run(bytes calldata data, bytes calldata) external {
        _check(ALLOWED, bytes4(data));
        uint256 amount;
        assembly {
            amount := calldataload(add(data.offset, 36))
        }
        require(amount == MOST, "exactly ten");
        _send(ALLOWED, data);
    }
}

/// @dev A11, A12: less than four bytes count as a transfer, no bytes as selector zero.
contract WeakShortSelector is Weak {
    constructor(address allowed) Weak(allowed) {}

    function run(bytes calldata data) external {
        bytes4 selector = data.length < 4 ? bytes4(0) : bytes4(data[:4]);
        if (selector != bytes4(0)) _check(ALLOWED, selector);
        _send(ALLOWED, data);
    }
}

/// @dev A14: the later of two entries for one method raises what the first allowed.
contract WeakDuplicates is Weak {
    mapping(bytes4 selector => uint256 most) private _most;

    constructor(address allowed) Weak(allowed) {}

    function grant(bytes4[] calldata selectors, uint256[] calldata most) external {
        for (uint256 i; i < selectors.length; ++i) {
            _most[selectors[i]] = most[i];
        }
    }

    function run(bytes4 selector, uint256 amount) external {
        require(amount <= _most[selector], "too much");
        _send(ALLOWED, abi.encodeWithSelector(selector, amount));
    }
}

/// @dev A15: decides once over stored bytes and runs them later.
contract WeakTwoSteps is Weak {
    bytes private _data;
    bool private _checked;

    constructor(address allowed) Weak(allowed) {}

    function prepare(bytes calldata data) external {
        _data = data;
    }

    function check() external {
        _check(ALLOWED, bytes4(_data));
        _checked = true;
    }

    function run() external {
        require(_checked, "not checked");
        _send(ALLOWED, _data);
    }
}
