// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {OddCoin} from "./OddCoin.sol";

/// @dev Wallets that mean to spend at most ten coins in all, with one mistake each.
abstract contract WeakToken {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    uint256 internal constant CAP = 10 ether;
    OddCoin internal immutable COIN;
    uint256 public spent;

    constructor(OddCoin coin) {
        COIN = coin;
    }

    function _run(Call calldata call_) internal {
        (bool ok,) = call_.to.call{value: call_.value}(call_.data);
        require(ok, "call failed");
    }

    /// @dev Second word of the arguments, if the call is of this method.
    function _amount(Call calldata call_, bytes4 selector) internal pure returns (uint256) {
        return bytes4(call_.data) == selector ? uint256(bytes32(call_.data[36:68])) : 0;
    }

    function _held() internal view returns (uint256) {
        return COIN.balanceOf(address(this));
    }

    receive() external payable {}
}

/// @dev B04: what is transferred is counted, what is approved is not.
contract WeakApproveFree is WeakToken {
    constructor(OddCoin coin) WeakToken(coin) {}

    function run(Call calldata call_) external {
        spent += _amount(call_, COIN.transfer.selector);
        require(spent <= CAP, "cap");
        _run(call_);
    }
}

/// @dev B05: what is approved is counted once, and stays approved when the session is over.
contract WeakLasting is WeakToken {
    uint256 private immutable END = block.timestamp + 1 hours;

    constructor(OddCoin coin) WeakToken(coin) {}

    function run(Call calldata call_) external {
        require(block.timestamp < END, "over");
        spent += _amount(call_, COIN.approve.selector);
        require(spent <= CAP, "cap");
        _run(call_);
    }
}

/// @dev B06: measures the balance and takes approvals back afterwards.
contract WeakOrder is WeakToken {
    constructor(OddCoin coin) WeakToken(coin) {}

    function run(Call[] calldata calls, address[] calldata spenders) external {
        uint256 before = _held();
        for (uint256 i; i < calls.length; ++i) {
            _run(calls[i]);
        }
        spent += before - _held();
        require(spent <= CAP, "cap");
        for (uint256 i; i < spenders.length; ++i) {
            COIN.approve(spenders[i], 0);
        }
    }
}

/// @dev B07: counts what the calldata names, never what is missing.
contract WeakNamedOnly is WeakToken {
    constructor(OddCoin coin) WeakToken(coin) {}

    function run(Call calldata call_) external {
        spent += _amount(call_, COIN.transfer.selector) + _amount(call_, COIN.approve.selector);
        require(spent <= CAP, "cap");
        _run(call_);
    }
}

/// @dev B08: takes `transferFrom` for a matter of somebody else's coins.
contract WeakTransferFrom is WeakToken {
    constructor(OddCoin coin) WeakToken(coin) {}

    function run(Call calldata call_) external {
        require(bytes4(call_.data) == COIN.transferFrom.selector, "harmless ones only");
        _run(call_);
    }
}

/// @dev B09: adds without a look at the width.
contract WeakSum is WeakToken {
    constructor(OddCoin coin) WeakToken(coin) {}

    function run(Call calldata call_) external {
        unchecked {
            spent += _amount(call_, COIN.transfer.selector) + _amount(call_, COIN.approve.selector);
        }
        require(spent <= CAP, "cap");
        _run(call_);
    }
}

/// @dev B11: a call that carries value is counted as native, whatever else it does.
contract WeakBucket is WeakToken {
    uint256 public paid;

    constructor(OddCoin coin) WeakToken(coin) {}

    function run(Call calldata call_) external {
        if (call_.value != 0) paid += call_.value;
        else spent += _amount(call_, COIN.transfer.selector);
        require(spent <= CAP && paid <= 1 ether, "cap");
        _run(call_);
    }
}

/// @dev B12: a cap on native value, and calldata is not its business.
contract WeakNativeOnly is WeakToken {
    constructor(OddCoin coin) WeakToken(coin) {}

    function run(Call calldata call_) external {
        require(call_.value <= 1 ether, "cap");
        _run(call_);
    }
}

/// @dev B15: what the batch brought in pays for what it took out.
contract WeakNetBalance is WeakToken {
    constructor(OddCoin coin) WeakToken(coin) {}

    function run(Call[] calldata calls) external {
        uint256 before = _held();
        for (uint256 i; i < calls.length; ++i) {
            _run(calls[i]);
        }
        uint256 held = _held();
        if (held < before) spent += before - held;
        require(spent <= CAP, "cap");
    }
}
