//! `NativeEnd` and what it holds.

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;

use astrid_native::base::error::{Error, Result};
use astrid_native::base::hex;
use astrid_native::kernel::{Ended, Usage};
use astrid_native::services::refusals::Refused;

#[napi(object)]
pub struct NativeFailure {
    pub code: String,
    pub message: String,
}

impl From<Error> for NativeFailure {
    fn from(error: Error) -> Self {
        Self { code: error.code.name().into(), message: error.message }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeRefusal {
    pub number: BigInt,
    pub verb: String,
    pub resource: String,
    pub why: String,
    pub rule: Option<String>,
    pub protected: Option<String>,
}

impl From<Refused> for NativeRefusal {
    fn from(refused: Refused) -> Self {
        Self {
            number: refused.number.into(),
            verb: refused.verb.into(),
            resource: refused.resource,
            why: refused.why.into(),
            rule: refused.rule,
            protected: refused.protected.map(Into::into),
        }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeUsage {
    pub fuel: BigInt,
    pub wall_micros: BigInt,
    pub peak_memory_bytes: BigInt,
    pub host_calls: BigInt,
    pub reads: BigInt,
    pub refused_calls: BigInt,
    pub bytes_in: BigInt,
    pub bytes_out: BigInt,
}

impl From<Usage> for NativeUsage {
    fn from(usage: Usage) -> Self {
        Self {
            fuel: usage.fuel.into(),
            wall_micros: usage.wall_micros.into(),
            peak_memory_bytes: usage.peak_memory_bytes.into(),
            host_calls: usage.host_calls.into(),
            reads: usage.reads.into(),
            refused_calls: usage.refused_calls.into(),
            bytes_in: usage.bytes_in.into(),
            bytes_out: usage.bytes_out.into(),
        }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeEnd {
    pub outcome: String,
    pub output: Option<String>,
    pub error: Option<NativeFailure>,
    pub usage: NativeUsage,
    pub refusals: Vec<NativeRefusal>,
    pub record: BigInt,
    pub head: String,
}

impl From<Ended> for NativeEnd {
    fn from(ended: Ended) -> Self {
        Self {
            outcome: ended.outcome.name().into(),
            output: ended.output,
            error: ended.error.map(|(code, message)| NativeFailure { code, message }),
            usage: ended.usage.into(),
            refusals: ended.refusals.into_iter().map(Into::into).collect(),
            record: ended.record.into(),
            head: hex::encode(&ended.head.link),
        }
    }
}

/// A call that ended: with its end, or with an error because nothing was delivered.
#[napi(object, object_from_js = false)]
pub struct NativeEnded {
    pub token: u32,
    pub end: Option<NativeEnd>,
    pub failure: Option<NativeFailure>,
}

impl NativeEnded {
    /// What became of the call with that token.
    pub fn new(token: u32, result: Result<Ended>) -> Self {
        match result {
            Ok(ended) => Self { token, end: Some(ended.into()), failure: None },
            Err(error) => Self { token, end: None, failure: Some(error.into()) },
        }
    }
}
