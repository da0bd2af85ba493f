//! `ISessionWallet.sol`, word for word.

alloy::sol! {
    /// One allowed method. Methods with the same target share a rule, three to a rule, in order.
    #[derive(Debug, PartialEq, Eq)]
    struct Method {
        /// Contract that may be called; must have code.
        address target;
        /// Label shown to the human; not verified.
        string contractName;
        /// Canonical signature such as `attack(uint256)`; its hash is the selector that is stored.
        string signature;
    }

    /// One capped token. Not supported yet: `tokens` of a grant must be empty.
    #[derive(Debug, PartialEq, Eq)]
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

    /// What the owner agrees to. Zero means none, never unlimited.
    #[derive(Debug, PartialEq, Eq)]
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

    /// A stored rule entry, as `sessions()` tells it.
    #[derive(Debug, PartialEq, Eq)]
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

    /// A stored session, decoded.
    #[derive(Debug, PartialEq, Eq)]
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

    /// Everything that a caller of the session wallet sees.
    #[derive(Debug, PartialEq, Eq)]
    interface SessionWallet {
        /// A session began. `grantHash` is the EIP-712 struct hash of the grant.
        event SessionGranted(
            address indexed key, bytes32 grantHash, uint40 validAfter, uint40 validUntil
        );
        /// A session ended for good, by the owner or because an expired one made room.
        event SessionRevoked(address indexed key);
        /// Every session ended for good.
        event AllSessionsRevoked();
        /// In isolate mode the call at `index` of the batch failed and the others went on.
        event CallFailed(uint256 index, bytes4 selector);

        /// When the caller is not the account itself.
        error NotOwner();
        /// When the key has no session in this epoch: never granted, or revoked.
        error SessionUnknown(address key);
        /// When the session starts later.
        error NotYetValid(uint40 validAfter);
        /// When the session is over.
        error Expired(uint40 validUntil);
        /// When an item names a rule that the session does not have.
        error RuleIndex(uint256 index);
        /// When an item names a selector that its rule does not have.
        error SelectorIndex(uint256 index);
        /// When a batch has more items than the session allows.
        error TooManyActions(uint256 max);
        /// When the values of a batch sum to more than one transaction may spend, in wei.
        error NativePerTx(uint256 cap, uint256 asked);
        /// When the session would have spent `asked` in total, more than its cap, in wei.
        error NativeTotal(uint256 cap, uint256 asked);
        /// When the rate forbids another transaction before `nextAllowedAt` (Unix seconds).
        error RateLimited(uint256 nextAllowedAt);
        /// When the bytes are not exactly one header and whole items.
        error MalformedBatch();
        /// When a batch in isolate mode carries value.
        error IsolateForbidden();
        /// When a call in isolate mode could not be given all the gas that the header promises.
        error InsufficientGas();
        /// When a call of a batch comes back to act, grant or revoke.
        error Reentered();

        /// When the grant names another account.
        error WrongAccount(address account);
        /// When the grant's nonce is not the stored one.
        error WrongGrantNonce(uint64 expected, uint64 given);
        /// When the grant is submitted too late.
        error GrantLate(uint40 grantBefore);
        /// When the key is zero, a precompile, the account, the implementation, or has code.
        error KeyForbidden(address key);
        /// When the key was granted before in this epoch, whether it still lives or not.
        error KeyUsed(address key);
        /// When the window is empty, over, or ends after the year 2106.
        error WindowInvalid(uint40 validAfter, uint40 validUntil);
        /// When the session would end later than `latest` (Unix seconds).
        error WindowTooLong(uint256 latest);
        /// When the text of the end is not what `validUntil` reads as.
        error DateTextWrong();
        /// When the transaction limit or its period is zero.
        error FrequencyInvalid();
        /// When no action per transaction is allowed.
        error NoActions();
        /// When the grant has no method.
        error NoMethods();
        /// When the methods need more rules than a session holds.
        error TooManyRules(uint256 max);
        /// When the account holds as many sessions as it can and none has expired.
        error TooManySessions(uint256 max);
        /// When the grant names tokens: token caps are not supported yet.
        error TokensUnsupported();
        /// When the target is the account, the implementation, an EntryPoint or a precompile.
        error TargetForbidden(address target);
        /// When the target has no code.
        error TargetWithoutCode(address target);
        /// When the method would move or approve tokens, which needs a cap, or hashes to zero.
        error SelectorForbidden(bytes4 selector);
        /// When the signature of the method at `index` is not of the form `name(types)`.
        error SignatureInvalid(uint256 index);
        /// When a method appears twice.
        error DuplicateMethod(address target, bytes4 selector);
        /// When a native cap does not fit its field.
        error NativeCapTooLarge();
        /// When the gas money could not be sent to the key.
        error GasMoneyNotSent();

        /// Gives `g.sessionKey` a session; `msg.value` goes to the key as gas money.
        function grant(SessionGrant calldata g) external payable;
        /// Ends a session for good.
        function revoke(address key) external;
        /// Ends every session for good, and voids grants signed but not submitted.
        function revokeAll() external;
        /// Runs the packed batch that follows the four selector bytes; the caller is the key.
        function act() external;
        /// Every session, expired ones included, decoded.
        function sessions() external view returns (SessionView[] memory);
        /// One session, decoded; reverts with `SessionUnknown`.
        function session(address key) external view returns (SessionView memory);
        /// What the next grant must carry; 0 for an account that never granted.
        function grantNonce() external view returns (uint64);
    }
}
