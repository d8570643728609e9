//! `NativeUntil`, `NativePruned` and `NativeReceipt`.

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;

use super::number;
use astrid_native::audit::{Pruned, Until};
use astrid_native::base::error::{Code, Error, Result};

#[napi(object, object_to_js = false)]
pub struct NativeUntil {
    pub before_micros: Option<BigInt>,
    pub through: Option<BigInt>,
}

impl TryFrom<NativeUntil> for Until {
    type Error = Error;

    fn try_from(until: NativeUntil) -> Result<Self> {
        match (until.before_micros, until.through) {
            (Some(moment), None) => number(&moment).map(Self::Before),
            (None, Some(last)) => number(&last).map(Self::Through),
            _ => Err(Error::new(Code::Invalid, "one of beforeMicros and through")),
        }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativePruned {
    pub through: BigInt,
    pub bodies: BigInt,
    pub bytes: BigInt,
}

impl From<Pruned> for NativePruned {
    fn from(Pruned { through, bodies, bytes }: Pruned) -> Self {
        Self { through: through.into(), bodies: bodies.into(), bytes: bytes.into() }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeReceipt {
    pub sequence: BigInt,
    pub pruned: NativePruned,
}

impl From<(u64, Pruned)> for NativeReceipt {
    fn from((sequence, pruned): (u64, Pruned)) -> Self {
        Self { sequence: sequence.into(), pruned: pruned.into() }
    }
}
