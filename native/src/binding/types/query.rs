//! `NativeQuery` and `NativePage`.

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;

use super::{NativeRecord, unsigned};
use astrid_native::audit::{Filter, Page, Query, kind_named, outcome_named, verdict_named};
use astrid_native::base::error::{Code, Error, Result};
use astrid_native::base::limits;

#[napi(object, object_to_js = false)]
pub struct NativeQuery {
    pub since_micros: Option<BigInt>,
    pub until_micros: Option<BigInt>,
    pub principal: Option<String>,
    pub capsule: Option<String>,
    pub kind: Option<String>,
    pub verb: Option<String>,
    pub verdict: Option<String>,
    pub outcome: Option<String>,
    pub code: Option<String>,
    pub resource: Option<String>,
    pub from: Option<BigInt>,
    pub limit: u32,
    pub newest_first: bool,
    pub by_records: bool,
}

impl NativeQuery {
    /// Errors: `ASTRID_INVALID` (a name or number that is none).
    pub fn into_query(self) -> Result<Query> {
        let number = |value: Option<BigInt>| value.as_ref().map(number).transpose();
        let filter = Filter {
            since_us: number(self.since_micros)?,
            until_us: number(self.until_micros)?,
            principal: self.principal,
            capsule: self.capsule,
            kind: self.kind.as_deref().map(kind_named).transpose()?,
            verb: self.verb,
            verdict: self.verdict.as_deref().map(verdict_named).transpose()?,
            outcome: self.outcome.as_deref().map(outcome_named).transpose()?,
            code: self.code,
            resource: self.resource,
        };
        Ok(Query {
            filter,
            from: number(self.from)?,
            limit: u64::from(self.limit).min(limits::RECORD_PAGE) as usize,
            newest_first: self.newest_first,
            by_records: self.by_records,
        })
    }
}

/// A number of 64 bits. Errors: `ASTRID_INVALID`.
pub fn number(value: &BigInt) -> Result<u64> {
    let wrong = || Error::new(Code::Invalid, "not a whole number of 64 bits");
    unsigned(value).ok_or_else(wrong)
}

#[napi(object, object_from_js = false)]
pub struct NativePage {
    pub records: Vec<NativeRecord>,
    pub next: BigInt,
    pub is_end: bool,
}

impl From<Page> for NativePage {
    fn from(page: Page) -> Self {
        let records = page.items.into_iter().filter_map(NativeRecord::of).collect();
        Self { records, next: page.next.into(), is_end: page.is_end }
    }
}
