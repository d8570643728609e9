//! The thread that moves an engine's epoch, once a slice.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime::Engine;

use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// Ticks until dropped.
pub struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts ticking `engine`. Fails with `ASTRID_UNSUPPORTED` when no thread can be had.
    pub fn start(engine: Engine) -> Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let slice = Duration::from_millis(limits::SLICE_MS);
        let body = move || {
            while stopped.recv_timeout(slice) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        };
        let thread =
            thread::Builder::new().name("astrid-ticker".into()).spawn(body).map_err(|e| {
                Error::new(Code::Unsupported, format!("no thread for the epoch ticker: {e}"))
            })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A ticker that panicked has nothing left to stop.
            let _ = thread.join();
        }
    }
}
