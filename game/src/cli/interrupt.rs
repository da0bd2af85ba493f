//! Ctrl-C (and SIGTERM) as a flag that the run's own loop looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// A flag that Ctrl-C sets, for the window, which looks at it once a frame.
///
/// # Errors
/// When a handler cannot be installed; once per process.
pub(crate) fn flag() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = flag.clone();
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed))?;
    Ok(flag)
}

/// Says when the user asked for the end; also the loop's only way of waiting.
pub(crate) struct Interrupt {
    asked: Receiver<()>,
    seen: bool,
}

impl Interrupt {
    /// Catches Ctrl-C from here on.
    ///
    /// # Errors
    /// When a handler cannot be installed; once per process.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let (tell, asked) = sync_channel(1);
        // A second Ctrl-C finds the queue full and changes nothing: the run is ending already.
        ctrlc::set_handler(move || {
            let _ = tell.try_send(());
        })?;
        Ok(Self { asked, seen: false })
    }

    /// Waits until `until`, or less when Ctrl-C comes; true from the first Ctrl-C on.
    pub(crate) fn wait_until(&mut self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        self.wait(left)
    }

    /// Whether Ctrl-C has come.
    pub(crate) fn asked(&self) -> bool {
        self.seen
    }

    /// Waits for at most `longest`; true from the first Ctrl-C on.
    fn wait(&mut self, longest: Duration) -> bool {
        if !self.seen {
            self.seen = match self.asked.recv_timeout(longest) {
                Ok(()) => true,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
            };
        }
        self.seen
    }

    /// Waits for Ctrl-C without limit: the server's whole day is this one wait.
    pub(crate) fn wait_forever(mut self) {
        const ONE_HOUR: Duration = Duration::from_secs(3600);
        while !self.wait(ONE_HOUR) {}
    }
}
