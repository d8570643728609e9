//! Encoder and decoder are each other's inverse, and nothing else is accepted.

use proptest::{collection::vec, option, prelude::*};

use crate::audit::{
    Fault, KINDS, Kind, Outcome, Record, Text, Usage, Verdict, decode, encode,
    field::{self, Fields},
    frame::Content,
    text::{NAME_BYTES, TEXT_BYTES},
};

fn text(bound: usize) -> impl Strategy<Value = Text<'static>> {
    let short = "\\PC{0,40}".prop_map(move |t| Text::new(&t, bound).into_owned());
    let long = (bound..bound + 9, "[aä€😀]")
        .prop_map(move |(n, c)| Text::new(&c.repeat(n), bound).into_owned());
    prop_oneof![4 => short, 1 => long]
}

type Names = Vec<Text<'static>>;
/// Names, texts, digests, and the codes of verdict and outcome.
type Parts = (Names, Names, ([u8; 32], [u8; 8], [u8; 32], [u8; 8]), (usize, usize));

prop_compose! {
    fn any_record()(
        kind in prop::sample::select(KINDS.iter().map(|row| row.kind).collect::<Vec<_>>()),
        wanted in any::<Fields>(),
        numbers in (1..=u64::MAX, any::<[u64; 12]>(), 1..=u32::MAX),
        names in vec(text(NAME_BYTES), 5),
        texts in vec(text(TEXT_BYTES), 2),
        digests in any::<([u8; 32], [u8; 8], [u8; 32], [u8; 8])>(),
        codes in (0..3usize, 0..Outcome::ALL.len()),
    ) -> Record<'static> {
        build(kind, wanted, numbers, (names, texts, digests, codes))
    }
}

/// A record with those of the wanted fields that its kind allows.
fn build(
    kind: Kind,
    wanted: Fields,
    (sequence, numbers, count): (u64, [u64; 12], u32),
    (names, texts, digests, (verdict, outcome)): Parts,
) -> Record<'static> {
    let row = kind.row();
    let fields = row.requires | (wanted & row.allows);
    let has = |field: Fields| fields & field != 0;
    let outcome = has(field::OUTCOME).then(|| Outcome::ALL[outcome]);
    let code_allowed = outcome.is_some_and(Outcome::takes_code) && row.allows & field::CODE != 0;
    // `error` needs a code; where the kind has none, another outcome stands in.
    let outcome = match outcome {
        Some(Outcome::Error) if !code_allowed => Some(Outcome::Ok),
        other => other,
    };
    let code = code_allowed && (has(field::CODE) || outcome == Some(Outcome::Error));
    let take = |present: bool, text: &Text<'static>| present.then(|| text.clone());
    let verdicts = [Verdict::Deny, Verdict::Ask, Verdict::Allow];
    let [wall_us, mono_ns, cause, lost, counter, since, a, b, c, d, e, f] = numbers;
    Record {
        kind,
        sequence,
        wall_us,
        mono_ns,
        run: digests.1,
        counter: if kind.is_note() { 0 } else { counter.max(1) },
        count,
        cause: if has(field::CAUSE) { cause.max(1) } else { 0 },
        principal: take(has(field::PRINCIPAL), &names[0]),
        capsule: take(has(field::CAPSULE), &names[1]),
        component: has(field::COMPONENT).then_some(digests.0),
        authority: has(field::AUTHORITY).then_some(digests.3),
        message: take(has(field::MESSAGE), &names[2]),
        verb: take(has(field::VERB), &names[3]),
        resource: take(has(field::RESOURCE), &texts[0]),
        commitment: has(field::COMMITMENT).then_some(digests.2),
        verdict: has(field::VERDICT).then(|| verdicts[verdict]),
        rule: take(has(field::RULE) && has(field::VERDICT), &texts[1]),
        outcome,
        code: take(code, &names[4]),
        usage: has(field::USAGE).then(|| Usage::from_numbers([a, b, c, d, e, f])),
        lost: has(field::LOST).then_some(lost),
        since_us: (has(field::SINCE) && count > 1).then_some(since.min(wall_us)),
    }
}

proptest! {
    #[test]
    fn a_record_survives_encoding_and_decoding(record in any_record()) {
        let bytes = encode(&record);
        prop_assert_eq!(decode(&bytes), Ok(record));
    }

    #[test]
    fn what_decodes_encodes_to_the_same_bytes(
        record in any_record(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = encode(&record);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        if let Ok(decoded) = decode(&bytes) {
            prop_assert_eq!(encode(&decoded), bytes);
        }
    }

    #[test]
    fn a_shorter_or_longer_record_is_refused(record in any_record(), more in 1..9usize) {
        let mut bytes = encode(&record);
        for length in 0..bytes.len() {
            prop_assert!(decode(&bytes[..length]).is_err());
        }
        bytes.resize(bytes.len() + more, 0);
        let fault = decode(&bytes);
        prop_assert!(matches!(fault, Err(Fault::Trailing | Fault::TooLarge)), "{:?}", fault);
    }

    #[test]
    fn a_text_is_cut_at_a_character_and_keeps_its_digest(
        whole in "[a€😀]{0,40}",
        bound in 8..60usize,
    ) {
        let text = Text::new(&whole, bound);
        prop_assert!(whole.starts_with(&*text.kept) && text.kept.len() <= bound);
        let digest = (whole.len() > bound).then(|| *blake3::hash(whole.as_bytes()).as_bytes());
        prop_assert_eq!(text.whole, digest);
        prop_assert!(Text::fits(text.kept.len(), text.whole.is_some(), bound));
    }
}

#[test]
fn the_table_is_in_order_of_its_codes() {
    for (index, row) in KINDS.iter().enumerate() {
        assert_eq!(row.kind as usize, index + 1);
        assert_eq!(Kind::of(row.kind as u16), Some(row.kind));
        assert_eq!(row.requires & row.allows, 0, "{} says a field twice", row.name);
    }
    for (index, outcome) in Outcome::ALL.iter().enumerate() {
        assert_eq!(*outcome as usize, index + 1);
    }
    assert_eq!((Kind::of(0), Kind::of(KINDS.len() as u16 + 1)), (None, None));
}

#[test]
fn a_length_word_is_read_only_as_it_is_written() {
    for content in [Content::Body(1), Content::Body(300), Content::Hash] {
        assert_eq!(Content::of(content.word()), Some(content));
    }
    for word in [[0; 4], [0, 0, 0, 1], [255, 255, 255, 1], [31, 0, 0, 2], [32, 0, 0, 3]] {
        assert_eq!(Content::of(word), None, "{word:?}");
    }
}
