//! Streams of an open file. Decision and record stand at the call; bytes flow as the guest reads
//! or writes them, and stop when its message ends.

use std::pin::Pin;
use std::task::{Context as Task, Poll};

use tokio::sync::oneshot;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    Access, Destination, FutureReader, HasSelf, Resource, Source, StreamConsumer, StreamProducer,
    StreamReader, StreamResult, VecBuffer,
};

use super::host::OpenHandle;
use super::opened::Opened;
use crate::base::error::{Code, Error, Result};
use crate::base::limits;
use crate::gate::verb::Verb;
use crate::services::bindings::astrid::capsule::{fs, types};
use crate::services::guest::Guest;

const CHUNK_BYTES: u32 = limits::STREAM_CHUNK_BYTES as u32;

type Guests<T> = std::result::Result<T, types::Error>;

impl fs::HostFileWithStore<Guest> for HasSelf<Guest> {
    fn read_stream(
        mut access: Access<'_, Guest, Self>,
        file: Resource<OpenHandle>,
        offset: u64,
    ) -> wasmtime::Result<(StreamReader<u8>, FutureReader<Guests<()>>)> {
        let (finished, done) = oneshot::channel();
        let mut reading = Reading { file: None, offset, finished: Some(finished) };
        let guest = access.get();
        match guest.begin_stream(&file, Verb::FsRead, offset)? {
            Ok(file) => {
                reading.file = Some(file);
            }
            Err(error) => reading.finish(Err(error)),
        }
        let stream = StreamReader::new(&mut access, reading)?;
        Ok((stream, FutureReader::new(&mut access, ending(done))?))
    }

    fn write_stream(
        mut access: Access<'_, Guest, Self>,
        file: Resource<OpenHandle>,
        offset: u64,
        data: StreamReader<u8>,
    ) -> wasmtime::Result<FutureReader<Guests<u64>>> {
        let (finished, done) = oneshot::channel();
        let guest = access.get();
        match guest.begin_stream(&file, Verb::FsWrite, offset)? {
            Ok(file) => {
                let (written, finished) = (0, Some(finished));
                data.pipe(&mut access, Writing { file, offset, written, finished })?;
            }
            Err(error) => {
                // Nobody waits for the answer only when the guest is gone.
                let _ = finished.send(Err(error));
                let mut data = data;
                data.close(&mut access)?;
            }
        }
        FutureReader::new(&mut access, ending(done))
    }
}

/// What the future beside a stream resolves to.
async fn ending<T: Send + 'static>(
    done: oneshot::Receiver<Result<T>>,
) -> wasmtime::Result<Guests<T>> {
    let closed = |_| Error::new(Code::Closed, "the stream closed with its message");
    Ok(done.await.map_err(closed).flatten().map_err(types::Error::from))
}

impl Guest {
    fn begin_stream(
        &mut self,
        handle: &Resource<OpenHandle>,
        verb: Verb,
        offset: u64,
    ) -> wasmtime::Result<Result<Opened>> {
        let (file, path) = match self.open_handle(handle)? {
            Ok(open) => open,
            Err(error) => return Ok(Err(self.refuse_argument(verb, error))),
        };
        Ok(self.decide_and_do(verb, path, &offset.to_le_bytes(), |_, _permit| Ok(file)))
    }
}

struct Reading {
    /// None once it is over.
    file: Option<Opened>,
    offset: u64,
    finished: Option<oneshot::Sender<Result<()>>>,
}

impl Reading {
    fn finish(&mut self, how: Result<()>) {
        self.file = None;
        if let Some(finished) = self.finished.take() {
            // The guest may have dropped the future: it does not want to know.
            let _ = finished.send(how);
        }
    }
}

impl StreamProducer<Guest> for Reading {
    type Item = u8;
    type Buffer = VecBuffer<u8>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        _task: &mut Task<'_>,
        mut store: StoreContextMut<'a, Guest>,
        mut destination: Destination<'a, u8, Self::Buffer>,
        _finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let Some(file) = self.file.clone() else {
            return Poll::Ready(Ok(StreamResult::Dropped));
        };
        if destination.remaining(&mut store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let guest = store.data_mut();
        match file.file().and_then(|file| file.read(self.offset, CHUNK_BYTES)) {
            Ok(bytes) if bytes.is_empty() => self.finish(Ok(())),
            Ok(bytes) => {
                guest.meter.bytes_in += bytes.len() as u64;
                self.offset += bytes.len() as u64;
                destination.set_buffer(bytes.into());
                return Poll::Ready(Ok(StreamResult::Completed));
            }
            Err(error) => self.finish(Err(error)),
        }
        Poll::Ready(Ok(StreamResult::Dropped))
    }
}

struct Writing {
    file: Opened,
    offset: u64,
    written: u64,
    finished: Option<oneshot::Sender<Result<u64>>>,
}

impl Writing {
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
        store: StoreContextMut<'_, Guest>,
        source: Source<'_, u8>,
        _finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let mut source = source.as_direct(store);
        let bytes = source.remaining();
        let chunk = &bytes[..bytes.len().min(CHUNK_BYTES as usize)];
        let (at, count) = (self.offset + self.written, chunk.len());
        if let Err(error) = self.file.file().and_then(|file| file.write(at, chunk)) {
            self.finish(Err(error));
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
        source.mark_read(count);
        self.written += count as u64;
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
