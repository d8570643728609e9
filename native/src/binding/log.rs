//! A log without its kernel, as a JavaScript class. What reads the disk runs on Node's own pool.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, BigInt, ToNapiValue, TypeName, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;

use super::error::to_js;
use super::types::{
    NativeForgotten, NativeKept, NativePage, NativeProof, NativePruned, NativeQuery, NativeReceipt,
    NativeUntil, NativeVerified, number,
};
use astrid_native::audit::Archive;
use astrid_native::base::error::{Code, Error, Result};
use astrid_native::base::hex;

#[napi]
pub struct NativeLog {
    archive: Arc<Archive>,
}

#[napi]
pub fn open_log(env: Env, folder: String) -> napi::Result<NativeLog> {
    let archive = Archive::open(Path::new(&folder)).map_err(|error| to_js(&env, &error))?;
    Ok(NativeLog { archive: Arc::new(archive) })
}

#[napi]
impl NativeLog {
    #[napi]
    pub fn origin(&self) -> String {
        hex::encode(self.archive.origin())
    }

    #[napi]
    pub fn query(&self, query: NativeQuery) -> AsyncTask<Reading<NativePage>> {
        self.reading(move |archive| archive.query(&query.into_query()?).map(Into::into))
    }

    #[napi]
    pub fn verify(&self, sizes: Vec<BigInt>) -> AsyncTask<Reading<NativeVerified>> {
        self.reading(move |archive| {
            let sizes = sizes.iter().map(number).collect::<Result<Vec<_>>>()?;
            archive.verify(&sizes).map(Into::into)
        })
    }

    #[napi]
    pub fn kept(&self, sequence: BigInt) -> AsyncTask<Reading<NativeKept>> {
        self.reading(move |archive| archive.kept(number(&sequence)?).map(Into::into))
    }

    #[napi]
    pub fn commits(&self, sequence: BigInt, framed: Uint8Array) -> AsyncTask<Reading<bool>> {
        // A copy: JavaScript goes on meanwhile.
        let framed = framed.to_vec();
        self.reading(move |archive| archive.commits(number(&sequence)?, &framed))
    }

    #[napi]
    pub fn forget(
        &self,
        first: BigInt,
        last: BigInt,
        receipt: String,
    ) -> AsyncTask<Reading<NativeForgotten>> {
        self.reading(move |archive| {
            let range = number(&first)?..=number(&last)?;
            archive.forget(&range, &receipt).map(Into::into)
        })
    }

    #[napi]
    pub fn prunable(&self, until: NativeUntil) -> AsyncTask<Reading<NativePruned>> {
        self.reading(move |archive| archive.prunable(until.try_into()?).map(Into::into))
    }

    #[napi]
    pub fn prune(&self, through: BigInt, receipt: String) -> AsyncTask<Reading<NativeReceipt>> {
        self.reading(move |archive| archive.prune(number(&through)?, &receipt).map(Into::into))
    }

    #[napi]
    pub fn seen(&self) -> BigInt {
        self.archive.seen().into()
    }

    #[napi]
    pub fn prove(
        &self,
        sequence: BigInt,
        size: BigInt,
        root: Uint8Array,
    ) -> AsyncTask<Reading<NativeProof>> {
        self.reading(move |archive| {
            let (sequence, size) = (number(&sequence)?, number(&size)?);
            archive.prove(sequence, size, hash(&root)?).map(Into::into)
        })
    }

    #[napi]
    pub fn tiles(&self, size: BigInt, root: Uint8Array, folder: String) -> AsyncTask<Reading<()>> {
        self.reading(move |archive| archive.tiles(number(&size)?, hash(&root)?, folder.as_ref()))
    }
}

impl NativeLog {
    fn reading<T>(
        &self,
        work: impl FnOnce(&Archive) -> Result<T> + Send + 'static,
    ) -> AsyncTask<Reading<T>>
    where
        T: Send + ToNapiValue + TypeName + 'static,
    {
        AsyncTask::new(Reading { archive: self.archive.clone(), work: Some(Box::new(work)) })
    }
}

type Work<T> = Box<dyn FnOnce(&Archive) -> Result<T> + Send>;

/// Something to find out from the log's files.
pub struct Reading<T> {
    archive: Arc<Archive>,
    work: Option<Work<T>>,
}

impl<T: Send + ToNapiValue + TypeName + 'static> Task for Reading<T> {
    // An error becomes one of JavaScript on its own thread.
    type Output = Result<T>;
    type JsValue = T;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let bug = || Error::new(Code::Internal, "a bug in Astrid Native: it panicked");
        let Some(work) = self.work.take() else { return Ok(Err(bug())) };
        // No panic may leave a thread that is not ours.
        let done = catch_unwind(AssertUnwindSafe(|| work(&self.archive)));
        Ok(done.unwrap_or_else(|_| Err(bug())))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<T> {
        output.map_err(|error| to_js(&env, &error))
    }
}

fn hash(bytes: &Uint8Array) -> Result<&[u8; 32]> {
    let wrong = |_| Error::new(Code::Invalid, "a hash is 32 bytes");
    bytes.as_ref().try_into().map_err(wrong)
}
