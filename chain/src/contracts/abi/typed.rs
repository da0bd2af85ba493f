//! EIP-712 messages that are signed but never passed as a struct, word for word as the wallet hashes them.

alloy::sol! {
    /// A batch that anybody may submit for a session key, with `relaySession`.
    #[derive(Debug, PartialEq, Eq)]
    struct SessionBatch {
        /// Account that granted the session.
        address account;
        /// Key that signs.
        address sessionKey;
        /// Number of the message, used once.
        uint40 sequence;
        /// Last second at which it may be submitted (Unix).
        uint40 deadline;
        /// The packed batch.
        bytes batch;
    }

    /// The end of one session, with `revokeWithSignature`.
    #[derive(Debug, PartialEq, Eq)]
    struct SessionRevocation {
        /// Account whose owner signs.
        address account;
        /// Key whose session ends.
        address sessionKey;
        /// Last second at which it may be submitted (Unix).
        uint40 deadline;
    }

    /// The end of every session, with `revokeAllWithSignature`.
    #[derive(Debug, PartialEq, Eq)]
    struct AllSessionsRevocation {
        /// Account whose owner signs.
        address account;
        /// Must equal `grantNonce()`.
        uint64 grantNonce;
        /// Last second at which it may be submitted (Unix).
        uint40 deadline;
    }
}
