//! A result that another thread works on, looked at once a frame.

use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

/// The other end of a worker thread.
pub(super) struct Waiting<T>(Receiver<anyhow::Result<T>>);

impl<T: Send + 'static> Waiting<T> {
    /// Lets a thread called `name` do `work`, which may block.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub(super) fn on_thread(
        name: &str,
        work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let (tell, told) = sync_channel(1);
        let worker = std::thread::Builder::new().name(name.to_owned());
        worker.spawn(move || drop(tell.send(work())))?;
        Ok(Self(told))
    }

    /// The result once it is there; a worker that died is a failure.
    pub(super) fn look(&self) -> Option<anyhow::Result<T>> {
        match self.0.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(anyhow::anyhow!("a worker thread ended without a result"))),
        }
    }
}
