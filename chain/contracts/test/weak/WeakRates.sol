// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev Counters that mean to allow LIMIT transactions in PERIOD seconds, with one mistake each.
abstract contract WeakRate {
    uint256 internal constant LIMIT = 10;
    uint256 internal constant PERIOD = 10;

    uint256 public sent;
}

/// @dev C01: the time of the next transaction starts from the last one, never from now.
contract WeakIdle is WeakRate {
    uint256 private _next = block.timestamp;

    function act() external {
        require(block.timestamp >= _next, "rate");
        _next += PERIOD / LIMIT;
        ++sent;
    }
}

/// @dev C02: fixed windows, each with a whole limit.
contract WeakWindow is WeakRate {
    uint256 private _window;
    uint256 private _used;

    function act() external {
        uint256 window = block.timestamp / PERIOD;
        if (window != _window) (_window, _used) = (window, 0);
        require(_used++ < LIMIT, "rate");
        ++sent;
    }
}

/// @dev C03: granting a key that is there already begins its count anew.
contract WeakRegrant is WeakRate {
    mapping(address key => uint256 used) private _used;

    function grant(address key) external {
        _used[key] = 0;
    }

    function act() external {
        require(_used[msg.sender]++ < LIMIT, "rate");
        ++sent;
    }
}

/// @dev C04, E03: the rate is checked and the session's status is not.
contract WeakStatus is WeakRate {
    mapping(address key => bool) public live;
    mapping(address key => uint256) public left;

    function grant(address key) external {
        (live[key], left[key]) = (true, LIMIT);
    }

    function revoke(address key) external {
        live[key] = false;
    }

    function act() external {
        --left[msg.sender];
        ++sent;
    }
}

/// @dev C05: the caller says which period it is.
contract WeakPeriodId is WeakRate {
    mapping(uint256 period => uint256 used) private _used;

    function act(uint256 period) external {
        require(period <= block.timestamp / PERIOD, "future");
        require(_used[period]++ < LIMIT, "rate");
        ++sent;
    }
}

/// @dev C07: a limit on transactions, and none on what is in one.
contract WeakActions is WeakRate {
    uint256 private _used;

    function act(uint256 actions) external {
        require(_used++ < LIMIT, "rate");
        sent += actions;
    }
}

/// @dev C08: every entry has a counter of its own.
contract WeakLanes is WeakRate {
    uint256[3] private _used;

    function act() external {
        _count(0);
    }

    function relaySession() external {
        _count(1);
    }

    function executeSession() external {
        _count(2);
    }

    function _count(uint256 lane) private {
        require(_used[lane]++ < LIMIT, "rate");
        ++sent;
    }
}
