//! Floors that need Node: an addon that does as little as one can. Never shipped; built by
//! `npm run bench` as an example of the addon's crate.

#![allow(missing_docs, reason = "benches/floors.ts documents what crosses")]

#[path = "../bare/mod.rs"]
mod bare;

#[expect(dead_code, unused_imports, reason = "the port's alone are used")]
#[path = "../../src/binding/types/mod.rs"]
mod types;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use astrid_native::engine::config::kernel_engine;
use astrid_native::engine::ticker::Ticker;
use astrid_native::services::bindings::AllPre;
use astrid_native::services::port::{Port, Request};
use napi::bindgen_prelude::{Function, Object, ToNapiValue, Uint8Array};
use napi::threadsafe_function::ThreadsafeFunctionCallMode::NonBlocking;
use napi::{Env, Error, Result};
use napi_derive::napi;
use tokio::runtime::Runtime;
use tokio::sync::{Mutex as TaskMutex, mpsc};
use wasmtime::component::Component;

use types::{NativeAnswer, NativeBatch};

const INSTANCES: u32 = 16;

#[napi]
pub fn noop() {}

#[napi]
pub struct Floors {
    runtime: Runtime,
    answered: Mutex<Option<mpsc::UnboundedSender<()>>>,
}

#[napi]
impl Floors {
    #[napi(constructor)]
    pub fn new() -> Result<Self> {
        Ok(Self { runtime: start_runtime()?, answered: Mutex::default() })
    }

    #[napi]
    pub fn round_trip<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        promise(env, &self.runtime, async { Ok(()) })
    }

    #[napi]
    pub fn bounce<'env>(
        &self,
        env: &'env Env,
        count: u32,
        callback: Function<'env, String, ()>,
    ) -> Result<Object<'env>> {
        let (sender, mut answers) = mpsc::unbounded_channel();
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        let callback = callback.build_threadsafe_function().build()?;
        promise(env, &self.runtime, async move {
            let started = Instant::now();
            for _ in 0..count {
                callback.call("{\"tick\":1}".to_owned(), NonBlocking);
                answers.recv().await.ok_or_else(|| failed("nobody answers"))?;
            }
            Ok(started.elapsed().as_nanos() as f64 / f64::from(count))
        })
    }

    #[napi]
    pub fn answer(&self) {
        let sender = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a bounce under way there is nobody to tell.
        let _ = sender.as_ref().map(|sender| sender.send(()));
    }
}

/// The product's port with callers that are no guests, and without the log.
#[napi]
pub struct BarePort {
    runtime: Runtime,
    port: Arc<Port>,
}

#[napi]
impl BarePort {
    #[napi(constructor)]
    pub fn new(wake: Function<'_, (), ()>) -> Result<Self> {
        let wake = wake.build_threadsafe_function().weak::<true>().build()?;
        let port = Port::new(Box::new(move || {
            let _: napi::Status = wake.call((), NonBlocking);
        }));
        Ok(Self { runtime: start_runtime()?, port })
    }

    #[napi]
    pub fn take(&self) -> NativeBatch {
        NativeBatch::new(self.port.take(), Vec::new())
    }

    #[napi]
    pub fn answer(&self, answers: Vec<NativeAnswer>) -> Vec<i64> {
        let answer = |answer: &NativeAnswer| {
            let json = answer.json.clone().unwrap_or_default();
            self.port.answer(answer.number.cast_unsigned(), Ok(json))
        };
        answers.iter().filter(|a| !answer(a)).map(|answer| answer.number).collect()
    }

    #[napi]
    pub fn run<'env>(&self, env: &'env Env, callers: u32, each: u32) -> Result<Object<'env>> {
        let (port, threads) = (self.port.clone(), self.runtime.handle().clone());
        promise(env, &self.runtime, async move {
            let started = Instant::now();
            let callers: Vec<_> =
                (0..callers).map(|_| threads.spawn(ask_often(port.clone(), each))).collect();
            let calls = callers.len() as f64 * f64::from(each);
            for caller in callers {
                caller.await.map_err(failed)?.map_err(failed)?;
            }
            Ok(started.elapsed().as_nanos() as f64 / calls)
        })
    }
}

/// One caller: each call waits for the one before.
async fn ask_often(port: Arc<Port>, times: u32) -> astrid_native::base::error::Result<()> {
    let request = Request {
        verb: "ipc.publish",
        resource: "bench.tick".to_owned(),
        payload: "{\"tick\":1}".to_owned(),
        capsule: "bench@shipped".into(),
        principal: "bench".into(),
        message: "0123".into(),
    };
    for _ in 0..times {
        port.call(request.clone(), Box::new(|_| ()))?.answer().await?;
    }
    Ok(())
}

#[napi]
pub struct BareCapsule {
    runtime: Runtime,
    pre: AllPre<bare::Bare>,
    live: Arc<TaskMutex<bare::Instance>>,
    _ticker: Ticker,
}

#[napi]
impl BareCapsule {
    #[napi(constructor)]
    pub fn new(component: Uint8Array) -> Result<Self> {
        let runtime = start_runtime()?;
        let engine = kernel_engine(INSTANCES).map_err(failed)?;
        let ticker = Ticker::start(engine.clone()).map_err(failed)?;
        let component = Component::new(&engine, &*component).map_err(failed)?;
        let pre = bare::link(&engine, &component).map_err(failed)?;
        let live = runtime.block_on(bare::Instance::new(&pre, None)).map_err(failed)?;
        let live = Arc::new(TaskMutex::new(live));
        Ok(Self { runtime, pre, live, _ticker: ticker })
    }

    #[napi]
    pub fn warm<'env>(&self, env: &'env Env, payload: String) -> Result<Object<'env>> {
        let live = self.live.clone();
        let work = async move { live.lock().await.handle(&payload).await.map_err(failed) };
        promise(env, &self.runtime, work)
    }

    #[napi]
    pub fn fresh<'env>(&self, env: &'env Env, payload: String) -> Result<Object<'env>> {
        let pre = self.pre.clone();
        promise(env, &self.runtime, async move {
            let mut instance = bare::Instance::new(&pre, None).await.map_err(failed)?;
            instance.handle(&payload).await.map_err(failed)
        })
    }
}

fn start_runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(failed)
}

/// `work` on `runtime` as a promise: what any asynchronous function of an addon costs.
fn promise<'env, T>(
    env: &'env Env,
    runtime: &Runtime,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<Object<'env>>
where
    T: ToNapiValue + Send + 'static,
{
    let (deferred, promise) = env.create_deferred()?;
    runtime.spawn(async move {
        match work.await {
            Ok(value) => deferred.resolve(move |_| Ok(value)),
            Err(error) => deferred.reject(error),
        }
    });
    Ok(promise)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::from_reason(error.to_string())
}
