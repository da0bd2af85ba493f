// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev Wallets whose session keys, owners or delegates get further than they should, by one
/// mistake each.
abstract contract WeakRights {
    mapping(address key => bool) public sessions;

    function _run(address to, bytes memory data) internal {
        (bool ok,) = to.call(data);
        require(ok, "call failed");
    }
}

/// @dev D01, D02: nothing keeps a session from calling the account itself.
contract WeakSelfCall is WeakRights {
    constructor(address key) {
        sessions[key] = true;
    }

    function act(address to, bytes calldata data) external {
        require(sessions[msg.sender], "session");
        _run(to, data);
    }

    function grant(address key) external {
        require(msg.sender == address(this), "owner");
        sessions[key] = true;
    }
}

/// @dev D04: a session may choose to run foreign code in the account's place.
contract WeakDelegatecall is WeakRights {
    constructor(address key) {
        sessions[key] = true;
    }

    function act(address to, bytes calldata data) external {
        require(sessions[msg.sender], "session");
        (bool ok,) = to.delegatecall(data);
        require(ok, "call failed");
    }
}

/// @dev What a session of `WeakDelegatecall` runs.
contract Planter is WeakRights {
    function plant(address key) external {
        sessions[key] = true;
    }
}

/// @dev D05: the target is allowed, and what it is asked to call is not looked at. It trusts the
/// wallet, as a game trusts its player.
contract WeakForwarder is WeakRights {
    address private immutable TARGET;

    constructor(address key, address target) {
        sessions[key] = true;
        TARGET = target;
    }

    function act(bytes calldata data) external {
        require(sessions[msg.sender], "session");
        _run(TARGET, data);
    }
}

/// @dev A game whose methods can be bundled: each is called for the player who bundled them.
contract BundledGame {
    mapping(address player => uint256) public gold;

    function play() external {
        ++gold[msg.sender];
    }

    function give(address to) external {
        (gold[to], gold[msg.sender]) = (gold[to] + gold[msg.sender], 0);
    }

    function multicall(bytes[] calldata calls) external {
        for (uint256 i; i < calls.length; ++i) {
            (bool ok,) = address(this).delegatecall(calls[i]);
            require(ok);
        }
    }
}

/// @dev As on every chain: calls anything, in its own name.
contract Multicall {
    struct Call {
        address target;
        bytes data;
    }

    function aggregate(Call[] calldata calls) external payable {
        for (uint256 i; i < calls.length; ++i) {
            (bool ok,) = calls[i].target.call(calls[i].data);
            require(ok);
        }
    }
}

/// @dev D06: target zero stands for every target.
contract WeakWildcard is WeakRights {
    mapping(address key => address) private _target;

    function grant(address key, address target) external {
        (sessions[key], _target[key]) = (true, target);
    }

    function act(address to, bytes calldata data) external {
        address target = _target[msg.sender];
        require(sessions[msg.sender] && (target == address(0) || target == to), "not allowed");
        _run(to, data);
    }
}

/// @dev D07: whoever may act may sign for the account.
contract WeakSigner is WeakRights {
    constructor(address key) {
        sessions[key] = true;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature)
        external
        view
        returns (bytes4)
    {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        address signer = ecrecover(hash, uint8(signature[64]), r, s);
        return sessions[signer] ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @dev E01: an old grant's signature is as good as on its first day.
contract WeakReenable is WeakRights {
    address private immutable OWNER;

    constructor(address owner) {
        OWNER = owner;
    }

    function grant(address key, uint8 v, bytes32 r, bytes32 s) external {
        require(ecrecover(keccak256(abi.encode(this, key)), v, r, s) == OWNER, "signature");
        sessions[key] = true;
    }

    function revoke(address key) external {
        require(msg.sender == OWNER);
        sessions[key] = false;
    }
}

/// @dev E03: walks the list while the last entry moves into the gap.
contract WeakList is WeakRights {
    address[] private _list;

    function grant(address key) external {
        sessions[key] = true;
        _list.push(key);
    }

    function revokeAll() external {
        for (uint256 i; i < _list.length; ++i) {
            sessions[_list[i]] = false;
            _list[i] = _list[_list.length - 1];
            _list.pop();
        }
    }
}

/// @dev E04: the session lives before the grant is through, and the grant asks a stranger.
contract WeakEarly is WeakRights {
    function grant(address key, address token) external {
        sessions[key] = true;
        (bool ok,) = token.call(abi.encodeWithSignature("symbol()"));
        require(ok);
    }

    function act() external view {
        require(sessions[msg.sender], "session");
    }
}

/// @dev A token that acts while it is asked for its name.
contract EarlyToken {
    bool public acted;

    function symbol() external returns (string memory) {
        (acted,) = msg.sender.call(abi.encodeWithSelector(WeakEarly.act.selector));
        return "EARLY";
    }
}

/// @dev E07: an end of zero means for ever, and a start is not looked at.
contract WeakWindow0 {
    mapping(address key => uint256) private _start;
    mapping(address key => uint256) private _end;

    function grant(address key, uint256 start, uint256 end) external {
        (_start[key], _end[key]) = (start, end);
    }

    function act() external view {
        uint256 end = _end[msg.sender];
        require(end == 0 || block.timestamp < end, "over");
    }
}

/// @dev F07: whoever comes first is the owner.
contract WeakInitializer is WeakRights {
    address public owner;

    function initialize(address owner_) external {
        require(owner == address(0), "done");
        owner = owner_;
    }
}

/// @dev F09: a session is found by its key alone.
contract WeakPlanted is WeakRights {
    function act() external view {
        require(sessions[msg.sender], "session");
    }
}

/// @dev F10: what lies in slot zero belongs to whoever is delegated to.
contract WeakSlotZero {
    address public owner;

    function act() external view {
        require(msg.sender == owner, "owner");
    }
}
