// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev Wallets that mean to let anybody pay at most one ether in all, with one mistake each.
abstract contract WeakCap {
    uint256 internal constant CAP = 1 ether;

    struct Usage {
        uint256 spent;
    }

    constructor() payable {}

    function _pay(address to, uint256 value) internal {
        (bool ok,) = to.call{value: value}("");
        require(ok, "call failed");
    }
}

/// @dev B01: the usage is changed in memory.
contract WeakMemory is WeakCap {
    mapping(address key => Usage) private _usage;

    constructor() payable {}

    function pay(address to, uint256 value) external {
        Usage memory usage = _usage[msg.sender];
        usage.spent += value;
        require(usage.spent <= CAP, "cap");
        _pay(to, value);
    }
}

/// @dev B02: the total of the session begins anew with every transaction.
contract WeakTotal is WeakCap {
    constructor() payable {}

    function pay(address[] calldata to, uint256 value) external {
        uint256 spent;
        for (uint256 i; i < to.length; ++i) {
            spent += value;
            require(spent <= CAP, "cap");
            _pay(to[i], value);
        }
    }
}

/// @dev B03: the last call of the batch writes the counter, and a failing call ends the batch.
contract WeakCounterCall is WeakCap {
    uint256 private _spent;

    constructor() payable {}

    function pay(address[] calldata to, uint256 value) external {
        require(_spent + to.length * value <= CAP, "cap");
        for (uint256 i; i < to.length; ++i) {
            (bool ok,) = to[i].call{value: value}("");
            if (!ok) return;
        }
        this.count(to.length * value);
    }

    function count(uint256 value) external {
        require(msg.sender == address(this));
        _spent += value;
    }
}

/// @dev B10: a cap that nobody set is no cap.
contract WeakAbsentCap is WeakCap {
    mapping(address key => uint256 cap) private _caps;

    constructor() payable {}

    function pay(address to, uint256 value) external {
        uint256 cap = _caps[msg.sender];
        if (cap != 0) require(value <= cap, "cap");
        _pay(to, value);
    }
}

/// @dev B14: the cap of a transaction is looked at call by call.
contract WeakPerCall is WeakCap {
    constructor() payable {}

    function pay(address[] calldata to, uint256 value) external {
        for (uint256 i; i < to.length; ++i) {
            require(value <= CAP, "cap");
            _pay(to[i], value);
        }
    }
}

/// @dev B15: counts what is missing at the end, so that what comes back in between is free. The
/// receiver lends it back and takes it again by other means.
contract WeakNetCount is WeakCap {
    uint256 public spent;

    constructor() payable {}

    function pay(address to, uint256 value) external {
        uint256 before = address(this).balance;
        _pay(to, value);
        if (address(this).balance < before) spent += before - address(this).balance;
        require(spent <= CAP, "cap");
    }

    receive() external payable {}
}

/// @dev B16: a call that failed has used up the cap, although nothing was paid.
contract WeakFailureCounts is WeakCap {
    uint256 public spent;

    constructor() payable {}

    function pay(address to, uint256 value) external returns (bool ok) {
        require(spent + value <= CAP, "cap");
        spent += value;
        (ok,) = to.call{value: value}("");
    }
}

/// @dev B18: asks who is calling only if something is paid.
contract WeakZeroValue is WeakCap {
    address private immutable KEY;

    constructor(address key) payable {
        KEY = key;
    }

    function act(address to, uint256 value, bytes calldata data) external {
        if (value != 0) require(msg.sender == KEY && value <= CAP, "not allowed");
        (bool ok,) = to.call{value: value}(data);
        require(ok, "call failed");
    }
}

/// @dev B20: sessions are found by a part of their key.
contract WeakShortKey is WeakCap {
    mapping(uint32 part => uint256 cap) private _left;

    constructor() payable {}

    function grant(address key, uint256 cap) external {
        _left[uint32(uint160(key))] += cap;
    }

    function pay(address to, uint256 value) external {
        _left[uint32(uint160(msg.sender))] -= value;
        _pay(to, value);
    }
}

/// @dev B21, D09: counts after the call, and the call may come back.
contract WeakReentered is WeakCap {
    uint256 public spent;

    constructor() payable {}

    function pay(address to, uint256 value) external {
        uint256 counted = spent + value;
        require(counted <= CAP, "cap");
        _pay(to, value);
        spent = counted;
    }
}

/// @dev Is paid and asks for more, four times.
contract Returner {
    uint256 private _depth;

    receive() external payable {
        if (_depth++ < 4) WeakReentered(msg.sender).pay(address(this), msg.value);
    }
}

/// @dev Is paid and gives it back.
contract Lender {
    receive() external payable {
        (bool ok,) = msg.sender.call{value: msg.value}("");
        require(ok);
    }
}

/// @dev Takes no value.
contract Refuser {}
