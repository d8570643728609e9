//! Figures: what was measured, how often, and how it compares with its floor.

use std::fmt::Write as _;
use std::io::{self, Write};

/// One row of the report. Its texts are the benches' own: nothing in them needs escaping in JSON.
pub struct Figure {
    name: String,
    unit: &'static str,
    samples: Samples,
    floor: Option<(String, Samples)>,
    more: Vec<(&'static str, f64)>,
}

/// What one side of a comparison took, one value a round.
#[derive(Clone, Debug, Default)]
pub struct Samples(pub Vec<f64>);

impl Samples {
    /// The value that `part` (0 to 1) of the samples don't exceed.
    pub fn quantile(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let at = (last as f64 * part).round() as usize;
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}

impl Figure {
    /// `samples` of `unit` under a name that stays the same from run to run.
    pub fn new(name: impl Into<String>, unit: &'static str, samples: Samples) -> Self {
        Self { name: name.into(), unit, samples, floor: None, more: Vec::new() }
    }

    /// The samples of the floor, taken in the same rounds.
    pub fn over(mut self, what: impl Into<String>, floor: Samples) -> Self {
        self.floor = Some((what.into(), floor));
        self
    }

    /// Something else that belongs to the figure.
    pub fn with(mut self, name: &'static str, value: f64) -> Self {
        self.more.push((name, value));
        self
    }

    /// 99 of 100 samples don't exceed these, on both sides.
    pub fn with_p99(self) -> Self {
        let ours = self.samples.quantile(0.99);
        let theirs = self.floor.as_ref().map(|(_, floor)| floor.quantile(0.99));
        let with = self.with("p99", ours);
        match theirs {
            Some(floor) => with.with("floorP99", floor).with("p99Ratio", ours / floor),
            None => with,
        }
    }

    /// Writes the figure as one line of JSON.
    pub fn print(self) -> io::Result<()> {
        let (value, rounds) = (self.samples.median(), self.samples.0.len());
        let mut line = format!(r#"{{"name":{:?},"unit":{:?}"#, self.name, self.unit);
        let mut add = |text: &str| line.push_str(text);
        add(&format!(r#","value":{value},"rounds":{rounds}"#));
        if let Some((what, floor)) = &self.floor {
            let floor = floor.median();
            add(&format!(r#","floor":{{"name":{what:?},"value":{floor}}}"#));
            add(&format!(r#","ratio":{}"#, value / floor));
        }
        line.push_str(r#","more":{"#);
        for (at, (name, value)) in self.more.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(line, "{comma}{name:?}:{value}").expect("a String takes all");
        }
        writeln!(io::stdout(), "{line}}}}}")
    }
}

/// Runs both sides `rounds` times, taking turns, after one round that isn't counted.
pub fn take_turns(
    rounds: usize,
    mut subject: impl FnMut() -> f64,
    mut floor: impl FnMut() -> f64,
) -> (Samples, Samples) {
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    for round in 0..=rounds {
        let (floor, subject) = (floor(), subject());
        if round > 0 {
            theirs.0.push(floor);
            ours.0.push(subject);
        }
    }
    (ours, theirs)
}
