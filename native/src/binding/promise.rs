//! Futures on the kernel's threads as promises.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use napi::Env;
use napi::bindgen_prelude::{Object, ToNapiValue};
use tokio::runtime::Handle;

use super::error::to_js;
use astrid_native::base::error::{Code, Error, Result};

/// Runs `work` on `runtime`; the promise settles with what `convert` makes of its result, on the
/// JavaScript thread.
pub fn promise<'env, T, J>(
    env: &'env Env,
    runtime: &Handle,
    work: impl Future<Output = Result<T>> + Send + 'static,
    convert: impl FnOnce(T) -> J + Send + 'static,
) -> napi::Result<Object<'env>>
where
    T: Send + 'static,
    J: ToNapiValue + 'static,
{
    let (deferred, promise) = env.create_deferred()?;
    runtime.spawn(async move {
        let result = guarded(work).await;
        deferred.resolve(move |env| match result {
            Ok(value) => Ok(convert(value)),
            Err(error) => Err(to_js(&env, &error)),
        });
    });
    Ok(promise)
}

/// A promise that is rejected already.
pub fn rejected<'env>(env: &'env Env, error: &Error) -> napi::Result<Object<'env>> {
    let (deferred, promise) = env.create_deferred::<(), fn(Env) -> napi::Result<()>>()?;
    deferred.reject(to_js(env, error));
    Ok(promise)
}

/// A panic is a bug of ours: it ends the call, not the process.
pub async fn guarded<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = pin!(work);
    std::future::poll_fn(move |task| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(task))).unwrap_or_else(|_| {
            Poll::Ready(Err(Error::new(Code::Internal, "a bug in Astrid Native: it panicked")))
        })
    })
    .await
}
