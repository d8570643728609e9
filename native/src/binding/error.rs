//! Errors cross as data: an Error object whose `code` is one of the table.

use napi::bindgen_prelude::{JsValue, Unknown};
use napi::{Env, Error as JsError, Status};

use astrid_native::base::error::Error;

/// The error as JavaScript throws it. Must run on the JavaScript thread.
pub fn to_js(env: &Env, error: &Error) -> JsError {
    coded(env, error).unwrap_or_else(|why| why)
}

fn coded(env: &Env, error: &Error) -> napi::Result<JsError> {
    let mut object =
        env.create_error(JsError::new(Status::GenericFailure, error.message.as_str()))?;
    object.set("code", error.code.name())?;
    let value: Unknown<'_> = object.to_unknown();
    Ok(JsError::from(value))
}
