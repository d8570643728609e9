//! Protected names: secrets, and files that programs of the person run or trust. Only an allow row
//! that names one literally opens it.

use super::{
    fold::{fold, is_short, shortened},
    verb::Verb,
};

include!(concat!(env!("OUT_DIR"), "/protected.rs"));

/// How a row's text is compared with a folded name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// The whole name.
    Name,
    /// The start of the name.
    Prefix,
    /// The end of the name.
    Suffix,
}

/// One row of `tables/protected.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// How `text` is compared.
    pub matcher: Matcher,
    /// At least two characters, ASCII, no capitals.
    pub text: &'static str,
    /// Whether `fs.read` needs a literal grant.
    pub read: bool,
    /// Whether `fs.write` needs a literal grant.
    pub write: bool,
}

impl Row {
    /// Whether the row is about a folded name.
    fn matches(&self, folded: &str) -> bool {
        let (name, text) = (folded.as_bytes(), self.text.as_bytes());
        let Some(extra) = name.len().checked_sub(text.len()) else { return false };
        match self.matcher {
            Matcher::Name => name.eq_ignore_ascii_case(text),
            Matcher::Prefix => name[..text.len()].eq_ignore_ascii_case(text),
            Matcher::Suffix => name[extra..].eq_ignore_ascii_case(text),
        }
    }

    /// Whether a short name (`GIT~1`) may stand for a name the row is about. FAT and NTFS keep the
    /// first letters, or only two of them and a number, and three letters of the extension.
    fn may_shorten_to(&self, short: &str) -> bool {
        let short = short.as_bytes();
        match self.matcher {
            Matcher::Name | Matcher::Prefix => {
                let letters = self.text.bytes().filter(|byte| *byte != b'.').take(2);
                let kept = short.iter().take_while(|byte| **byte != b'~');
                kept.zip(letters).all(|(kept, letter)| kept.eq_ignore_ascii_case(&letter))
            }
            Matcher::Suffix => {
                let extension = &self.text.as_bytes()[..self.text.len().min(4)];
                let start = short.len().saturating_sub(extension.len());
                short[start..].eq_ignore_ascii_case(extension)
            }
        }
    }
}

/// A component of a path that is a protected name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mark {
    /// The component's position, 0 for the first.
    pub at: usize,
    read: Option<u16>,
    write: Option<u16>,
}

impl Mark {
    /// The row that protects the component from `verb`.
    fn row(self, verb: Verb) -> Option<u16> {
        match verb {
            Verb::FsRead => self.read,
            _ => self.write,
        }
    }

    /// Adds the rows about `folded`; of several that protect alike, the first counts.
    fn add(&mut self, folded: &str, about: fn(&Row, &str) -> bool) {
        for (number, row) in (0..).zip(ROWS).filter(|(_, row)| about(row, folded)) {
            self.read = self.read.or(Some(number).filter(|_| row.read));
            self.write = self.write.or(Some(number).filter(|_| row.write));
        }
    }
}

/// The mark of the component `name` at position `at`, if it is protected.
pub(super) fn mark(at: usize, name: &str) -> Option<Mark> {
    let folded = fold(name);
    let mut mark = Mark { at, read: None, write: None };
    let spellings = shortened(&folded).chain([&*folded]);
    for name in spellings {
        if may_match(name) {
            mark.add(name, Row::matches);
        }
        if is_short(name) {
            mark.add(name, Row::may_shorten_to);
        }
    }
    Some(mark).filter(|mark| mark.read.or(mark.write).is_some())
}

/// The components that are protected from `verb`, a bit each.
pub(super) fn guarded(marks: &[Mark], verb: Verb) -> u128 {
    let marks = marks.iter().filter(|mark| mark.row(verb).is_some());
    marks.fold(0, |bits, mark| bits | 1 << mark.at)
}

/// The row that protects the component at position `at` from `verb`.
pub(super) fn row(marks: &[Mark], at: usize, verb: Verb) -> Option<u16> {
    marks.iter().find(|mark| mark.at == at).and_then(|mark| mark.row(verb))
}

/// A set of byte pairs that never lacks a member and rarely holds anything else.
type Pairs = [u64; 16];

/// The first two bytes of every name and prefix, and the last two of every suffix.
const PAIRS: (Pairs, Pairs) = pairs();

const fn pairs() -> (Pairs, Pairs) {
    let (mut first, mut last) = ([0; 16], [0; 16]);
    let mut number = 0;
    while number < ROWS.len() {
        let row = &ROWS[number];
        let text = row.text.as_bytes();
        assert!(row.text.is_ascii() && text.len() >= 2, "a row's text is ASCII, two bytes or more");
        let (set, at) = match row.matcher {
            Matcher::Name | Matcher::Prefix => (&mut first, 0),
            Matcher::Suffix => (&mut last, text.len() - 2),
        };
        let (word, bit) = slot(text[at], text[at + 1]);
        set[word] |= bit;
        number += 1;
    }
    (first, last)
}

/// Where a pair stands in a set.
const fn slot(one: u8, two: u8) -> (usize, u64) {
    let (one, two) = (one.to_ascii_lowercase() as usize, two.to_ascii_lowercase() as usize);
    let place = (one * 37 + two) % 1024;
    (place / 64, 1 << (place % 64))
}

/// Whether a row may match: most names are cleared without looking at the rows.
fn may_match(folded: &str) -> bool {
    let holds = |set: &Pairs, (word, bit): (usize, u64)| set[word] & bit != 0;
    match folded.as_bytes() {
        [] | [_] => false,
        bytes @ [one, two, ..] => {
            let (before, end) = (bytes[bytes.len() - 2], bytes[bytes.len() - 1]);
            holds(&PAIRS.0, slot(*one, *two)) || holds(&PAIRS.1, slot(before, end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protected(name: &str) -> (bool, bool) {
        mark(0, name).map_or((false, false), |mark| (mark.read.is_some(), mark.write.is_some()))
    }

    #[test]
    fn every_row_protects_what_it_says_in_every_spelling() {
        for row in ROWS {
            assert_eq!(row.text, row.text.to_lowercase(), "a row's text has no capitals");
            let name = match row.matcher {
                Matcher::Name => row.text.to_owned(),
                Matcher::Prefix => format!("{}extra", row.text),
                Matcher::Suffix => format!("extra{}", row.text),
            };
            let wide = |c: char| char::from_u32(c as u32 + 0xFEE0).expect("a wide form exists");
            let spellings = [
                name.to_uppercase(),
                format!("{name}. ."),
                format!("{name}:stream"),
                format!("{name} .:stream. "),
                format!("\u{200B}{name}\u{FEFF}"),
                name.chars().map(wide).collect(),
                name.replace('s', "\u{17F}").replace('k', "\u{212A}"),
                name,
            ];
            for name in spellings {
                let (read, write) = protected(&name);
                assert!(read >= row.read && write >= row.write, "{name:?}");
            }
        }
    }

    #[test]
    fn short_names_count_as_what_they_may_stand_for() {
        for name in
            ["GIT~1", "git~2", "GI7EBA~1", "ENV~1.PRO", "CAPSUL~1.TOM", "MYPROJ~1.COD", "GIT~1 ."]
        {
            assert!(protected(name).1, "{name}");
        }
        for name in ["notes~1", "notes.txt~", "file.~1~", "~1", "x~y"] {
            assert!(!protected(name).1, "{name}");
        }
    }

    #[test]
    fn ordinary_names_are_free() {
        let names = ["src", "main.rs", "a", "git", "x.git", "environment", "agents", "env", "..."];
        for name in names.into_iter().chain([".gitignore", "claude.mdx", "keys", "日本語", "é"])
        {
            assert_eq!(protected(name), (false, false), "{name}");
        }
        assert_eq!(protected(".git"), (false, true));
        assert_eq!(protected(".env.local"), (true, true));
    }

    #[test]
    fn the_prefilter_never_hides_a_row() {
        for name in ROWS.iter().map(|row| row.text) {
            assert!(may_match(name) && may_match(&name.to_uppercase()), "{name}");
        }
    }
}
