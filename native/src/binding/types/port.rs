//! `NativeBatch` and what it holds.

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;

use astrid_native::services::port::{Batch, Line, Request};

#[napi(object, object_from_js = false)]
pub struct NativePortCall {
    pub number: BigInt,
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
    pub cancelled: Vec<BigInt>,
    pub lines: Vec<NativeLine>,
}

impl From<Batch> for NativeBatch {
    fn from(batch: Batch) -> Self {
        let line = |l: Line| NativeLine { capsule: l.capsule, level: l.level.into(), text: l.text };
        Self {
            calls: batch.calls.into_iter().map(call).collect(),
            cancelled: batch.cancelled.into_iter().map(Into::into).collect(),
            lines: batch.lines.into_iter().map(line).collect(),
        }
    }
}

fn call((number, request): (u64, Request)) -> NativePortCall {
    NativePortCall {
        number: number.into(),
        verb: request.verb.into(),
        resource: request.resource,
        payload: request.payload,
        capsule: request.capsule,
        principal: request.principal,
        message: request.message,
    }
}
