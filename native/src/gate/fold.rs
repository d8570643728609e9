//! Names as file systems fold them: some take several spellings for one name.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// The spelling under which all names fall that some file system takes for the same: without
/// regard to case (of any script), compatibility forms, and code points that are not shown (HFS+,
/// ext4). Two names may fold alike and still differ.
///
/// ASCII is not copied and keeps its case: compare without regard to that.
pub(super) fn fold(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    // Lower, upper and lower again: some letters meet only on the way, `ẞ`, `ß` and `ss` for one.
    let shown = name.chars().filter(|c| !is_ignorable(*c));
    let folded = shown
        .nfkd()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|c| !is_ignorable(*c))
        .nfkd();
    Cow::Owned(folded.collect())
}

/// What else NTFS and FAT may take a folded name for: they drop dots and spaces at the end, and
/// `:` starts the name of a stream of the file before it.
pub(super) fn shortened(folded: &str) -> impl Iterator<Item = &str> {
    let trim = |name: &'_ str| name.trim_end_matches(['.', ' ']).len();
    let whole = trim(folded);
    let file = folded.find(':').map(|end| trim(&folded[..end]));
    [Some(whole).filter(|end| *end < folded.len()), file]
        .into_iter()
        .flatten()
        .map(|end| &folded[..end])
}

/// Whether a name has the form of the short names that FAT and NTFS add to long ones: `GIT~1`,
/// `LONGNA~2.TXT`.
pub(super) fn is_short(folded: &str) -> bool {
    let Some((start, rest)) = folded.split_once('~') else { return false };
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let (extension, numbered) = (digits.strip_prefix('.'), digits.len() < rest.len());
    (1..=6).contains(&start.len())
        && numbered
        && (digits.is_empty() || extension.is_some_and(|text| text.len() <= 3))
}

/// Unicode's `Default_Ignorable_Code_Point`.
fn is_ignorable(c: char) -> bool {
    matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_some_file_system_takes_for_one_name_fold_alike() {
        let same = [
            ("git", "git"),
            ("gıt", "git"),
            ("ɡit", "ɡit"),
            ("ｇｉｔ", "git"),
            ("g\u{200C}it", "git"),
            ("\u{FEFF}git", "git"),
            ("gi\u{FE0F}t", "git"),
            ("git\u{A0}", "git "),
            ("git․", "git."),
            ("\u{17F}\u{17F}h", "ssh"),
            ("ßh", "ssh"),
            ("ẞh", "ssh"),
            ("\u{212A}ube", "kube"),
            ("e\u{301}", "\u{65}\u{301}"),
            ("é", "e\u{301}"),
        ];
        for (name, folded) in same {
            assert_eq!(fold(name), folded, "{name:?}");
        }
    }

    #[test]
    fn every_letter_of_another_case_or_form_folds_to_its_ascii_letter() {
        for c in '\u{80}'..=char::MAX {
            let ascii = |text: &str| text.is_ascii() && !text.is_empty();
            let (lower, upper) = (c.to_lowercase().to_string(), c.to_uppercase().to_string());
            for form in [lower, upper].iter().filter(|form| ascii(form)) {
                assert!(fold(&c.to_string()).eq_ignore_ascii_case(form), "{c:?}");
            }
        }
    }

    #[test]
    fn short_names_have_a_number() {
        for name in ["git~1", "GIT~22", "gi7eba~1", "LONGNA~1.TXT", "g~1"] {
            assert!(is_short(name), "{name}");
        }
        for name in ["git", "git~", "~1", "gitgitg~1", "file.~1~", "git~x", "a~1.text"] {
            assert!(!is_short(name), "{name}");
        }
    }

    #[test]
    fn dots_spaces_and_streams_at_the_end_are_no_part_of_the_name() {
        let all = |name| shortened(name).collect::<Vec<_>>();
        assert_eq!(all(".git. . "), [".git"]);
        assert_eq!(all(".git::$INDEX_ALLOCATION"), [".git"]);
        assert_eq!(all(".env .:x. "), [".env .:x", ".env"]);
        assert_eq!(all(".git"), [""; 0]);
    }
}
