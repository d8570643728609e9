//! The strict decoder: what it accepts encodes to the same bytes again.

use super::{
    body::{BODY_BYTES_MAX, HEADER_BYTES},
    field::{self, Fields},
    kind::Kind,
    record::{Outcome, Record, Usage, Verdict},
    text::{NAME_BYTES, TEXT_BYTES, Text},
};

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Longer than any record.
    TooLarge,
    /// A field reaches over the end.
    BadLength,
    /// Bytes follow the last field.
    Trailing,
    /// A kind this version doesn't know.
    UnknownKind,
    /// A field bit this version doesn't know.
    UnknownField,
    /// A verdict or outcome this version doesn't know.
    UnknownValue,
    /// A text that is not UTF-8.
    NotUtf8,
    /// Another encoding of the same record exists, or a number is out of range.
    NotCanonical,
    /// The kind lacks a field, carries one it can't, or a field lacks the one it belongs to.
    WrongFields,
}

impl Fault {
    /// As vectors and messages name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::BadLength => "bad-length",
            Self::Trailing => "trailing",
            Self::UnknownKind => "unknown-kind",
            Self::UnknownField => "unknown-field",
            Self::UnknownValue => "unknown-value",
            Self::NotUtf8 => "not-utf8",
            Self::NotCanonical => "not-canonical",
            Self::WrongFields => "wrong-fields",
        }
    }
}

type Result<T> = std::result::Result<T, Fault>;

/// The record with exactly these bytes; its texts stay in them.
pub fn decode(bytes: &[u8]) -> Result<Record<'_>> {
    if bytes.len() > BODY_BYTES_MAX {
        return Err(Fault::TooLarge);
    }
    let mut input = Input { bytes, fields: 0 };
    let mut record = header(&mut input)?;
    subject(&mut input, &mut record)?;
    request(&mut input, &mut record)?;
    if !input.bytes.is_empty() {
        return Err(Fault::Trailing);
    }
    check(&record)?;
    Ok(record)
}

/// The bytes not yet read, and which optional fields are among them.
struct Input<'a> {
    bytes: &'a [u8],
    fields: Fields,
}

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(Fault::BadLength)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| Fault::BadLength)
    }

    fn number(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// The value `read` yields, if the field is there.
    fn field<T>(
        &mut self,
        field: Fields,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.fields & field == 0 { Ok(None) } else { read(self).map(Some) }
    }

    fn text(&mut self, field: Fields, bound: usize) -> Result<Option<Text<'a>>> {
        self.field(field, |input| {
            let (length, cut) = Text::length(u16::from_le_bytes(input.array()?));
            if !Text::fits(length, cut, bound) {
                return Err(if cut { Fault::NotCanonical } else { Fault::BadLength });
            }
            let kept = std::str::from_utf8(input.take(length)?).map_err(|_| Fault::NotUtf8)?;
            let whole = if cut { Some(input.array()?) } else { None };
            Ok(Text { kept: kept.into(), whole })
        })
    }
}

fn header<'a>(input: &mut Input<'a>) -> Result<Record<'a>> {
    if input.bytes.len() < HEADER_BYTES {
        return Err(Fault::BadLength);
    }
    let kind = Kind::of(u16::from_le_bytes(input.array()?)).ok_or(Fault::UnknownKind)?;
    let [verdict, outcome] = input.array()?;
    let known = |present: bool| if present { Ok(()) } else { Err(Fault::UnknownValue) };
    let (verdict_byte, outcome_byte) = (verdict, outcome);
    let (verdict, outcome) = (Verdict::of(verdict_byte), Outcome::of(outcome_byte));
    known(verdict_byte == 0 || verdict.is_some())?;
    known(outcome_byte == 0 || outcome.is_some())?;
    input.fields = u32::from_le_bytes(input.array()?);
    if input.fields & !field::ON_DISK != 0 {
        return Err(Fault::UnknownField);
    }
    Ok(Record {
        kind,
        sequence: input.number()?,
        wall_us: input.number()?,
        mono_ns: input.number()?,
        run: input.array()?,
        counter: input.number()?,
        count: u32::from_le_bytes(input.array()?),
        cause: 0,
        principal: None,
        capsule: None,
        component: None,
        authority: None,
        message: None,
        verb: None,
        resource: None,
        commitment: None,
        verdict,
        rule: None,
        outcome,
        code: None,
        usage: None,
        lost: None,
        since_us: None,
    })
}

fn subject<'a>(input: &mut Input<'a>, record: &mut Record<'a>) -> Result<()> {
    if let Some(cause) = input.field(field::CAUSE, Input::number)? {
        record.cause = cause;
        if cause == 0 {
            return Err(Fault::NotCanonical);
        }
    }
    record.principal = input.text(field::PRINCIPAL, NAME_BYTES)?;
    record.capsule = input.text(field::CAPSULE, NAME_BYTES)?;
    record.component = input.field(field::COMPONENT, Input::array)?;
    record.authority = input.field(field::AUTHORITY, Input::array)?;
    record.message = input.text(field::MESSAGE, NAME_BYTES)?;
    Ok(())
}

fn request<'a>(input: &mut Input<'a>, record: &mut Record<'a>) -> Result<()> {
    record.verb = input.text(field::VERB, NAME_BYTES)?;
    record.resource = input.text(field::RESOURCE, TEXT_BYTES)?;
    record.commitment = input.field(field::COMMITMENT, Input::array)?;
    record.rule = input.text(field::RULE, TEXT_BYTES)?;
    record.code = input.text(field::CODE, NAME_BYTES)?;
    record.usage = input.field(field::USAGE, |input| {
        let mut numbers = [0; 6];
        for number in &mut numbers {
            *number = input.number()?;
        }
        Ok(Usage::from_numbers(numbers))
    })?;
    record.lost = input.field(field::LOST, Input::number)?;
    record.since_us = input.field(field::SINCE, Input::number)?;
    Ok(())
}

/// What the grammar alone doesn't say.
fn check(record: &Record<'_>) -> Result<()> {
    let since_fits = record.since_us.is_none_or(|us| record.count > 1 && us <= record.wall_us);
    let counter_fits = (record.counter == 0) == record.kind.is_note();
    if record.sequence == 0 || record.count == 0 || !since_fits || !counter_fits {
        return Err(Fault::NotCanonical);
    }
    if fits(record.kind, record.fields(), record.outcome) {
        Ok(())
    } else {
        Err(Fault::WrongFields)
    }
}

/// Whether kind, fields and outcome go together; the encoder of entries asks the same.
pub(super) fn fits(kind: Kind, fields: Fields, outcome: Option<Outcome>) -> bool {
    let has = |field: Fields| fields & field != 0;
    let rule_fits = !has(field::RULE) || has(field::VERDICT);
    let code_fits = !has(field::CODE) || outcome.is_some_and(Outcome::takes_code);
    let error_fits = outcome != Some(Outcome::Error) || has(field::CODE);
    kind.carries(fields) && rule_fits && code_fits && error_fits
}
