//! The thread that saves the chain from time to time.

use std::{sync::Arc, thread};

use alloy::primitives::B256;
use crossbeam::channel::{RecvTimeoutError, Sender, bounded};

use super::{
    DevnetError,
    file::{StateFile, StateFileError},
    shared::Shared,
};
use crate::devnet::limits::SAVE_EVERY;

/// Saves a chain every so often, and once more when it is dropped or closed.
#[derive(Debug)]
pub(super) struct Keeper {
    stop: Option<Sender<()>>,
    thread: Option<thread::JoinHandle<Result<(), StateFileError>>>,
}

impl Keeper {
    pub(super) fn start(shared: Arc<Shared>, file: StateFile) -> Result<Self, DevnetError> {
        let (stop, stopped) = bounded(1);
        let keep = move || {
            let mut saved = None;
            while stopped.recv_timeout(SAVE_EVERY) == Err(RecvTimeoutError::Timeout) {
                // A failure is reported; the next time may go well.
                let _ = save(&shared, &file, &mut saved);
            }
            save(&shared, &file, &mut None)
        };
        let thread =
            thread::Builder::new().name("devnet-keeper".to_owned()).spawn(keep).map_err(DevnetError::Thread)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    /// Saves for the last time and says how that went.
    pub(super) fn close(&mut self) -> Result<(), StateFileError> {
        self.stop = None;
        // A panic of the thread was reported when it happened.
        self.thread.take().map_or(Ok(()), |thread| thread.join().unwrap_or(Ok(())))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // The failure was logged where it happened.
        let _ = self.close();
    }
}

/// Saves unless the head is the one that was saved last.
fn save(shared: &Shared, file: &StateFile, saved: &mut Option<B256>) -> Result<(), StateFileError> {
    let taken = shared.with(|chain| {
        let head = chain.head().hash();
        (*saved != Some(head)).then(|| (head, chain.copy()))
    });
    let Some((head, copy)) = taken else { return Ok(()) };
    // Encoding and writing happen while the chain goes on.
    file.write(&copy.encode()).inspect_err(|error| tracing::error!(%error, "the chain was not saved"))?;
    *saved = Some(head);
    Ok(())
}
