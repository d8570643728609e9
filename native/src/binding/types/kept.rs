//! `NativeKept` and `NativeForgotten`.

use napi::bindgen_prelude::{BigInt, Uint8Array};
use napi_derive::napi;

use astrid_native::audit::{Forgotten, Kept};
use astrid_native::base::hex;

#[napi(object, object_from_js = false)]
pub struct NativeKept {
    pub state: String,
    pub salt: Option<String>,
    pub sealed: Option<Uint8Array>,
}

impl From<Kept> for NativeKept {
    fn from(kept: Kept) -> Self {
        let (state, salt, sealed) = match kept {
            Kept::Nothing => ("nothing", None, None),
            Kept::Salt(salt) => ("salt", Some(salt), None),
            Kept::Text(salt, sealed) => ("text", Some(salt), Some(sealed)),
            Kept::Forgotten => ("forgotten", None, None),
        };
        Self {
            state: state.into(),
            salt: salt.map(|salt| hex::encode(&salt)),
            sealed: sealed.map(Into::into),
        }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeForgotten {
    pub sequence: BigInt,
    pub salts: BigInt,
    pub texts: BigInt,
}

impl From<(u64, Forgotten)> for NativeForgotten {
    fn from((sequence, Forgotten { salts, texts }): (u64, Forgotten)) -> Self {
        Self { sequence: sequence.into(), salts: salts.into(), texts: texts.into() }
    }
}
