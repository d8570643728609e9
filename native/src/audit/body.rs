//! The one encoder. Layout: docs/audit.md.

use super::{
    field::{self, Fields},
    kind::Kind,
    record::{Outcome, Record, Usage, Verdict},
    text::{NAME_BYTES, TEXT_BYTES, Text, encoded_max},
};
use crate::base::limits;

/// Bytes before the optional fields.
pub const HEADER_BYTES: usize = 52;
const FIELDS_AT: usize = 4;
/// Where the sequence stands in a body; wall time follows it.
pub const SEQUENCE_AT: usize = 8;
/// Bytes from there to the count: sequence, wall time, monotonic time, run and counter.
pub const STAMP_BYTES: usize = 40;
/// Where the run stands; the counter follows it.
const RUN_AT: usize = 32;
/// Where the wall time stands, µs since 1970.
pub const WALL_AT: usize = 16;

/// No body is larger.
pub const BODY_BYTES_MAX: usize = HEADER_BYTES
    + 8 + 32 + 8 + 32 + 8 + 8 // cause, component, authority, commitment, lost, since
    + Usage::BYTES
    + 5 * encoded_max(NAME_BYTES)
    + 2 * encoded_max(TEXT_BYTES);
const _: () = assert!(BODY_BYTES_MAX <= limits::AUDIT_RECORD_BYTES as usize);

/// What stands in the first bytes of each body.
pub struct Header {
    pub kind: Kind,
    pub verdict: Option<Verdict>,
    pub outcome: Option<Outcome>,
    pub fields: Fields,
    pub sequence: u64,
    pub wall_us: u64,
    pub mono_ns: u64,
    pub run: [u8; 8],
    pub counter: u64,
    pub count: u32,
}

impl Header {
    #[inline]
    fn bytes(&self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[0..2].copy_from_slice(&(self.kind as u16).to_le_bytes());
        out[2] = self.verdict.map_or(0, |v| v as u8);
        out[3] = self.outcome.map_or(0, |o| o as u8);
        out[4..8].copy_from_slice(&(self.fields & field::ON_DISK).to_le_bytes());
        out[8..16].copy_from_slice(&self.sequence.to_le_bytes());
        out[16..24].copy_from_slice(&self.wall_us.to_le_bytes());
        out[24..32].copy_from_slice(&self.mono_ns.to_le_bytes());
        out[32..40].copy_from_slice(&self.run);
        out[40..48].copy_from_slice(&self.counter.to_le_bytes());
        out[48..52].copy_from_slice(&self.count.to_le_bytes());
        out
    }
}

/// The optional fields, in order. The subject comes encoded.
pub struct Body<'a> {
    pub header: Header,
    pub cause: u64,
    pub subject: &'a [u8],
    pub verb: Option<Text<'a>>,
    pub resource: Option<Text<'a>>,
    pub commitment: Option<[u8; 32]>,
    pub rule: Option<Text<'a>>,
    pub code: Option<Text<'a>>,
    pub usage: Option<Usage>,
    pub lost: Option<u64>,
    pub since: Option<u64>,
}

impl Body<'_> {
    /// Appends the body; where in it the commitment stands (0 without one).
    #[inline]
    pub fn encode(&self, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        out.extend_from_slice(&self.header.bytes());
        if self.cause != 0 {
            out.extend_from_slice(&self.cause.to_le_bytes());
        }
        out.extend_from_slice(self.subject);
        text(out, self.verb.as_ref());
        text(out, self.resource.as_ref());
        let mut commitment_at = 0;
        if let Some(commitment) = &self.commitment {
            commitment_at = out.len() - start;
            out.extend_from_slice(commitment);
        }
        text(out, self.rule.as_ref());
        text(out, self.code.as_ref());
        if let Some(usage) = &self.usage {
            for number in usage.numbers() {
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
        for number in [self.lost, self.since].into_iter().flatten() {
            out.extend_from_slice(&number.to_le_bytes());
        }
        commitment_at
    }
}

/// Which optional fields an encoded body has.
fn fields_of(body: &[u8]) -> Fields {
    let mut fields = [0; 4];
    fields.copy_from_slice(&body[FIELDS_AT..FIELDS_AT + 4]);
    u32::from_le_bytes(fields)
}

/// The run and the counter of a body; none if it is too short for one.
pub fn number(body: &[u8]) -> Option<([u8; 8], u64)> {
    let (run, rest) = body.get(RUN_AT..)?.split_first_chunk()?;
    Some((*run, u64::from_le_bytes(*rest.first_chunk()?)))
}

/// Where the subject belongs in an encoded body that lacks it.
pub fn subject_at(body: &[u8]) -> usize {
    let cause = fields_of(body) & field::CAUSE != 0;
    HEADER_BYTES + if cause { size_of::<u64>() } else { 0 }
}

/// The last field of an encoded body, if that says since when.
pub fn since_mut(body: &mut [u8]) -> Option<&mut [u8; 8]> {
    if fields_of(body) & field::SINCE == 0 { None } else { body.last_chunk_mut() }
}

fn text(out: &mut Vec<u8>, text: Option<&Text<'_>>) {
    if let Some(text) = text {
        text.encode(out);
    }
}

/// The canonical bytes of a record; at most `audit-record-bytes`.
///
/// The record must be one that [`super::decode`] could have made: kind and fields fit each other
/// and texts keep their bounds.
pub fn encode(record: &Record<'_>) -> Vec<u8> {
    let mut subject = Vec::new();
    text(&mut subject, record.principal.as_ref());
    text(&mut subject, record.capsule.as_ref());
    subject.extend_from_slice(record.component.as_ref().map_or(&[], |c| c.as_slice()));
    subject.extend_from_slice(record.authority.as_ref().map_or(&[], |a| a.as_slice()));
    text(&mut subject, record.message.as_ref());
    let header = Header {
        kind: record.kind,
        verdict: record.verdict,
        outcome: record.outcome,
        fields: record.fields(),
        sequence: record.sequence,
        wall_us: record.wall_us,
        mono_ns: record.mono_ns,
        run: record.run,
        counter: record.counter,
        count: record.count,
    };
    let body = Body {
        header,
        cause: record.cause,
        subject: &subject,
        verb: record.verb.clone(),
        resource: record.resource.clone(),
        commitment: record.commitment,
        rule: record.rule.clone(),
        code: record.code.clone(),
        usage: record.usage,
        lost: record.lost,
        since: record.since_us,
    };
    let mut out = Vec::new();
    body.encode(&mut out);
    out
}
