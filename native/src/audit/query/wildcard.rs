//! Patterns in which `*` stands for any characters.

/// Whether a text is what a pattern says. Takes at most the product of both lengths in steps:
/// nothing that a record holds makes it slow.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut from) = (0, 0);
    // The last star, and the text that is left when it takes one character more.
    let mut star = None;
    while from < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, from));
            at += 1;
        } else if pattern.get(at) == Some(&text[from]) {
            (at, from) = (at + 1, from + 1);
        } else if let Some((last, taken)) = star {
            star = Some((last, taken + 1));
            (at, from) = (last + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}
