//! The kernel as a JavaScript class.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{BigInt, Function, Object};
use napi::threadsafe_function::ThreadsafeFunctionCallMode::NonBlocking;
use napi::{Env, Status};
use napi_derive::napi;
use tokio::sync::watch;

use super::ends::{Ends, Wake};
use super::error::to_js;
use super::promise::{guarded, promise, rejected};
use super::types::{
    NativeAbout, NativeAnswer, NativeBatch, NativeCall, NativeCheckpoint, NativeFailure,
    NativeHead, NativeLoad, NativeLoaded, NativeOpen,
};
use astrid_native::base::error::{Code, Error, Result};
use astrid_native::base::{hex, payload};
use astrid_native::kernel::{Budget, Event, Kernel, Loaded, Running};
use astrid_native::services::message::Stamp;

#[derive(Default)]
struct Tables {
    next: u32,
    capsules: HashMap<u32, Arc<Loaded>>,
    running: HashMap<u32, watch::Sender<bool>>,
}

#[napi]
pub struct NativeKernel {
    kernel: Arc<Kernel>,
    tables: Arc<Mutex<Tables>>,
    ends: Arc<Ends>,
}

#[napi]
pub fn open_kernel(
    env: Env,
    options: NativeOpen,
    wake: Function<'_, (), ()>,
) -> napi::Result<NativeKernel> {
    // Weak: an idle kernel does not keep the process alive.
    let wake = wake.build_threadsafe_function().weak::<true>().build()?;
    let wake: Wake = Arc::new(move || {
        // The only failure is a closing environment, where nobody listens any more.
        let _: Status = wake.call((), NonBlocking);
    });
    let ends = Ends::new(wake.clone());
    let wake = Box::new(move || wake());
    let kernel = Kernel::open(&options.into(), wake).map_err(|e| to_js(&env, &e))?;
    Ok(NativeKernel { kernel: Arc::new(kernel), tables: Arc::default(), ends })
}

/// A call that may run.
struct Started {
    running: Running,
    loaded: Arc<Loaded>,
    stamp: Stamp,
    budget: Budget,
    cancel: watch::Receiver<bool>,
}

#[napi]
impl NativeKernel {
    #[napi]
    pub fn load<'env>(&self, env: &'env Env, spec: NativeLoad) -> napi::Result<Object<'env>> {
        let spec = match spec.spec() {
            Ok(spec) => spec,
            Err(error) => return rejected(env, &error),
        };
        let (kernel, tables) = (self.kernel.clone(), self.tables.clone());
        self.promise(
            env,
            async move {
                let _running = kernel.enter()?;
                kernel.load(spec).await
            },
            move |loaded: Loaded| {
                let mut tables = lock(&tables);
                let id = tables.next;
                tables.next += 1;
                let crossing = NativeLoaded {
                    id,
                    digest: hex::encode(loaded.digest()),
                    cached: loaded.cached,
                    authority: loaded.authority().to_string(),
                };
                tables.capsules.insert(id, Arc::new(loaded));
                crossing
            },
        )
    }

    #[napi]
    pub fn call(&self, env: Env, capsule: u32, call: NativeCall) -> napi::Result<()> {
        let token = call.token;
        let started = self.start(capsule, call).map_err(|error| to_js(&env, &error))?;
        let (kernel, tables, ends) = (self.kernel.clone(), self.tables.clone(), self.ends.clone());
        self.kernel.run(async move {
            let Started { running, loaded, stamp, budget, cancel } = started;
            let ended = guarded(loaded.call(&kernel, stamp, budget, cancel)).await;
            lock(&tables).running.remove(&token);
            ends.push(token, ended);
            // A kernel that closes has told all its callers.
            drop(running);
        });
        Ok(())
    }

    #[napi]
    pub fn cancel(&self, token: u32) {
        if let Some(cancel) = lock(&self.tables).running.get(&token) {
            cancel.send_replace(true);
        }
    }

    #[napi]
    pub fn unload(&self, env: Env, capsule: u32) -> napi::Result<()> {
        let loaded = lock(&self.tables).capsules.remove(&capsule);
        loaded.map_or(Ok(()), |loaded| loaded.unload()).map_err(|error| to_js(&env, &error))
    }

    #[napi]
    pub fn take(&self) -> NativeBatch {
        // The ends first: what a call sent out before its end is then in the same batch.
        let ended = self.ends.take();
        NativeBatch::new(self.kernel.port().take(), ended)
    }

    #[napi]
    pub fn answer(&self, answers: Vec<NativeAnswer>) -> Vec<i64> {
        let port = self.kernel.port();
        let mut late = Vec::new();
        for NativeAnswer { number, json, error } in answers {
            if !port.answer(number.cast_unsigned(), answer(json, error)) {
                late.push(number);
            }
        }
        late
    }

    #[napi]
    pub fn flush<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let log = self.kernel.log().clone();
        let work = async move {
            log.flush()?.written().await?;
            Ok(log.head())
        };
        self.promise(env, work, NativeHead::from)
    }

    #[napi]
    pub fn record<'env>(
        &self,
        env: &'env Env,
        kind: String,
        resource: String,
        about: Option<NativeAbout>,
    ) -> napi::Result<Object<'env>> {
        let event = match about {
            Some(about) => about.event(kind, resource),
            None => Ok(Event { kind, resource, ..Event::default() }),
        };
        let event = match event {
            Ok(event) => event,
            Err(error) => return rejected(env, &error),
        };
        let kernel = self.kernel.clone();
        let work = async move { kernel.record(&event).await };
        self.promise(env, work, BigInt::from)
    }

    #[napi]
    pub fn checkpoint<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let log = self.kernel.log().clone();
        self.promise(env, async move { log.checkpoint().await }, NativeCheckpoint::from)
    }

    #[napi]
    pub fn append_checkpoint<'env>(
        &self,
        env: &'env Env,
        note: String,
    ) -> napi::Result<Object<'env>> {
        let log = self.kernel.log().clone();
        let work = async move {
            let bug = |_| Err(Error::new(Code::Internal, "the writer of checkpoints stopped"));
            tokio::task::spawn_blocking(move || log.append_note(&note)).await.unwrap_or_else(bug)
        };
        self.promise(env, work, |()| ())
    }

    #[napi]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (kernel, tables) = (self.kernel.clone(), self.tables.clone());
        let work = async move {
            lock(&tables).capsules.clear();
            kernel.close().await
        };
        self.promise(env, work, |()| ())
    }
}

impl NativeKernel {
    fn promise<'env, T, J>(
        &self,
        env: &'env Env,
        work: impl Future<Output = Result<T>> + Send + 'static,
        convert: impl FnOnce(T) -> J + Send + 'static,
    ) -> napi::Result<Object<'env>>
    where
        T: Send + 'static,
        J: napi::bindgen_prelude::ToNapiValue + 'static,
    {
        promise(env, self.kernel.threads(), work, convert)
    }

    fn start(&self, capsule: u32, call: NativeCall) -> Result<Started> {
        let running = self.kernel.enter()?;
        let token = call.token;
        let (stamp, budget) = call.parts()?;
        let mut tables = lock(&self.tables);
        let unknown = || Error::new(Code::NotFound, "the capsule is not loaded");
        let loaded = tables.capsules.get(&capsule).cloned().ok_or_else(unknown)?;
        let (sender, cancel) = watch::channel(false);
        match tables.running.entry(token) {
            Entry::Vacant(free) => drop(free.insert(sender)),
            Entry::Occupied(_) => {
                return Err(Error::new(Code::Invalid, "a running call has that token"));
            }
        }
        Ok(Started { running, loaded, stamp, budget, cancel })
    }
}

fn lock(tables: &Mutex<Tables>) -> MutexGuard<'_, Tables> {
    // Nothing under the lock can panic half-way.
    tables.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a service said, checked: JSON, or an error with a code of the table.
fn answer(json: Option<String>, error: Option<NativeFailure>) -> Result<String> {
    let wrong = |why: &str| Err(Error::new(Code::Service, why));
    match (json, error) {
        (Some(json), None) => match payload::check(&json) {
            Ok(()) => Ok(json),
            Err(_) => wrong("the service's answer is not JSON within its bounds"),
        },
        (None, Some(error)) => match Code::ALL.iter().find(|code| code.name() == error.code) {
            Some(code) => Err(Error::new(*code, error.message)),
            None => wrong("the service's error has no code of the table"),
        },
        _ => wrong("the service answered with neither one value nor one error"),
    }
}
