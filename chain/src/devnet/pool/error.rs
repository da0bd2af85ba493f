//! Why the pool refuses a transaction, in the words of geth, which clients match on.

use alloy::primitives::{Address, U256};

use crate::devnet::limits::{MAX_INIT_CODE_BYTES, MAX_TRANSACTION_BYTES, MAX_TRANSACTION_GAS};

/// Why a transaction was not taken into the pool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The bytes are not a transaction.
    #[error("failed to decode signed transaction: {0}")]
    Decode(String),
    /// The signature does not give a sender.
    #[error("invalid sender")]
    InvalidSender,
    /// A transaction with blobs: the devnet carries none.
    #[error("transaction type not supported")]
    TypeNotSupported,
    /// Signed for every chain: name the chain id in what is signed.
    #[error("only replay-protected (EIP-155) transactions allowed over RPC")]
    Unprotected,
    /// Signed for another chain.
    #[error("invalid chain id for signer: have {have} want {want}")]
    ChainId {
        /// Chain id of the transaction.
        have: u64,
        /// Chain id of this chain.
        want: u64,
    },
    /// The same transaction waits already: nothing to do.
    #[error("already known")]
    AlreadyKnown,
    /// The nonce was used: the transaction, or another one, is on the chain.
    #[error("nonce too low: next nonce {next}, tx nonce {nonce}")]
    NonceTooLow {
        /// The account's next nonce.
        next: u64,
        /// The transaction's nonce.
        nonce: u64,
    },
    /// No nonce could follow this one (EIP-2681).
    #[error("nonce has max value")]
    NonceMax,
    /// Another transaction with this nonce waits and the fees are not 10 % higher, both of them.
    #[error("replacement transaction underpriced")]
    ReplacementUnderpriced,
    /// The balance does not cover this transaction and those that wait before and after it.
    #[error("insufficient funds for gas * price + value: balance {balance}, tx cost {cost}")]
    InsufficientFunds {
        /// Balance of the sender in wei.
        balance: U256,
        /// What all waiting transactions of the sender may take, in wei.
        cost: U256,
    },
    /// The gas limit does not even cover what every transaction costs.
    #[error("intrinsic gas too low: gas {gas}, minimum needed {needed}")]
    IntrinsicGas {
        /// Gas limit of the transaction.
        gas: u64,
        /// Gas it takes before its first instruction.
        needed: u64,
    },
    /// The gas limit does not cover the least price of the call data (EIP-7623).
    #[error("insufficient gas for floor data gas cost: gas {gas}, minimum needed {needed}")]
    FloorGas {
        /// Gas limit of the transaction.
        gas: u64,
        /// Gas that its data costs at least.
        needed: u64,
    },
    /// The gas limit is above the block's.
    #[error("exceeds block gas limit")]
    BlockGasLimit,
    /// The gas limit is above what one transaction may have (EIP-7825).
    #[error("transaction gas limit too high (cap: {MAX_TRANSACTION_GAS}, tx: {0})")]
    GasCap(u64),
    /// The tip is above the fee cap.
    #[error("max priority fee per gas higher than max fee per gas")]
    TipAboveFee,
    /// Init code beyond EIP-3860.
    #[error("max initcode size exceeded: code size {0}, limit {MAX_INIT_CODE_BYTES}")]
    InitCodeSize(usize),
    /// A type-4 transaction without authorizations.
    #[error("set code transaction with empty auth list")]
    EmptyAuthorizations,
    /// The encoded transaction is too large.
    #[error("oversized data: transaction size {0}, limit {MAX_TRANSACTION_BYTES}")]
    Oversized(usize),
    /// The sender is a contract.
    #[error("sender not an eoa: address {0}")]
    SenderNotEoa(Address),
    /// The sender has its 16 transactions waiting.
    #[error("account limit exceeded")]
    AccountLimit,
    /// The sender is delegated and has its one transaction waiting.
    #[error("in-flight transaction limit reached for delegated accounts")]
    DelegatedLimit,
    /// The sender is delegated and the nonce is not its next.
    #[error("gapped-nonce tx from delegated accounts")]
    DelegatedGap,
    /// The pool holds all it can, and everything in it pays more: raise the fees.
    #[error("transaction underpriced: the pool is full of better paid ones")]
    Underpriced,
}
