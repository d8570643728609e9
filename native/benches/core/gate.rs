//! Decisions about random requests.

use std::collections::HashSet;
use std::hint::black_box;
use std::io;
use std::time::Instant;

use astrid_native::gate::decide::{Resource, RuleId, Verdict};
use astrid_native::gate::path::ResourcePath;
use astrid_native::gate::pattern::Pattern;
use astrid_native::gate::table::{Row, Table};
use astrid_native::gate::verb::Verb;

use crate::figure::{Figure, Samples, take_turns};

const REQUESTS: usize = 4096;
const ROUNDS: usize = 51;

/// Prints, for each number of grants, the mean of a decision and the spread of single ones.
pub fn run() -> io::Result<()> {
    for grants in [1000, 10_000] {
        let table = Table::compile(&rows(grants)).map_err(io::Error::other)?;
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let texts: Vec<_> = (0..REQUESTS).map(|_| request(&mut random, grants)).collect();
        let paths: Vec<_> = texts.iter().map(|text| parse(text)).collect();
        let names: HashSet<&str> = texts.iter().map(String::as_str).collect();
        let decide = |path: &ResourcePath| table.decide(Verb::FsRead, Resource::Path(path));
        let (ours, theirs) = take_turns(
            ROUNDS,
            || nanos_each(|at| keep(decide(black_box(&paths[at])))),
            || nanos_each(|at| keep(names.contains(black_box(texts[at].as_str())))),
        );
        let mut single = single(|at| keep(decide(black_box(&paths[at]))));
        single.0.retain(|nanos| *nanos >= 0.0);
        Figure::new(format!("decision, grants: {grants}"), "ns", ours)
            .over("std's hash set of the requests' texts", theirs)
            .with("singleP50", single.median())
            .with("singleP95", single.quantile(0.95))
            .print()?;
        let (ours, theirs) = take_turns(
            ROUNDS,
            || nanos_each(|at| keep(decide(&parse(black_box(&texts[at]))))),
            || nanos_each(|at| keep(names.contains(black_box(texts[at].as_str())))),
        );
        Figure::new(format!("request parsed and decided, grants: {grants}"), "ns", ours)
            .over("std's hash set of the requests' texts", theirs)
            .print()?;
    }
    Ok(())
}

/// A third each: a folder with all below it, a name in any folder, one file.
fn rows(count: usize) -> Vec<Row> {
    let row = |at: usize| {
        let text = match at % 3 {
            0 => format!("workspace://area-{at}/src/**"),
            1 => format!("workspace://area-{at}/*/notes.md"),
            _ => format!("workspace://area-{at}/docs/readme.md"),
        };
        let pattern = Pattern::parse(Verb::FsRead, &text).expect("the bench's rows are patterns");
        let rule = RuleId(u32::try_from(at).expect("rows are few"));
        Row { verdict: Verdict::Allow, verb: Verb::FsRead, pattern, rule }
    };
    (0..count).map(row).collect()
}

/// A path near some row; about half of them match it.
fn request(random: &mut Random, grants: usize) -> String {
    let area = random.below(grants);
    match (area % 3, random.below(2)) {
        (0, 0) => format!("workspace://area-{area}/src/lib/deep/file-{}.rs", random.below(1000)),
        (1, 0) => format!("workspace://area-{area}/folder-{}/notes.md", random.below(1000)),
        (2, 0) => format!("workspace://area-{area}/docs/readme.md"),
        _ => format!("workspace://area-{area}/other/file-{}.txt", random.below(1000)),
    }
}

fn parse(text: &str) -> ResourcePath {
    ResourcePath::parse(text).expect("the bench's requests are paths")
}

/// Mean over all requests.
fn nanos_each(mut work: impl FnMut(usize)) -> f64 {
    let started = Instant::now();
    (0..REQUESTS).for_each(&mut work);
    started.elapsed().as_nanos() as f64 / REQUESTS as f64
}

/// Each request by itself, less what reading the clock costs.
fn single(mut work: impl FnMut(usize)) -> Samples {
    let time = |work: &mut dyn FnMut()| {
        let started = Instant::now();
        work();
        started.elapsed().as_nanos() as f64
    };
    let clock = Samples((0..REQUESTS).map(|_| time(&mut || ())).collect()).median();
    Samples((0..REQUESTS).map(|at| time(&mut || work(at)) - clock).collect())
}

/// Makes the compiler think that the value is used.
fn keep<T>(value: T) {
    black_box(value);
}

/// xorshift64: the same requests in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}
