//! `NativeCheckpoint`, `NativeProof` and `NativeVerified`.

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;

use super::NativeFailure;
use astrid_native::audit::{Break, Checkpoint, Proved, Report};
use astrid_native::base::hex;

#[napi(object, object_from_js = false)]
pub struct NativeCheckpoint {
    pub origin: String,
    pub size: BigInt,
    pub root: String,
}

impl From<Checkpoint> for NativeCheckpoint {
    fn from(made: Checkpoint) -> Self {
        let origin = hex::encode(&made.origin);
        Self { origin, size: made.size.into(), root: hex::encode(&made.root) }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeProof {
    pub record_hash: String,
    pub proof: Vec<String>,
}

impl From<Proved> for NativeProof {
    fn from(proved: Proved) -> Self {
        let proof = proved.proof.iter().map(|hash| hex::encode(hash)).collect();
        Self { record_hash: hex::encode(&proved.hash), proof }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeFault {
    pub code: String,
    pub message: String,
    pub sequence: BigInt,
}

impl From<Break> for NativeFault {
    fn from(found: Break) -> Self {
        let NativeFailure { code, message } = found.error.into();
        Self { code, message, sequence: found.sequence.into() }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeVerified {
    pub records: BigInt,
    pub pruned: BigInt,
    pub root: String,
    pub link: String,
    pub torn_bytes: BigInt,
    pub roots: Vec<String>,
    pub open_decisions: BigInt,
    pub open_first: Vec<BigInt>,
    pub fault: Option<NativeFault>,
}

impl From<Report> for NativeVerified {
    fn from(report: Report) -> Self {
        Self {
            records: report.records.into(),
            pruned: report.pruned.into(),
            root: hex::encode(&report.root),
            link: hex::encode(&report.head.link),
            torn_bytes: report.torn_bytes.into(),
            roots: report.roots.iter().map(|root| hex::encode(root)).collect(),
            open_decisions: report.open_decisions.into(),
            open_first: report.open_first.into_iter().map(BigInt::from).collect(),
            fault: report.fault.map(Into::into),
        }
    }
}
