// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev One allowed method. Methods with the same target share a rule, three to a rule, in order.
struct Method {
    /// Contract that may be called; must have code.
    address target;
    /// Label shown to the human; not verified.
    string contractName;
    /// Canonical signature such as `attack(uint256)`; its hash is the selector that is stored.
    string signature;
}

/// @dev One capped token. Not supported yet: `tokens` of a grant must be empty.
struct TokenCap {
    /// ERC-20 contract.
    address token;
    /// What the token says of itself.
    string symbol;
    /// What the token says of itself.
    uint8 decimals;
    /// Most that one transaction may spend, in the token's smallest unit.
    uint256 perTx;
    /// Most that the session may spend, in the token's smallest unit.
    uint256 total;
    /// `total` as text, with symbol.
    string totalText;
}

/// @dev What the owner agrees to. Zero means none, never unlimited.
struct SessionGrant {
    /// Account that grants; must be the one that is called.
    address account;
    /// Key that may act; an address without code, never granted before in this epoch.
    address sessionKey;
    /// Label shown to the human; not verified.
    string app;
    /// What may be called; at least one, at most eight rules after grouping.
    Method[] methods;
    /// What may be spent of tokens; must be empty.
    TokenCap[] tokens;
    /// Most native value of one transaction, in wei; below 2^80.
    uint256 nativePerTx;
    /// Most native value of the whole session, in wei; below 2^88.
    uint256 nativeTotal;
    /// Transactions per period; at least one.
    uint16 txLimit;
    /// Period, in seconds; at least one.
    uint24 txPeriodSeconds;
    /// Actions in one transaction; at least one.
    uint8 maxActionsPerTx;
    /// First second at which the key may act (Unix).
    uint40 validAfter;
    /// First second at which it may no longer act (Unix); at most 400 days ahead.
    uint40 validUntil;
    /// `validUntil` as `YYYY-MM-DD HH:MM:SS UTC`; proven equal.
    string validUntilUtc;
    /// Must equal `grantNonce()`, which grows by one with every grant.
    uint64 grantNonce;
    /// Last second at which this grant may be submitted (Unix).
    uint40 grantBefore;
}

/// @dev A stored rule entry, as `sessions()` tells it.
struct MethodView {
    /// Contract that may be called.
    address target;
    /// Method that may be called.
    bytes4 selector;
    /// Index of the rule, for the packed batch.
    uint8 ruleIndex;
    /// Index of the selector within the rule, for the packed batch.
    uint8 selectorIndex;
}

/// @dev A stored session, decoded.
struct SessionView {
    /// Session key.
    address key;
    /// Everything the key may call.
    MethodView[] methods;
    /// Cap per transaction, in wei.
    uint256 nativePerTx;
    /// Cap of the session, in wei.
    uint256 nativeTotal;
    /// Spent of `nativeTotal` so far, in wei.
    uint256 nativeSpent;
    /// Transactions per period.
    uint16 txLimit;
    /// Period, in seconds.
    uint24 txPeriodSeconds;
    /// Actions in one transaction.
    uint8 maxActionsPerTx;
    /// First second at which the key may act (Unix).
    uint40 validAfter;
    /// First second at which it may no longer act (Unix).
    uint40 validUntil;
    /// Transactions that the key could send at this block's timestamp; 0 outside its window.
    uint16 remaining;
    /// First second, from this block's on, at which start and rate allow one more (Unix). Says
    /// nothing of the end: compare with `validUntil`.
    uint40 nextAllowedAt;
}

/// @title ISessionWallet
/// @notice Everything that a caller of the session wallet sees.
interface ISessionWallet {
    /// @notice A session began. `grantHash` is the EIP-712 struct hash of the grant.
    event SessionGranted(
        address indexed key, bytes32 grantHash, uint40 validAfter, uint40 validUntil
    );
    /// @notice A session ended for good, by the owner or because an expired one made room.
    event SessionRevoked(address indexed key);
    /// @notice Every session ended for good.
    event AllSessionsRevoked();
    /// @notice In isolate mode the call at `index` of the batch failed and the others went on.
    event CallFailed(uint256 index, bytes4 selector);

    /// @dev When the caller is not the account itself.
    error NotOwner();
    /// @dev When the key has no session in this epoch: never granted, or revoked.
    error SessionUnknown(address key);
    /// @dev When the session starts later.
    error NotYetValid(uint40 validAfter);
    /// @dev When the session is over.
    error Expired(uint40 validUntil);
    /// @dev When an item names a rule that the session does not have.
    error RuleIndex(uint256 index);
    /// @dev When an item names a selector that its rule does not have.
    error SelectorIndex(uint256 index);
    /// @dev When a batch has more items than the session allows.
    error TooManyActions(uint256 max);
    /// @dev When the values of a batch sum to more than one transaction may spend, in wei.
    error NativePerTx(uint256 cap, uint256 asked);
    /// @dev When the session would have spent `asked` in total, more than its cap, in wei.
    error NativeTotal(uint256 cap, uint256 asked);
    /// @dev When the rate forbids another transaction before `nextAllowedAt` (Unix seconds).
    error RateLimited(uint256 nextAllowedAt);
    /// @dev When the bytes are not exactly one header and whole items.
    error MalformedBatch();
    /// @dev When a batch in isolate mode carries value.
    error IsolateForbidden();
    /// @dev When a call in isolate mode could not be given all the gas that the header promises.
    error InsufficientGas();
    /// @dev When a call of a batch comes back to act, grant or revoke.
    error Reentered();

    /// @dev When the grant names another account.
    error WrongAccount(address account);
    /// @dev When the grant's nonce is not the stored one.
    error WrongGrantNonce(uint64 expected, uint64 given);
    /// @dev When the grant is submitted too late.
    error GrantLate(uint40 grantBefore);
    /// @dev When the key is zero, a precompile, the account, the implementation, or has code.
    error KeyForbidden(address key);
    /// @dev When the key was granted before in this epoch, whether it still lives or not.
    error KeyUsed(address key);
    /// @dev When the window is empty, over, or ends after the year 2106.
    error WindowInvalid(uint40 validAfter, uint40 validUntil);
    /// @dev When the session would end later than `latest` (Unix seconds).
    error WindowTooLong(uint256 latest);
    /// @dev When the text of the end is not what `validUntil` reads as.
    error DateTextWrong();
    /// @dev When the transaction limit or its period is zero.
    error FrequencyInvalid();
    /// @dev When no action per transaction is allowed.
    error NoActions();
    /// @dev When the grant has no method.
    error NoMethods();
    /// @dev When the methods need more rules than a session holds.
    error TooManyRules(uint256 max);
    /// @dev When the account holds as many sessions as it can and none has expired.
    error TooManySessions(uint256 max);
    /// @dev When the grant names tokens: token caps are not supported yet.
    error TokensUnsupported();
    /// @dev When the target is the account, the implementation, an EntryPoint or a precompile.
    error TargetForbidden(address target);
    /// @dev When the target has no code.
    error TargetWithoutCode(address target);
    /// @dev When the method would move or approve tokens, which needs a cap, or hashes to zero.
    error SelectorForbidden(bytes4 selector);
    /// @dev When the signature of the method at `index` is not of the form `name(types)`.
    error SignatureInvalid(uint256 index);
    /// @dev When a method appears twice.
    error DuplicateMethod(address target, bytes4 selector);
    /// @dev When a native cap does not fit its field.
    error NativeCapTooLarge();
    /// @dev When the gas money could not be sent to the key.
    error GasMoneyNotSent();

    /// @notice Gives `g.sessionKey` a session; `msg.value` goes to the key as gas money.
    function grant(SessionGrant calldata g) external payable;
    /// @notice Ends a session for good.
    function revoke(address key) external;
    /// @notice Ends every session for good, and voids grants signed but not submitted.
    function revokeAll() external;
    /// @notice Runs the packed batch that follows the four selector bytes; the caller is the key.
    function act() external;
    /// @notice Every session, expired ones included, decoded.
    function sessions() external view returns (SessionView[] memory);
    /// @notice One session, decoded; reverts with `SessionUnknown`.
    function session(address key) external view returns (SessionView memory);
    /// @notice What the next grant must carry; 0 for an account that never granted.
    function grantNonce() external view returns (uint64);
}
