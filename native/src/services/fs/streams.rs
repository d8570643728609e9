//! Streams of an open file. Decision and record stand at the call; bytes flow as the guest reads
//! or writes them, and stop when its message ends.

use std::sync::Arc;

use tokio::sync::oneshot;
use wasmtime::component::{Access, FutureReader, HasSelf, Resource, StreamReader};

use super::flow::{CHUNK_BYTES, Flow, Reading, Writing};
use super::opening::OpenHandle;
use crate::base::error::{Code, Error, Result};
use crate::services::bindings::astrid::capsule::{fs, types};
use crate::services::functions::{self, Function};
use crate::services::guest::Guest;

type Guests<T> = std::result::Result<T, types::Error>;

impl fs::HostFileWithStore<Guest> for HasSelf<Guest> {
    fn read_stream(
        mut access: Access<'_, Guest, Self>,
        file: Resource<OpenHandle>,
        offset: u64,
    ) -> wasmtime::Result<(StreamReader<u8>, FutureReader<Guests<()>>)> {
        let (finished, done) = oneshot::channel();
        let begun = access.get().begin_stream(&file, functions::FILE_READ_STREAM, offset)?;
        let stream = StreamReader::new(&mut access, Reading::new(begun, finished))?;
        Ok((stream, FutureReader::new(&mut access, ending(done))?))
    }

    fn write_stream(
        mut access: Access<'_, Guest, Self>,
        file: Resource<OpenHandle>,
        offset: u64,
        data: StreamReader<u8>,
    ) -> wasmtime::Result<FutureReader<Guests<u64>>> {
        let (finished, done) = oneshot::channel();
        let mut data = data;
        match access.get().begin_stream(&file, functions::FILE_WRITE_STREAM, offset)? {
            Ok(flow) => data.pipe(&mut access, Writing::new(flow, finished))?,
            Err(error) => {
                // Nobody waits for the answer only when the guest is gone.
                let _ = finished.send(Err(error));
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
    /// Decides and records a stream; where it then stands in the file.
    fn begin_stream(
        &mut self,
        handle: &Resource<OpenHandle>,
        function: Function,
        offset: u64,
    ) -> wasmtime::Result<Result<Flow>> {
        let (opened, path) = match self.open_handle(handle)? {
            Ok(open) => open,
            Err(error) => return Ok(Err(self.refuse_argument(function.verb, error))),
        };
        Ok(self.decide_and_do(function, path, &offset.to_le_bytes(), |guest, _permit| {
            guest.stream_place().map(|_place| Flow { opened, offset, _place })
        }))
    }

    /// A place for one more stream, whose chunk counts from now on.
    fn stream_place(&mut self) -> Result<Arc<()>> {
        let ended = self.streams.forget_ended();
        self.meter.give_back(ended * CHUNK_BYTES as usize);
        self.streams.check_room()?;
        self.meter.charge(CHUNK_BYTES as usize)?;
        Ok(self.streams.add())
    }
}
