//! Patterns: what the rows of a table are about. Everything here has decidable containment.

use std::{collections::BTreeSet, fmt};

use super::{
    key::check_nul,
    path::{self, Root},
    topic,
    verb::{Kind, Verb},
};
use crate::base::{
    error::{Code, Error, Result},
    limits::{KV_KEY_BYTES, PATTERN_BYTES, TOPIC_BYTES},
};

/// What has a meaning in patterns, or in the globs of other tools: refused inside literals, so
/// that nobody writes a rule that silently matches nothing.
const SPECIAL: [char; 4] = ['*', '{', '}', '?'];

/// A set of resources of one kind.
///
/// Paths `workspace://docs/**` and topics `tool.*`: segments, each a literal, `*` for any one, or
/// `{a,b}`; `**` only at the end, for zero or more. Keys: a literal, or a prefix and `*`
/// (`user/*`). Verbs about nothing in particular: the empty text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern(pub(super) Form);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Nothing,
    Path(Root, Steps),
    Topic(Steps),
    Key { text: Box<str>, open: bool },
}

/// Steps, and whether `**` follows them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Steps {
    pub steps: Box<[Step]>,
    pub open: bool,
}

/// What one segment may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Name(Box<str>),
    Any,
    OneOf(BTreeSet<Box<str>>),
}

impl Pattern {
    /// Parses the pattern of a grant for `verb`, at most `pattern-bytes` bytes and without control
    /// characters. `ASTRID_GRANT` says what is wrong with it.
    pub fn parse(verb: Verb, text: &str) -> Result<Self> {
        if text.len() as u64 > PATTERN_BYTES {
            let bound = format!("a pattern has at most {PATTERN_BYTES} bytes (pattern-bytes)");
            return Err(Error::new(Code::Grant, bound));
        }
        // A name with one can't be shown to a person as it is.
        if let Some(control) = text.chars().find(|c| c.is_control()) {
            let what = format!("{}={text:?}: a pattern can't have {control:?}", verb.name());
            return Err(wrong(what));
        }
        let form = match verb.kind() {
            Kind::Nothing if text.is_empty() => Ok(Form::Nothing),
            Kind::Nothing => Err(wrong(format!("{} takes no pattern", verb.name()))),
            Kind::Path => path_form(text),
            Kind::Topic => topic_form(text),
            Kind::Key => key_form(text),
        };
        form.map(Self).map_err(|e| wrong(format!("{}={text}: {}", verb.name(), e.message)))
    }

    /// What kind of resource the pattern is about.
    pub fn kind(&self) -> Kind {
        match self.0 {
            Form::Nothing => Kind::Nothing,
            Form::Path(..) => Kind::Path,
            Form::Topic(_) => Kind::Topic,
            Form::Key { .. } => Kind::Key,
        }
    }

    /// How many patterns without sets say the same; `None` for more than a `usize` holds.
    pub(super) fn alternatives(&self) -> Option<usize> {
        let (Form::Path(_, segments) | Form::Topic(segments)) = &self.0 else { return Some(1) };
        segments.steps.iter().try_fold(1_usize, |product, step| match step {
            Step::OneOf(names) => product.checked_mul(names.len()),
            Step::Name(_) | Step::Any => Some(product),
        })
    }
}

fn path_form(text: &str) -> Result<Form> {
    let (root, relative) = Root::split(text)?;
    if relative.is_empty() {
        return Ok(Form::Path(root, Steps { steps: Box::default(), open: false }));
    }
    let segments = segments(relative, '/', path::check_name)?;
    path::check_depth(segments.steps.len())?;
    Ok(Form::Path(root, segments))
}

fn topic_form(text: &str) -> Result<Form> {
    let segments = segments(text, '.', topic::check_segment)?;
    // Each segment of a topic takes a character and, after the first, a dot.
    if segments.steps.len() as u64 > TOPIC_BYTES.div_ceil(2) {
        return Err(wrong(format!("no topic of {TOPIC_BYTES} bytes has so many segments")));
    }
    Ok(Form::Topic(segments))
}

fn key_form(text: &str) -> Result<Form> {
    let (literal, open) = text.strip_suffix('*').map_or((text, false), |prefix| (prefix, true));
    if literal.is_empty() && !open {
        return Err(wrong("a key pattern has at least one byte; * is every key"));
    }
    check_literal(literal)?;
    check_nul(literal)?;
    if literal.len() as u64 > KV_KEY_BYTES {
        return Err(wrong(format!("no key has more than {KV_KEY_BYTES} bytes (kv-key-bytes)")));
    }
    Ok(Form::Key { text: literal.into(), open })
}

fn segments(text: &str, separator: char, check: fn(&str) -> Result<()>) -> Result<Steps> {
    let mut names: Vec<&str> = text.split(separator).collect();
    let open = names.pop_if(|last| *last == "**").is_some();
    let steps = names.into_iter().map(|name| step(name, check)).collect::<Result<_>>()?;
    Ok(Steps { steps, open })
}

fn step(segment: &str, check: fn(&str) -> Result<()>) -> Result<Step> {
    if segment == "*" {
        return Ok(Step::Any);
    }
    if segment == "**" {
        return Err(wrong("** can only be the last segment"));
    }
    let Some(members) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        check_literal(segment)?;
        check(segment)?;
        return Ok(Step::Name(segment.into()));
    };
    let mut names = BTreeSet::new();
    for member in members.split(',') {
        check_literal(member)?;
        check(member)?;
        if !names.insert(member.into()) {
            return Err(wrong(format!("{member:?} stands twice in {segment:?}")));
        }
    }
    Ok(Step::OneOf(names))
}

fn check_literal(text: &str) -> Result<()> {
    match text.find(SPECIAL) {
        None => Ok(()),
        Some(_) => {
            let rule = "a segment is a literal without * { } ?, or *, or {a,b}, or ** at the end";
            Err(wrong(format!("{text:?} mixes a literal and pattern characters: {rule}")))
        }
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Code::Grant, message)
}

impl fmt::Display for Pattern {
    /// The canonical text: it parses to an equal pattern.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Nothing => Ok(()),
            Form::Path(root, segments) => {
                f.write_str(root.prefix())?;
                segments.write(f, '/')
            }
            Form::Topic(segments) => segments.write(f, '.'),
            Form::Key { text, open } => write!(f, "{text}{}", if *open { "*" } else { "" }),
        }
    }
}

impl Steps {
    fn write(&self, f: &mut fmt::Formatter<'_>, separator: char) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 {
                write!(f, "{separator}")?;
            }
            match step {
                Step::Name(name) => f.write_str(name)?,
                Step::Any => f.write_str("*")?,
                Step::OneOf(names) => {
                    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
                    write!(f, "{{{}}}", names.join(","))?;
                }
            }
        }
        match (self.open, self.steps.is_empty()) {
            (false, _) => Ok(()),
            (true, true) => f.write_str("**"),
            (true, false) => write!(f, "{separator}**"),
        }
    }
}
