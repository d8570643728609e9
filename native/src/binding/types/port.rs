//! `NativeBatch` and what it holds.

use napi_derive::napi;

use super::NativeFailure;
use super::end::NativeEnded;
use astrid_native::services::port::{Batch, Line, Request};

#[napi(object, object_from_js = false)]
pub struct NativePortCall {
    pub number: i64,
    pub verb: String,
    pub resource: String,
    pub payload: String,
    pub capsule: String,
    pub principal: String,
    pub message: String,
}

#[napi(object, object_from_js = false)]
pub struct NativeLine {
    pub capsule: String,
    pub level: String,
    pub text: String,
}

#[napi(object, object_from_js = false)]
pub struct NativeBatch {
    pub calls: Vec<NativePortCall>,
    pub cancelled: Vec<i64>,
    pub lines: Vec<NativeLine>,
    pub ended: Vec<NativeEnded>,
}

#[napi(object, object_to_js = false)]
pub struct NativeAnswer {
    pub number: i64,
    pub json: Option<String>,
    pub error: Option<NativeFailure>,
}

impl NativeBatch {
    /// What went out, and what came to its end.
    pub fn new(batch: Batch, ended: Vec<NativeEnded>) -> Self {
        let line = |l: Line| NativeLine { capsule: l.capsule, level: l.level.into(), text: l.text };
        Self {
            calls: batch.calls.into_iter().map(call).collect(),
            cancelled: batch.cancelled.into_iter().map(u64::cast_signed).collect(),
            lines: batch.lines.into_iter().map(line).collect(),
            ended,
        }
    }
}

fn call((number, request): (u64, Request)) -> NativePortCall {
    NativePortCall {
        number: number.cast_signed(),
        verb: request.verb.into(),
        resource: request.resource,
        payload: request.payload,
        capsule: request.capsule.to_string(),
        principal: request.principal.to_string(),
        message: request.message.to_string(),
    }
}
