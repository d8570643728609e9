//! The threads that guests run on: quick ones, and slow ones that give way to whatever else the
//! machine has to do. A guest that used up a slice goes on on a slow one, so that a short call
//! never waits behind it for the system's scheduler, whose slices are as long as a hundred short
//! calls.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::base::error::{Code, Error, Result};

/// How far slow threads step back, as `nice` counts.
#[cfg(target_os = "linux")]
const SLOW_NICE: i32 = 10;

thread_local! {
    /// Whether this is a slow thread.
    static IS_SLOW: Cell<bool> = const { Cell::new(false) };
    /// Whether what was just polled asks to go on on a slow one.
    static ASKS: Cell<bool> = const { Cell::new(false) };
}

/// The threads of one kernel.
pub struct Threads {
    quick: Runtime,
    slow: Runtime,
}

impl Threads {
    /// `workers` quick threads, and slow ones for all cores but one.
    /// `ASTRID_UNSUPPORTED` if the system gives none.
    pub fn start(workers: usize) -> Result<Self> {
        let quick = build(Builder::new_multi_thread().thread_name("astrid-guest"), workers)?;
        let mut slow = Builder::new_multi_thread();
        slow.thread_name("astrid-slow").on_thread_start(step_back);
        Ok(Self { quick, slow: build(&mut slow, workers.saturating_sub(1).max(1))? })
    }

    /// What starts calls on them.
    pub fn lanes(&self) -> Lanes {
        Lanes { quick: self.quick.handle().clone(), slow: self.slow.handle().clone() }
    }

    /// Ends them without waiting: the last owner may be one of them.
    pub fn shut_down(self) {
        self.quick.shutdown_background();
        self.slow.shutdown_background();
    }
}

fn build(builder: &mut Builder, workers: usize) -> Result<Runtime> {
    let failed = |e| Error::new(Code::Unsupported, format!("no threads for guests: {e}"));
    builder.worker_threads(workers).enable_all().build().map_err(failed)
}

fn step_back() {
    IS_SLOW.set(true);
    // On Linux this is of the calling thread; elsewhere it would slow the whole process down.
    // A system that forbids even that has its own idea of who comes first.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, SLOW_NICE);
}

/// Starts calls on a kernel's threads.
#[derive(Clone)]
pub struct Lanes {
    quick: Handle,
    slow: Handle,
}

impl Lanes {
    /// The quick threads.
    pub fn quick(&self) -> &Handle {
        &self.quick
    }

    /// Runs `work` on a quick thread until it asks for a slow one, then there to its end.
    pub fn run(&self, work: impl Future<Output = ()> + Send + 'static) {
        let movable = Movable { work: Some(Box::pin(work)), slow: self.slow.clone() };
        self.quick.spawn(movable);
    }
}

struct Movable {
    /// None once it moved.
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    slow: Handle,
}

impl Future for Movable {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let Some(work) = &mut self.work else { return Poll::Ready(()) };
        ASKS.set(false);
        if work.as_mut().poll(task).is_ready() {
            return Poll::Ready(());
        }
        if ASKS.take()
            && let Some(work) = self.work.take()
        {
            self.slow.spawn(work);
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

/// Lets everyone else run, and asks for a slow thread to go on; on one already, goes on at once.
pub async fn step_aside() {
    let mut asked = IS_SLOW.get();
    std::future::poll_fn(move |task| {
        if std::mem::replace(&mut asked, true) {
            return Poll::Ready(());
        }
        ASKS.set(true);
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn work_that_steps_aside_goes_on_on_a_slow_thread() {
        let threads = Threads::start(2).unwrap();
        let (send, names) = mpsc::channel();
        threads.lanes().run(async move {
            for _ in 0..3 {
                send.send(thread::current().name().unwrap_or_default().to_owned()).unwrap();
                tokio::task::yield_now().await;
                step_aside().await;
            }
        });
        let names: Vec<_> = names.iter().collect();
        assert_eq!(names, ["astrid-guest", "astrid-slow", "astrid-slow"]);
        threads.shut_down();
    }
}
