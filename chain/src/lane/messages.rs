//! What goes into the lane and what comes out of it.

use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes, Log};

use super::{DegradedReason, DrainReason};
use crate::model::ActionId;
use crate::pure::{Accepted, Inclusion, PackedCall, Step};

/// What is fixed for a session's life, as read from the contract.
#[derive(Clone, Debug)]
pub struct SessionTerms {
    /// Chain id that goes into each signature (EIP-155).
    pub chain_id: u64,
    /// The player's account.
    pub account: Address,
    /// Transactions per period.
    pub tx_limit: u16,
    /// Period of the frequency cap, in seconds.
    pub tx_period_s: u32,
    /// Actions that a transaction may carry.
    pub max_actions_per_tx: u8,
    /// End of the session, exclusive, in Unix seconds.
    pub valid_until: u64,
}

/// A canonical block's head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Height.
    pub number: u64,
    /// Hash.
    pub hash: B256,
    /// Time in Unix seconds.
    pub timestamp: u64,
    /// Base fee in wei per unit of gas.
    pub base_fee: u128,
}

/// A receipt of one of the lane's own transactions.
#[derive(Clone, Debug)]
pub struct OwnReceipt {
    /// Nonce of the transaction.
    pub nonce: u64,
    /// Hash of the transaction, which may be any that was signed for the nonce.
    pub hash: B256,
    /// Gas used.
    pub gas_used: u64,
    /// `Ok` with the calls that failed in isolation, or `Err` with the reason of the revert.
    pub result: Result<Vec<FailedCall>, Revert>,
}

/// A call that failed alone in an isolated batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCall {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The game's error, in words.
    pub reason: String,
}

/// Why a whole transaction reverted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// The contract's error, in words.
    pub reason: String,
    /// What it means beyond its words.
    pub kind: RevertKind,
}

impl Revert {
    /// A revert of which the words say everything.
    pub fn other(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), kind: RevertKind::Other }
    }
}

/// What a revert means beyond its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevertKind {
    /// Nothing more.
    #[default]
    Other,
    /// The frequency cap refused the transaction.
    RateLimited,
    /// The transaction had too little gas.
    OutOfGas,
    /// A transaction that is not the lane's has used the nonce.
    NonceTaken,
    /// The account ran other code than the session wallet: no call of the batch was made, whatever the receipt says.
    Elsewhere,
}

/// What comes into the lane.
#[derive(Clone, Debug)]
pub enum Input {
    /// The player acted.
    Act(ActionId, PackedCall),
    /// An endpoint answered a submission.
    Answer {
        /// Nonce that was sent.
        nonce: u64,
        /// What became of it.
        accepted: Accepted,
        /// The endpoint's words when it did not take it.
        message: Option<String>,
    },
    /// A canonical block, or several at once when catching up.
    Block {
        /// Head of the newest one.
        head: Head,
        /// Height that no reorg goes below any more without starting over.
        floor: u64,
        /// Blocks that the chain is ahead of this one.
        behind: u64,
        /// Logs of the watched contracts, in canonical order, with the hash of their transaction.
        logs: Vec<(B256, Log)>,
        /// Receipts of our transactions in it.
        receipts: Vec<OwnReceipt>,
    },
    /// Blocks are no longer canonical. Those that are now follow.
    Reorged {
        /// Height of the newest block that is still canonical, or `None` when the history follows from the start.
        to: Option<u64>,
    },
    /// An endpoint expects a transaction to be carried out. Only a block makes it so.
    Preconfirmed {
        /// Nonce of the transaction.
        nonce: u64,
        /// Its hash, which may be any that was signed for the nonce.
        hash: B256,
    },
    /// The chain could not be followed this time, in the endpoint's words; it is tried again.
    Trouble(String),
    /// The session key's native coin, in wei.
    Balance(u128),
    /// What has become of the session, as account and contract tell: `None` while it is what it was at the start.
    Session(Option<DrainReason>),
    /// Sign nothing new; what is in flight is still followed.
    Drain,
    /// Only time has passed.
    Tick,
}

/// What a lane begins with, as read from the chain and from the journal.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// The session key's pending nonce, as an endpoint tells it.
    pub pending_nonce: u64,
    /// Latest block.
    pub head: Head,
    /// Tip for the block's producer, in wei per unit of gas.
    pub priority_fee: u128,
    /// Transactions of an earlier run that have no end yet.
    pub restored: Vec<Restored>,
}

/// A transaction of an earlier run. The same bytes are sent again; nothing of it is signed anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Nonce on the session key's account.
    pub nonce: u64,
    /// Hash and signed bytes of each transaction signed for this nonce, oldest first; at least one.
    pub variants: Vec<(B256, Bytes)>,
    /// Actions in the order of their calls.
    pub actions: Vec<ActionId>,
}

/// What must be durable before anything that follows it in the output is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A transaction was signed. It comes before its [`Output::Send`], and once more with the same nonce and actions
    /// for each replacement that is signed later.
    Signed {
        /// Nonce of the transaction.
        nonce: u64,
        /// Hash of the transaction.
        hash: B256,
        /// Signed bytes.
        raw: Bytes,
        /// Actions in the order of their calls.
        actions: Vec<ActionId>,
    },
    /// The chain has used the nonce and its actions have ended: it need not be restored any more.
    Settled {
        /// Nonce that was used.
        nonce: u64,
    },
}

/// What the lane wants done. The order is part of it: a record is kept before what follows it leaves.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Output {
    /// Keep this.
    Record(Record),
    /// Ask an endpoint this. A lost question is asked again.
    Ask(Question),
    /// Hand these bytes to an endpoint. A replacement comes as another hash at the same nonce; whoever looks for
    /// receipts looks for all of them.
    Send {
        /// Nonce of the transaction.
        nonce: u64,
        /// Hash of the transaction.
        hash: B256,
        /// Signed bytes.
        raw: Bytes,
    },
    /// Tell the game thread.
    Update(Update),
}

/// What the lane wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// The session key's native coin.
    Balance,
    /// Whether the account still runs the session wallet, and the contract still has the session as it was granted.
    Session,
}

/// What bounds a lane beside the session's terms; what is left out has a default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Most that a transaction may pay per unit of gas, in wei.
    pub fee_cap: Option<u128>,
    /// Longest wait of an action for its signature.
    pub action_ttl: Option<Duration>,
    /// The session key's native coin, in wei.
    pub balance: Option<u128>,
    /// Transactions that the contract would take at the opening's head.
    pub spare: Option<u16>,
}

/// What the game thread learns, in order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Update {
    /// A canonical step.
    Block {
        /// Head of the newest block in it.
        head: Head,
        /// Blocks that the chain is ahead of it: more than zero while the history is read.
        behind: u64,
        /// Its effect and our actions that ended by it.
        step: Step,
    },
    /// The steps above a height are void, and with them the ends of their actions.
    Reorged {
        /// That height, or `None` when the history is told again from the start.
        to: Option<u64>,
    },
    /// A transaction lost its receipt to a reorg and is in flight again.
    Unmined(Inclusion),
    /// Actions that were never signed, and never will be.
    Expired(Vec<ActionId>),
    /// An endpoint expects these actions to be carried out.
    Preconfirmed(Vec<ActionId>),
    /// A batch was signed and handed to the network.
    Signed {
        /// Hash of the transaction.
        hash: B256,
        /// Nonce of the transaction.
        nonce: u64,
        /// Its actions.
        actions: Vec<ActionId>,
    },
    /// A transaction has its receipt.
    Mined {
        /// Hash of the transaction.
        hash: B256,
        /// Gas used.
        gas_used: u64,
        /// Why it reverted, if it did.
        revert: Option<Revert>,
    },
    /// An endpoint failed us, in its words; it is tried again.
    Trouble(String),
    /// Actions wait, for this reason. Told once, and again when the reason is another one.
    Degraded(DegradedReason),
    /// They wait no longer.
    Recovered,
    /// The session key cannot pay for another transaction. Told once, and again after it was topped up.
    GasMoney {
        /// Native coin that is left, in wei.
        left: u128,
        /// What the next transaction may cost, in wei.
        needed: u128,
    },
    /// Nothing new is signed any more, for this reason. Told once.
    Draining(DrainReason),
}
