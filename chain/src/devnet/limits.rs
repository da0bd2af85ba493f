//! Every bound of the devnet, in one place, with its unit and its reason.

use std::time::Duration;

/// Shortest block time. Below it the thread that mines would do little else.
pub const MIN_BLOCK_TIME: Duration = Duration::from_millis(10);

/// Longest block time, one slot of the main network.
pub const MAX_BLOCK_TIME: Duration = Duration::from_secs(12);

/// Gas that fits in one block, as in anvil.
pub const BLOCK_GAS_LIMIT: u64 = 30_000_000;

/// Base fee of the genesis block in wei, as in anvil.
pub const GENESIS_BASE_FEE: u64 = 1_000_000_000;

/// Tip in wei per gas that `eth_maxPriorityFeePerGas` suggests, as in anvil.
pub const SUGGESTED_TIP: u128 = 1_000_000_000;

/// Blocks kept by default. An empty block takes about one KiB, so this is some 16 MiB at most
/// while idle and 2.7 minutes of history at the shortest block time.
pub const MAX_BLOCKS: usize = 16_384;

/// Blocks that the `BLOCKHASH` opcode may look back, and so the least that can be kept.
pub const MIN_BLOCKS: usize = 257;

/// Bytes that the blocks kept may take together, about; the oldest go first. Full blocks of
/// nothing but call data would otherwise fill the memory long before [`MAX_BLOCKS`].
pub const MAX_HISTORY_BYTES: usize = 256 * 1024 * 1024;

/// Values of past states remembered, of all blocks together, at some 120 bytes each; the oldest
/// block's go first.
pub const MAX_CHANGES: usize = 1_000_000;

/// Snapshots held at once. Each holds a copy of the whole state.
pub const MAX_SNAPSHOTS: usize = 16;

/// Transactions in the pool, all senders together.
pub const MAX_POOL: usize = 4_096;

/// Bytes of all encoded transactions in the pool: 4,096 of 8 KiB each.
pub const MAX_POOL_BYTES: usize = 32 * 1024 * 1024;

/// Transactions in the pool of one sender, as in geth and reth.
pub const MAX_POOL_PER_SENDER: usize = 16;

/// Transactions in the pool of one sender whose account is delegated: any of them may be undone
/// by a call from outside, so geth and reth take a single one.
pub const MAX_POOL_PER_DELEGATED_SENDER: usize = 1;

/// Percentage by which both fees must rise for a replacement, as in geth and reth.
pub const REPLACEMENT_BUMP_PERCENT: u128 = 10;

/// Encoded size of one transaction in bytes, as in geth.
pub const MAX_TRANSACTION_BYTES: usize = 128 * 1024;

/// Size of init code in bytes by EIP-3860.
pub const MAX_INIT_CODE_BYTES: usize = 49_152;

/// Gas limit of one transaction by EIP-7825.
pub const MAX_TRANSACTION_GAS: u64 = 16_777_216;

/// Logs in one answer of `eth_getLogs`.
pub const MAX_LOGS: usize = 10_000;

/// Blocks in one answer of `eth_feeHistory`, as in geth.
pub const MAX_FEE_HISTORY: u64 = 1_024;

/// Blocks that one `evm_mine` may ask for.
pub const MAX_MINE: u64 = 1_024;

/// Interval blocks mined in a row to catch up after a stall; a longer stall is skipped.
pub const MAX_CATCH_UP: u64 = 4;

/// Notices kept for subscribers between two looks at the chain.
pub const MAX_NOTICES: usize = 4_096;

/// Seconds by which the chain's time may be moved ahead at once: about a hundred years.
pub const MAX_TIME_SHIFT_S: u64 = 3_155_760_000;

/// Notices that a subscriber may fall behind before its connection is closed.
pub const MAX_NOTICES_BEHIND: usize = 2_048;

/// Subscriptions of one connection.
pub const MAX_SUBSCRIPTIONS: usize = 64;

/// WebSockets that the server keeps at once, and HTTP requests that it answers at once. A silent
/// HTTP connection is closed after half a minute and takes some ten KiB until then.
pub const MAX_CONNECTIONS: u32 = 128;

/// Longest wait for a receipt in `eth_sendRawTransactionSync` unless the sender names another, as
/// in geth: more than one slot of the main network.
pub const SYNC_WAIT: Duration = Duration::from_secs(20);

/// Longest wait for a receipt that a sender may name, as in geth.
pub const MAX_SYNC_WAIT: Duration = Duration::from_secs(60);

/// Senders that may wait for a receipt at once; each holds a timer and a place in the queue of
/// notices.
pub const MAX_SYNC_WAITERS: usize = 256;

/// Requests of one connection that may wait for a receipt at once; further ones are not read
/// meanwhile.
pub const MAX_WAITING: usize = 64;

/// Size of one HTTP or WebSocket request in bytes. A transaction is at most 128 KiB, in hex twice
/// that.
pub const MAX_REQUEST_BYTES: u32 = 2 * 1024 * 1024;

/// Size of one answer in bytes: 10,000 logs of about a KiB.
pub const MAX_RESPONSE_BYTES: u32 = 16 * 1024 * 1024;

/// Requests of one batch.
pub const MAX_BATCH: u32 = 100;

/// Longest time that a WebSocket may leave what it is sent unread before it is closed.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(10);

/// Time between two savings of the chain to its file: what a crash may cost.
pub const SAVE_EVERY: Duration = Duration::from_secs(30);

/// Time that open connections get to finish when the server stops.
pub const STOP_DEADLINE: Duration = Duration::from_millis(500);
