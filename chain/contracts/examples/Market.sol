// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice A stand-in for a stablecoin: six decimals, and everybody is born with a thousand of it.
contract Dollar {
    string public constant name = "Stand-in dollar";
    string public constant symbol = "USDC";
    uint8 public constant decimals = 6;

    uint256 private constant BORN_WITH = 1_000e6;
    address private immutable MARKET = msg.sender;

    mapping(address who => uint256) private _received;
    mapping(address who => uint256) private _spent;

    event Transfer(address indexed from, address indexed to, uint256 amount);

    error TooLittle(uint256 has, uint256 needs);

    function balanceOf(address who) public view returns (uint256) {
        return BORN_WITH + _received[who] - _spent[who];
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    /// @dev As if everybody had approved the market.
    function pull(address from, address to, uint256 amount) external {
        require(msg.sender == MARKET);
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        uint256 has = balanceOf(from);
        if (has < amount) revert TooLittle(has, amount);
        _spent[from] += amount;
        _received[to] += amount;
        emit Transfer(from, to, amount);
    }
}

/// @notice What a dollar can be spent on in the examples: a subscription, shares at a price that
/// moves every week, and two pools whose prices drift apart.
contract Market {
    struct Pool {
        uint128 dollars;
        uint128 shares;
    }

    Dollar public immutable DOLLAR = new Dollar();

    uint256 private constant MONTHLY = 5e6;
    /// @dev By how much a pool moves from trade to trade, in parts of a million.
    uint256 private constant WIND_LEAST = 1_000;
    uint256 private constant WIND_MOST = 5_000;

    mapping(address who => uint256) private _months;
    mapping(address who => uint256) private _shares;
    mapping(address who => uint256) private _profit;
    Pool[2] private _pools;

    event Subscribed(address indexed who, uint256 months);
    event Bought(address indexed who, uint256 dollars, uint256 shares);
    event Traded(address indexed who, uint256 profit);

    error NoGap(uint256 paid, uint256 got);

    constructor() {
        _pools[0] = Pool(1_000_000e6, 10_000e6);
        _pools[1] = Pool(1_010_000e6, 10_000e6);
    }

    /// @notice Pays for one month.
    function subscribe() external {
        DOLLAR.pull(msg.sender, address(this), MONTHLY);
        emit Subscribed(msg.sender, ++_months[msg.sender]);
    }

    /// @notice Buys shares at this week's price.
    function buy(uint256 dollars) external {
        DOLLAR.pull(msg.sender, address(this), dollars);
        uint256 week = block.timestamp / 1 weeks;
        uint256 price = 90 + uint256(keccak256(abi.encode(week))) % 21;
        _shares[msg.sender] += dollars / price;
        emit Bought(msg.sender, dollars, _shares[msg.sender]);
    }

    /// @notice Buys where shares are cheap and sells where they are dear.
    function trade(uint256 dollars) external {
        _blow();
        uint256 cheap = _price(0) < _price(1) ? 0 : 1;
        uint256 shares = _into(_pools[cheap], dollars);
        uint256 got = _outOf(_pools[1 - cheap], shares);
        if (got <= dollars) revert NoGap(dollars, got);
        DOLLAR.pull(address(this), msg.sender, got - dollars);
        _profit[msg.sender] += got - dollars;
        emit Traded(msg.sender, _profit[msg.sender]);
    }

    function _price(uint256 pool) private view returns (uint256) {
        return uint256(_pools[pool].dollars) * 1e6 / _pools[pool].shares;
    }

    function _into(Pool storage pool, uint256 dollars) private returns (uint256 shares) {
        shares = uint256(pool.shares) * dollars / (uint256(pool.dollars) + dollars);
        pool.dollars += uint128(dollars);
        pool.shares -= uint128(shares);
    }

    function _outOf(Pool storage pool, uint256 shares) private returns (uint256 dollars) {
        dollars = uint256(pool.dollars) * shares / (uint256(pool.shares) + shares);
        pool.dollars -= uint128(dollars);
        pool.shares += uint128(shares);
    }

    /// @dev Everybody else's trades, in one gust: one pool becomes dearer. Another block, another gust.
    function _blow() private {
        uint256 gust = uint256(keccak256(abi.encode(block.number, _pools[0].dollars, _pools[1].dollars)));
        Pool storage pool = _pools[gust & 1];
        uint256 parts = WIND_LEAST + (gust >> 1) % (WIND_MOST - WIND_LEAST);
        pool.dollars += uint128(uint256(pool.dollars) * parts / 1_000_000);
    }
}
