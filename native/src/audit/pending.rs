//! Entries on their way to the writer: bodies that lack subject, sequence, wall time, counter and
//! commitment, each followed by what the commitment needs. A subject stands once before the entries
//! that share it. Lives only in memory.

use super::{
    body::{BODY_BYTES_MAX, Body, Header},
    chain::Digest,
    commitment,
    decode::fits,
    entry::{Context, Entry},
    field::{self, Fields},
    text::{NAME_BYTES, TEXT_BYTES, Text},
};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

const COPIED_BYTES_MAX: usize = limits::AUDIT_ARGUMENT_BYTES as usize;
const PREFIX_BYTES: usize = 16;
/// What a text costs beside its bytes.
const KEPT_COST: usize = size_of::<(u64, Vec<u8>)>();

/// No pending entry takes more, its subject included.
pub const PENDING_BYTES_MAX: usize = 2 * PREFIX_BYTES + BODY_BYTES_MAX + COPIED_BYTES_MAX;
const _: () = assert!(PENDING_BYTES_MAX <= limits::AUDIT_BUFFER_BYTES as usize);
const _: () = assert!(COPIED_BYTES_MAX >= size_of::<Digest>());

/// Pending entries in order, and how many they are.
#[derive(Debug, Default)]
pub struct Entries {
    pub bytes: Vec<u8>,
    pub count: u64,
    /// Sealed texts, each with how many entries come before its own.
    kept: Vec<(u64, Vec<u8>)>,
    kept_bytes: usize,
}

impl Entries {
    /// Bytes of the entries and their texts.
    pub fn length(&self) -> usize {
        self.bytes.len() + self.kept_bytes
    }

    /// Bytes it holds in memory.
    pub fn size(&self) -> usize {
        self.bytes.capacity() + self.kept_bytes
    }

    /// The text of the entry that so many come before.
    pub fn kept(&self, before: u64) -> Option<&[u8]> {
        let at = self.kept.binary_search_by_key(&before, |(before, _)| *before).ok()?;
        self.kept.get(at).map(|(_, sealed)| sealed.as_slice())
    }

    /// Takes the last entry back, which begins there.
    pub fn take_back(&mut self, begin: usize) {
        self.bytes.truncate(begin);
        self.count -= 1;
        if let Some((_, sealed)) = self.kept.pop_if(|(before, _)| *before == self.count) {
            self.kept_bytes -= sealed.len() + KEPT_COST;
        }
    }

    fn keep(&mut self, sealed: Vec<u8>) {
        self.kept_bytes += sealed.len() + KEPT_COST;
        self.kept.push((self.count, sealed));
    }
}

/// What a prefix begins: a subject, or a body with what follows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    /// Body, then framed arguments, still to be committed to.
    Arguments = 0,
    /// Body, then the salt of a commitment that stands in it.
    Salt = 1,
    /// The subject of the entries that follow.
    Subject = 2,
}

/// Begins entries for this context; those before it keep theirs.
pub fn push_subject(entries: &mut Entries, context: &Context) {
    let out = &mut entries.bytes;
    let (start, subject) = (out.len(), context.bytes());
    prefix(out, Tag::Subject);
    out.extend_from_slice(subject);
    lengths(&mut out[start..], [subject.len(), 0, 0]);
}

/// Appends the entry in pending form, after the subject of `context`. Errors: `ASTRID_INTERNAL`
/// when kind and fields don't go together or the system has no randomness; nothing is appended
/// then. Says how long the record's body will be.
pub fn push(
    entries: &mut Entries,
    run: [u8; 8],
    entry: &Entry<'_>,
    context: &Context,
) -> Result<usize> {
    let fields = fields(entry, context);
    let since_fits = entry.since_ns.is_none_or(|ns| entry.count > 1 && ns <= entry.mono_ns);
    if !since_fits || !fits(entry.kind, fields, entry.outcome) {
        let message = format!("a {} record doesn't carry these fields", entry.kind.name());
        return Err(Error::new(Code::Internal, message));
    }
    let framed = commitment::framed_bytes(entry.arguments);
    let salt = if framed > COPIED_BYTES_MAX { Some(random_salt()?) } else { None };
    let kept = match entry.keep {
        Some(key) if framed > 0 => key.seal(entry.arguments)?,
        _ => None,
    };
    let out = &mut entries.bytes;
    let start = out.len();
    prefix(out, if salt.is_some() { Tag::Salt } else { Tag::Arguments });
    let body = Body {
        header: Header {
            kind: entry.kind,
            verdict: entry.decision.map(|d| d.verdict),
            outcome: entry.outcome,
            fields,
            sequence: 0,
            wall_us: 0,
            mono_ns: entry.mono_ns,
            run,
            counter: 0,
            count: entry.count.max(1),
        },
        cause: entry.cause,
        // Put in by the writer.
        subject: &[],
        verb: entry.verb.map(|t| Text::new(t, NAME_BYTES)),
        resource: entry.resource.map(|t| Text::new(t, TEXT_BYTES)),
        commitment: (framed > 0)
            .then(|| salt.map_or([0; 32], |s| commitment::of_parts(&s, entry.arguments))),
        rule: entry.decision.and_then(|d| d.rule).map(|t| Text::new(t, TEXT_BYTES)),
        code: entry.code.map(|c| Text::new(c.name(), NAME_BYTES)),
        usage: entry.usage,
        lost: entry.lost,
        // Becomes wall time in the writer, as the header's does.
        since: entry.since_ns,
    };
    let commitment_at = body.encode(out);
    let body_end = out.len();
    match &salt {
        Some(salt) => out.extend_from_slice(salt),
        None => commitment::frame(out, entry.arguments),
    }
    let (body_bytes, tail_bytes) = (body_end - start - PREFIX_BYTES, out.len() - body_end);
    lengths(&mut out[start..], [body_bytes, commitment_at, tail_bytes]);
    let kept_bytes = kept.as_ref().map_or(0, Vec::len);
    if let Some(sealed) = kept {
        entries.keep(sealed);
    }
    entries.count += 1;
    Ok(body_bytes + context.bytes().len() + kept_bytes)
}

fn prefix(out: &mut Vec<u8>, tag: Tag) {
    let mut prefix = [0; PREFIX_BYTES];
    prefix[12] = tag as u8;
    out.extend_from_slice(&prefix);
}

fn lengths(prefix: &mut [u8], lengths: [usize; 3]) {
    // Each is bounded by PENDING_BYTES_MAX, far below 2^32.
    for (place, length) in prefix.chunks_exact_mut(4).zip(lengths) {
        place.copy_from_slice(&(length as u32).to_le_bytes());
    }
}

fn fields(entry: &Entry<'_>, context: &Context) -> Fields {
    let bit = |present: bool, field: Fields| if present { field } else { 0 };
    context.fields()
        | bit(entry.cause != 0, field::CAUSE)
        | bit(entry.verb.is_some(), field::VERB)
        | bit(entry.resource.is_some(), field::RESOURCE)
        | bit(!entry.arguments.is_empty(), field::COMMITMENT)
        | bit(entry.decision.is_some(), field::VERDICT)
        | bit(entry.decision.is_some_and(|d| d.rule.is_some()), field::RULE)
        | bit(entry.outcome.is_some(), field::OUTCOME)
        | bit(entry.code.is_some(), field::CODE)
        | bit(entry.usage.is_some(), field::USAGE)
        | bit(entry.lost.is_some(), field::LOST)
        | bit(entry.since_ns.is_some(), field::SINCE)
}

fn random_salt() -> Result<Digest> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt)
        .map_err(|e| Error::new(Code::Internal, format!("no randomness: {e}")))?;
    Ok(salt)
}

/// A pending entry, taken apart.
pub struct Pending<'a> {
    /// The body, without subject, sequence, wall times, counter and perhaps commitment.
    pub body: &'a [u8],
    /// Goes into the body after its cause.
    pub subject: &'a [u8],
    /// Where the commitment stands in the body without subject; 0 without one.
    pub commitment_at: usize,
    /// What the commitment needs.
    pub secret: Secret<'a>,
}

/// What makes a commitment, or opens it.
pub enum Secret<'a> {
    /// Framed arguments, still to be committed to.
    Arguments(&'a [u8]),
    /// The salt of a commitment that stands in the body.
    Salt(&'a [u8]),
}

/// How far bytes are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position {
    /// What comes next.
    at: usize,
    /// Where the subject stands that holds there.
    subject: (usize, usize),
    entries: u64,
}

impl Position {
    /// Entries before it.
    pub fn entries(&self) -> u64 {
        self.entries
    }
}

/// Takes the entry at `position` from bytes that only this module wrote; none at their end.
pub fn next<'a>(bytes: &'a [u8], position: &mut Position) -> Option<Pending<'a>> {
    loop {
        let (prefix, rest) = bytes.get(position.at..)?.split_at_checked(PREFIX_BYTES)?;
        let number = |at: usize| {
            let word = [prefix[at], prefix[at + 1], prefix[at + 2], prefix[at + 3]];
            u32::from_le_bytes(word) as usize
        };
        let (body, rest) = rest.split_at_checked(number(0))?;
        let (secret, _) = rest.split_at_checked(number(8))?;
        let begin = position.at + PREFIX_BYTES;
        position.at = begin + body.len() + secret.len();
        let secret = match prefix[12] {
            tag if tag == Tag::Subject as u8 => {
                position.subject = (begin, position.at);
                continue;
            }
            tag if tag == Tag::Salt as u8 => Secret::Salt(secret),
            _ => Secret::Arguments(secret),
        };
        let subject = bytes.get(position.subject.0..position.subject.1)?;
        position.entries += 1;
        return Some(Pending { body, subject, commitment_at: number(4), secret });
    }
}
