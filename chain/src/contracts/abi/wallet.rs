//! `ISessionWallet.sol`, word for word, and the outside of `SessionWalletFactory.sol`.

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

    /// One capped token. Calls of the session may lower the account's balance, by any method, by
    /// no more than this; a token that the session may not touch at all gets a cap of zero.
    #[derive(Debug, PartialEq, Eq)]
    struct TokenCap {
        /// ERC-20 contract; must have code.
        address token;
        /// What `token.symbol()` answers: 1 to 32 visible ASCII characters; proven equal.
        string symbol;
        /// What `token.decimals()` answers, at most 36; proven equal.
        uint8 decimals;
        /// Most that one transaction may spend, in the token's smallest unit; below 2^128.
        uint256 perTx;
        /// Most that the session may spend, in the token's smallest unit; below 2^128.
        uint256 total;
        /// `total` as a human reads it, such as `100 GOLD` or `0.5 USDC`: no leading or trailing
        /// zeros, no separators of thousands; proven equal.
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
        /// What may be spent of tokens; at most four.
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

    /// A stored token cap and what is spent of it, as `sessions()` tells it.
    #[derive(Debug, PartialEq, Eq)]
    struct TokenView {
        /// ERC-20 contract.
        address token;
        /// Cap per transaction, in the token's smallest unit.
        uint256 perTx;
        /// Cap of the session, in the token's smallest unit.
        uint256 total;
        /// Spent of `total` so far, in the token's smallest unit.
        uint256 spent;
    }

    /// A stored session, decoded.
    #[derive(Debug, PartialEq, Eq)]
    struct SessionView {
        /// Session key.
        address key;
        /// Everything the key may call.
        MethodView[] methods;
        /// Everything of tokens that its calls may spend.
        TokenView[] tokens;
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
        /// Highest sequence of a relayed batch so far; 0 also when there was none.
        uint40 sequence;
        /// Which of the 32 latest sequences were used: bit i stands for `sequence - i`.
        uint32 replayWindow;
    }

    /// A user operation of ERC-4337, as EntryPoint 0.7 and later pass it.
    #[derive(Debug, PartialEq, Eq)]
    struct PackedUserOperation {
        /// The account.
        address sender;
        /// Kept by the EntryPoint.
        uint256 nonce;
        /// Factory and its calldata; empty once the account has code.
        bytes initCode;
        /// `executeSession` with its packed arguments.
        bytes callData;
        /// verificationGasLimit u128 | callGasLimit u128, from the top.
        bytes32 accountGasLimits;
        /// Gas paid beyond what is measured on chain.
        uint256 preVerificationGas;
        /// maxPriorityFeePerGas u128 | maxFeePerGas u128, from the top, in wei.
        bytes32 gasFees;
        /// Sponsor and its data; empty when the account pays.
        bytes paymasterAndData;
        /// r, s and v of the session key over the operation's hash: 65 bytes.
        bytes signature;
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

        /// When the caller is not the owner: the account itself, or whom its clone was made for.
        error NotOwner();
        /// When the caller is not EntryPoint 0.8.
        error NotEntryPoint();
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
        /// When a batch in isolate mode carries value or moves or approves tokens by name.
        error IsolateForbidden();
        /// When a call in isolate mode could not be given all the gas that the header promises.
        error InsufficientGas();
        /// When a call of a batch comes back to anything that changes the account.
        error Reentered();
        /// When a batch would have spent `asked` of a token, more than one transaction may.
        error TokenPerTx(address token, uint256 cap, uint256 asked);
        /// When the session would have spent `asked` of a token in total, more than its cap.
        error TokenTotal(address token, uint256 cap, uint256 asked);
        /// When item `index` is a transfer or an approval with anything but two clean words.
        error TokenCallMalformed(uint256 index);
        /// When an approval names a spender that is no target of the session, or a capped token.
        error SpenderForbidden(address spender);
        /// When a token does not take the batch's approval back at its end.
        error ApprovalNotReset(address token, address spender);
        /// When a capped token does not tell the account's balance.
        error TokenUnreadable(address token);
        /// When a signed message arrives after its last second (Unix).
        error SignatureExpired(uint40 deadline);
        /// When a signature is not the owner's, or not the session key's, over exactly this.
        error SignatureWrong();
        /// When a relayed batch with this sequence ran already.
        error SequenceUsed(uint40 sequence);
        /// When a relayed batch is 32 or more sequences behind the latest.
        error SequenceTooOld(uint40 sequence);
        /// When a user operation calls anything but `executeSession` with a batch.
        error OperationForbidden();
        /// When `execute` is asked for more than one plain batch.
        error ModeUnsupported(bytes32 mode);

        /// When the grant names another account.
        error WrongAccount(address account);
        /// When the grant's nonce is not the stored one.
        error WrongGrantNonce(uint64 expected, uint64 given);
        /// When the grant is submitted too late.
        error GrantLate(uint40 grantBefore);
        /// When the key is zero, a precompile, the account, its owner, or has code.
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
        /// When the grant names more tokens than a session holds.
        error TooManyTokens(uint256 max);
        /// When the token has no code or is none that may be a target either.
        error TokenForbidden(address token);
        /// When a token appears twice.
        error DuplicateToken(address token);
        /// When the token does not answer with this symbol, or it is not plainly readable.
        error TokenSymbolWrong(address token);
        /// When the token does not answer with these decimals, or they are more than 36.
        error TokenDecimalsWrong(address token);
        /// When the text of the total is not what the total reads as.
        error TokenTextWrong(address token);
        /// When a token cap is 2^128 or more, or has more than 13 digits before the zeros at its end that the token's other cap has too: it would have to be rounded.
        error TokenCapTooLarge(address token);
        /// When the target is the account, its owner, the implementation, the factory, an
        /// EntryPoint or a precompile.
        error TargetForbidden(address target);
        /// When the target has no code.
        error TargetWithoutCode(address target);
        /// When the method moves or approves tokens in a way that is not read exactly, or of a
        /// token without a cap, or hashes to zero.
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
        /// ERC-7821 for the owner, in the one mode of a plain batch
        /// (`0x01000000000000000000...`): all calls or none.
        function execute(bytes32 mode, bytes calldata executionData) external payable;

        /// `grant` by signature; `msg.value` of whoever submits goes to the key as gas money.
        function grantWithSignature(SessionGrant calldata g, bytes calldata signature) external payable;
        /// `revoke` by signature, until and including second `deadline` (Unix).
        function revokeWithSignature(address key, uint40 deadline, bytes calldata signature) external;
        /// `revokeAll` by signature, while `nonce` is `grantNonce()`, until and including
        /// second `deadline` (Unix).
        function revokeAllWithSignature(uint64 nonce, uint40 deadline, bytes calldata signature)
            external;

        /// Runs a batch; the caller is the key. Arguments: batch.
        /// The name is chosen for its selector, 0x01588150: the lowest, so the first compared.
        function actAsKey() external;
        /// Runs a batch that the key signed; anybody submits, in any order within the window.
        /// Arguments: key u160 | sequence u40 | deadline u40 | r u256 | s u256 | v u8 | batch.
        function relaySession() external;
        /// Runs the batch of a user operation; only the EntryPoint calls. Arguments: key u160
        /// | batch.
        function executeSession() external;
        /// ERC-4337 (EntryPoint 0.8): checks the key's signature and, unless somebody sponsors
        /// the operation, counts the most that it may cost as native value spent by the session.
        /// Returns 1 if the signature is not the key's of a session; else the window.
        function validateUserOp(
            PackedUserOperation calldata op,
            bytes32 opHash,
            uint256 missingAccountFunds
        ) external returns (uint256 validationData);

        /// Every session, expired ones included, decoded.
        function sessions() external view returns (SessionView[] memory);
        /// One session, decoded; reverts with `SessionUnknown`.
        function session(address key) external view returns (SessionView memory);
        /// What the next grant must carry; 0 for an account that never granted.
        function grantNonce() external view returns (uint64);
        /// Who may grant and revoke: the account itself, or whom its clone was made for.
        function owner() external view returns (address);
        /// Where clones of this wallet come from.
        function factory() external view returns (address);
        /// EntryPoint 0.8.
        function entryPoint() external view returns (address);
        /// ERC-7821: whether `execute` takes this mode.
        function supportsExecutionMode(bytes32 mode) external view returns (bool);
        /// ERC-1271 for the owner only, never for a session key. Under EIP-7702 the owner signs
        /// `hash` itself; the owner of a clone signs `AccountMessage(address account,bytes32 hash)`.
        function isValidSignature(bytes32 hash, bytes calldata signature)
            external
            view
            returns (bytes4);
        /// ERC-5267. The verifying contract is the implementation: no wallet refuses to sign
        /// for it, and `account` is inside every message.
        function eip712Domain()
            external
            view
            returns (
                bytes1 fields,
                string memory name,
                string memory version,
                uint256 chainId,
                address verifyingContract,
                bytes32 salt,
                uint256[] memory extensions
            );
    }

    /// Makes the accounts of owners whose wallets do not delegate.
    #[derive(Debug, PartialEq, Eq)]
    interface SessionWalletFactory {
        /// An account was made for `owner`.
        event AccountCreated(address indexed account, address indexed owner);

        /// When no account may be made for this owner.
        error OwnerForbidden(address owner);

        /// The session wallet whose code the accounts run.
        function IMPLEMENTATION() external view returns (address);
        /// Where the owner's account is, or will be.
        function account(address owner) external view returns (address);
        /// Makes the owner's account unless it is there already.
        function create(address owner) external returns (address account);
        /// Makes the caller's account unless it is there already, and grants; `msg.value` goes to the session key.
        function createAndGrant(SessionGrant calldata g) external payable returns (address account);
        /// The same for an owner who signed the grant; anybody submits.
        function createAndGrantFor(address owner, SessionGrant calldata g, bytes calldata signature)
            external payable returns (address account);
    }
}
