//! `NativeRecord`.

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;

use astrid_native::audit::{Head, Item, Text, Usage};
use astrid_native::base::hex;

#[napi(object, object_from_js = false)]
pub struct NativeHead {
    pub sequence: BigInt,
    pub head: String,
}

impl From<Head> for NativeHead {
    fn from(head: Head) -> Self {
        Self { sequence: head.sequence.into(), head: hex::encode(&head.link) }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeCost {
    pub fuel: BigInt,
    pub wall_micros: BigInt,
    pub peak_memory_bytes: BigInt,
    pub host_calls: BigInt,
    pub bytes_in: BigInt,
    pub bytes_out: BigInt,
}

impl From<Usage> for NativeCost {
    fn from(usage: Usage) -> Self {
        Self {
            fuel: usage.fuel.into(),
            wall_micros: usage.wall_us.into(),
            peak_memory_bytes: usage.memory_bytes.into(),
            host_calls: usage.host_calls.into(),
            bytes_in: usage.bytes_in.into(),
            bytes_out: usage.bytes_out.into(),
        }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeRecord {
    pub sequence: BigInt,
    pub wall_micros: BigInt,
    pub mono_nanos: BigInt,
    pub run: String,
    pub counter: BigInt,
    pub kind: String,
    pub count: u32,
    pub cause: BigInt,
    pub principal: Option<String>,
    pub capsule: Option<String>,
    pub component: Option<String>,
    pub authority: Option<String>,
    pub message: Option<String>,
    pub verb: Option<String>,
    pub resource: Option<String>,
    pub commitment: Option<String>,
    pub verdict: Option<String>,
    pub rule: Option<String>,
    pub outcome: Option<String>,
    pub code: Option<String>,
    pub usage: Option<NativeCost>,
    pub lost: Option<BigInt>,
    pub since_micros: Option<BigInt>,
    pub link: String,
}

impl NativeRecord {
    /// None for a record whose body was pruned.
    pub fn of(item: Item) -> Option<Self> {
        let record = item.record?;
        let text = |text: Option<Text<'_>>| text.map(|text| text.kept.into_owned());
        Some(Self {
            sequence: record.sequence.into(),
            wall_micros: record.wall_us.into(),
            mono_nanos: record.mono_ns.into(),
            run: hex::encode(&record.run),
            counter: record.counter.into(),
            kind: record.kind.name().into(),
            count: record.count,
            cause: record.cause.into(),
            principal: text(record.principal),
            capsule: text(record.capsule),
            component: record.component.map(|digest| hex::encode(&digest)),
            authority: record.authority.map(|id| hex::encode(&id)),
            message: text(record.message),
            verb: text(record.verb),
            resource: text(record.resource),
            commitment: record.commitment.map(|digest| hex::encode(&digest)),
            verdict: record.verdict.map(|verdict| verdict.name().into()),
            rule: text(record.rule),
            outcome: record.outcome.map(|outcome| outcome.name().into()),
            code: text(record.code),
            usage: record.usage.map(Into::into),
            lost: record.lost.map(Into::into),
            since_micros: record.since_us.map(Into::into),
            link: hex::encode(&item.link),
        })
    }
}
