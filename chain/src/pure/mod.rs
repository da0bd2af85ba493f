//! Stages as pure state: no clock, no I/O, no randomness. Time comes in as a [`Duration`](std::time::Duration)
//! since an origin of the caller's choice, so that tests step it.

mod answer;
mod batch;
mod batcher;
mod envelope;
mod gas;
mod history;
mod limiter;
mod nonce;
mod reconcile;
mod replace;
mod step;
mod transaction;
mod window;

pub use answer::{Accepted, understand};
pub use batch::{CallRefusal, Method, MethodTable, PackedCall};
pub use batcher::{Batch, Batcher, Mode};
pub use envelope::{Draft, Fields};
pub use gas::{CALL_GAS, TX_GAS_MAX, full_batch_gas};
pub use limiter::Limiter;
pub use nonce::{InFlight, Inclusion, NonceLane, Variant};
pub use reconcile::{Divergence, PredictError, Reconciler};
pub use replace::{Offer, cancelled, is_cancellation, replaced};
pub use step::{Ending, REORG_DEPTH, Settled, Step, TransactionOutcome};
pub use transaction::{ACT_SELECTOR, Fees, Sealer, seal};
pub use window::Window;
