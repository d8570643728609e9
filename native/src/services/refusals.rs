//! The two faces of a refusal: the guest gets verb, its own resource and a number; the person
//! gets, by that number, the reason.

use crate::gate::decide::Why;
use crate::gate::protected;

/// Refusals of one message that are kept for the person; all of them are in the log.
const KEPT: usize = 100;

/// One refusal as the person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Number of the record that holds the decision.
    pub number: u64,
    /// What was asked.
    pub verb: &'static str,
    /// About what, in canonical form. Guest-controlled: escape it before showing it.
    pub resource: String,
    /// `no-rule`, `rule`, `inside`, `protected` or `revoked`.
    pub why: &'static str,
    /// Text of the rule behind it, if one rule is.
    pub rule: Option<String>,
    /// For a protected name: the text of the row that protects it.
    pub protected: Option<&'static str>,
}

/// The first refusals of one message.
#[derive(Debug, Default)]
pub struct Refusals(Vec<Refused>);

impl Refusals {
    /// Keeps `refused`, unless enough are kept or it repeats the last.
    pub fn push(&mut self, refused: Refused) {
        let repeats = self.0.last().is_some_and(|last| last.number == refused.number);
        if self.0.len() < KEPT && !repeats {
            self.0.push(refused);
        }
    }

    /// Takes all that were kept.
    pub fn take(&mut self) -> Vec<Refused> {
        std::mem::take(&mut self.0)
    }
}

/// The reason as a word.
pub fn word(why: Why) -> &'static str {
    match why {
        Why::NoRule => "no-rule",
        Why::Rule => "rule",
        Why::Inside => "inside",
        Why::Protected(_) => "protected",
        Why::Revoked => "revoked",
    }
}

/// The row that protects a name.
pub fn protected(why: Why) -> Option<&'static str> {
    let Why::Protected(row) = why else { return None };
    protected::ROWS.get(usize::from(row)).map(|row| row.text)
}
