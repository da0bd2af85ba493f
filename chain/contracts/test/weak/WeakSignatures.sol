// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev Wallets that run what `SIGNER` signed, with one mistake each.
abstract contract WeakSigned {
    address internal immutable SIGNER;
    uint256 public runs;

    constructor(address signer) {
        SIGNER = signer;
    }

    function _checkSigned(bytes32 digest, bytes calldata signature) internal view {
        bytes32 r = bytes32(signature[:32]);
        bytes32 s = bytes32(signature[32:64]);
        require(ecrecover(digest, uint8(signature[64]), r, s) == SIGNER, "signature");
    }
}

/// @dev F01: every call of a batch is signed by itself.
contract WeakPerCallSignature is WeakSigned {
    mapping(bytes32 digest => bool) private _used;
    bytes public order;

    constructor(address signer) WeakSigned(signer) {}

    function run(bytes1[] calldata calls, bytes[] calldata signatures) external {
        for (uint256 i; i < calls.length; ++i) {
            bytes32 digest = keccak256(abi.encode(this, calls[i]));
            _checkSigned(digest, signatures[i]);
            require(!_used[digest], "used");
            _used[digest] = true;
            order = bytes.concat(order, calls[i]);
        }
    }
}

/// @dev F02: the account is not in what is signed.
contract WeakNoAccount is WeakSigned {
    mapping(uint256 nonce => bool) private _used;

    constructor(address signer) WeakSigned(signer) {}

    function run(uint256 nonce, bytes calldata signature) external {
        require(!_used[nonce], "used");
        _checkSigned(keccak256(abi.encode("run", nonce)), signature);
        _used[nonce] = true;
        ++runs;
    }
}

/// @dev F03: whoever calls is the EntryPoint, and it is not in the hash.
contract WeakAnyEntryPoint is WeakSigned {
    mapping(address entryPoint => mapping(uint256 nonce => bool)) private _used;

    constructor(address signer) WeakSigned(signer) {}

    function validateUserOp(uint256 nonce, bytes calldata signature) external {
        _checkSigned(keccak256(abi.encode(this, nonce)), signature);
        require(!_used[msg.sender][nonce], "nonce");
        _used[msg.sender][nonce] = true;
        ++runs;
    }
}

/// @dev F04: the chain is remembered from the day of deployment.
contract WeakCachedDomain is WeakSigned {
    bytes32 private immutable DOMAIN = keccak256(abi.encode(block.chainid, this));

    constructor(address signer) WeakSigned(signer) {}

    function run(bytes calldata signature) external {
        _checkSigned(DOMAIN, signature);
        ++runs;
    }
}

/// @dev F06: marks a message as used although it failed, so that whoever submits it with too little
/// gas has thrown it away.
contract WeakBurntNonce is WeakSigned {
    mapping(uint256 nonce => bool) public used;

    constructor(address signer) WeakSigned(signer) {}

    function run(uint256 nonce, address to, bytes calldata data, bytes calldata signature)
        external
        returns (bool ok)
    {
        require(!used[nonce], "used");
        _checkSigned(keccak256(abi.encode(this, nonce, to, data)), signature);
        used[nonce] = true;
        (ok,) = to.call(data);
    }
}

/// @dev E02: who gets the session is not in what the owner signs.
contract WeakGrantWithoutKey is WeakSigned {
    mapping(address key => bool) public sessions;
    uint256 private _nonce;

    constructor(address signer) WeakSigned(signer) {}

    function grant(address key, bytes calldata signature) external {
        _checkSigned(keccak256(abi.encode(this, "a session", _nonce++)), signature);
        sessions[key] = true;
    }
}

/// @dev E09: before it asks the owner, it makes the call that a signature asks for.
contract WeakPrepares is WeakSigned {
    constructor(address signer) WeakSigned(signer) {}

    function isValidSignature(bytes32, bytes calldata signature) external returns (bool) {
        (address factory, bytes memory data,) = abi.decode(signature, (address, bytes, bytes));
        (bool ok,) = factory.call(data);
        return ok;
    }

    function send(address payable to) external {
        require(msg.sender == address(this), "itself only");
        (bool ok,) = to.call{value: address(this).balance}("");
        require(ok);
    }

    receive() external payable {}
}

/// @dev B19: pays whatever the EntryPoint says is missing.
contract WeakFee is WeakSigned {
    constructor(address signer) WeakSigned(signer) {}

    function validateUserOp(bytes32 opHash, bytes calldata signature, uint256 missing) external {
        _checkSigned(opHash, signature);
        (bool ok,) = msg.sender.call{value: missing}("");
        require(ok);
    }

    receive() external payable {}
}
