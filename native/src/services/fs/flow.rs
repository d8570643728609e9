//! The two ends of a file's streams. Each moves one chunk when it is asked to, as long as its
//! message goes on, and pays for it.
//!
//! A guest may hand one file's stream to another file: then the host asks itself, and no code of
//! the guest runs whose epochs would end it. Such a pipe lets others run before each chunk.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, ready};

use tokio::sync::oneshot;
use wasmtime::component::{
    Destination, Source, StreamConsumer, StreamProducer, StreamResult, VecBuffer,
};
use wasmtime::{AsContextMut, StoreContextMut, Trap};

use super::opened::Opened;
use crate::base::error::Result;
use crate::base::limits;
use crate::engine::lane::Lane;
use crate::engine::run::{self, Guest as _};
use crate::services::guest::Guest;

/// The most that is moved at once.
pub(super) const CHUNK_BYTES: u32 = limits::STREAM_CHUNK_BYTES as u32;

/// Where a stream stands in its file.
pub(super) struct Flow {
    /// Closed with the message, so that what is open belongs to the one being served.
    pub opened: Opened,
    /// Of the next byte.
    pub offset: u64,
    /// Counts it as a stream that has not ended.
    pub _place: Arc<()>,
}

/// Takes what one chunk costs, however small it is. Ends the message when there is no more, its
/// time is over or its caller gave up.
fn pay(store: &mut StoreContextMut<'_, Guest>) -> wasmtime::Result<()> {
    if let Some(stop) = run::stopped(store.data()) {
        return Err(stop.into());
    }
    let left = store.get_fuel()?;
    store.set_fuel(left.saturating_sub(limits::STREAM_CHUNK_FUEL))?;
    if left < limits::STREAM_CHUNK_FUEL {
        return Err(Trap::OutOfFuel.into());
    }
    Ok(())
}

type Turn = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Waits until the others had theirs, then for a place in the slow lane.
fn turn(lane: Lane) -> Turn {
    Box::pin(async {
        tokio::task::yield_now().await;
        lane.enter_slow().await;
    })
}

/// A stream out of a file.
pub(super) struct Reading {
    /// None once it is over.
    flow: Option<Flow>,
    /// What a chunk for the host's own end waits for.
    turn: Option<Turn>,
    finished: Option<oneshot::Sender<Result<()>>>,
}

impl Reading {
    /// One that begins, or could not; `finished` learns how it ended.
    pub fn new(begun: Result<Flow>, finished: oneshot::Sender<Result<()>>) -> Self {
        let mut reading = Self { flow: None, turn: None, finished: Some(finished) };
        match begun {
            Ok(flow) => reading.flow = Some(flow),
            Err(error) => reading.finish(Err(error)),
        }
        reading
    }

    fn finish(&mut self, how: Result<()>) {
        self.flow = None;
        if let Some(finished) = self.finished.take() {
            // The guest may have dropped the future: it does not want to know.
            let _ = finished.send(how);
        }
    }

    fn wait_turn(&mut self, task: &mut Task<'_>, lane: &Lane) -> Poll<()> {
        let waiting = self.turn.get_or_insert_with(|| turn(lane.clone()));
        ready!(waiting.as_mut().poll(task));
        self.turn = None;
        Poll::Ready(())
    }

    /// The next chunk; empty at the end.
    fn chunk(
        &mut self,
        store: &mut StoreContextMut<'_, Guest>,
    ) -> wasmtime::Result<Result<Vec<u8>>> {
        let Some(flow) = &mut self.flow else { return Ok(Ok(Vec::new())) };
        let file = match flow.opened.file() {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        pay(store)?;
        let read = file.read(flow.offset, CHUNK_BYTES);
        if let Ok(bytes) = &read {
            flow.offset += bytes.len() as u64;
            store.data_mut().meter.bytes_in += bytes.len() as u64;
        }
        Ok(read)
    }
}

impl StreamProducer<Guest> for Reading {
    type Item = u8;
    type Buffer = VecBuffer<u8>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        task: &mut Task<'_>,
        mut store: StoreContextMut<'a, Guest>,
        mut destination: Destination<'a, u8, Self::Buffer>,
        _finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        match destination.remaining(&mut store) {
            Some(0) => return Poll::Ready(Ok(StreamResult::Completed)),
            Some(_) => {}
            // Read by the host itself.
            None => ready!(self.wait_turn(task, store.data().lane())),
        }
        match self.chunk(&mut store)? {
            Ok(bytes) if bytes.is_empty() => self.finish(Ok(())),
            Ok(bytes) => {
                destination.set_buffer(bytes.into());
                return Poll::Ready(Ok(StreamResult::Completed));
            }
            Err(error) => self.finish(Err(error)),
        }
        // An end that the guest keeps holds no buffer.
        destination.set_buffer(VecBuffer::default());
        Poll::Ready(Ok(StreamResult::Dropped))
    }
}

/// A stream into a file.
pub(super) struct Writing {
    flow: Flow,
    written: u64,
    finished: Option<oneshot::Sender<Result<u64>>>,
}

impl Writing {
    /// One that begins; `finished` learns how many bytes it wrote, or why it could not.
    pub fn new(flow: Flow, finished: oneshot::Sender<Result<u64>>) -> Self {
        Self { flow, written: 0, finished: Some(finished) }
    }

    fn finish(&mut self, how: Result<u64>) {
        if let Some(finished) = self.finished.take() {
            // As in `Reading`.
            let _ = finished.send(how);
        }
    }
}

impl StreamConsumer<Guest> for Writing {
    type Item = u8;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _task: &mut Task<'_>,
        mut store: StoreContextMut<'_, Guest>,
        source: Source<'_, u8>,
        _finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let file = match self.flow.opened.file() {
            Ok(file) => file,
            Err(error) => {
                self.finish(Err(error));
                return Poll::Ready(Ok(StreamResult::Dropped));
            }
        };
        pay(&mut store)?;
        let mut source = source.as_direct(store.as_context_mut());
        let bytes = source.remaining();
        let chunk = &bytes[..bytes.len().min(CHUNK_BYTES as usize)];
        let count = chunk.len();
        if let Err(error) = file.write(self.flow.offset, chunk) {
            self.finish(Err(error));
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
        source.mark_read(count);
        self.flow.offset += count as u64;
        self.written += count as u64;
        store.data_mut().meter.bytes_out += count as u64;
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

impl Drop for Writing {
    /// The guest closed its end: all of it is written.
    fn drop(&mut self) {
        let written = self.written;
        self.finish(Ok(written));
    }
}
