//! WASI 0.2 as language runtimes need it: empty environment, no preopens, stdio to the log, clocks
//! and randomness behind the same grants as our own interfaces.

pub mod bindings;
pub mod cli;
pub mod filesystem;
pub mod io;
pub mod random;
pub mod table;

mod clocks;

use wasmtime::component::{HasSelf, Linker};

use self::bindings::wasi;
use self::table::{Counts, Function};
use super::guest::Guest;
use crate::gate::verb::Verb;

/// What WASI keeps for one instance.
#[derive(Default)]
pub struct Wasi {
    /// Calls of the message being served.
    pub(super) counts: Counts,
    /// The unfinished line of stdout and stderr together.
    pub(super) line: Vec<u8>,
}

impl Guest {
    /// Counts a call, and says whether the verb that opens it is granted.
    fn wasi_call(&mut self, function: Function) -> bool {
        self.meter.host_calls += 1;
        self.wasi.counts.add(function);
        function.verb().is_none_or(|verb| self.holds(verb))
    }

    /// Whether a verb without resource is granted.
    pub(super) fn holds(&self, verb: Verb) -> bool {
        self.shared.gate.request(verb, ()).is_ok()
    }
}

/// Links all of it. None of it opens anything by itself.
pub fn link(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    type D = HasSelf<Guest>;
    wasi::cli::environment::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::cli::exit::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::cli::stdin::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::cli::stdout::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::cli::stderr::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::cli::terminal_input::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::cli::terminal_output::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::cli::terminal_stdin::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::cli::terminal_stdout::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::cli::terminal_stderr::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::clocks::monotonic_clock::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::clocks::wall_clock::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::filesystem::types::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::filesystem::preopens::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::io::error::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::io::poll::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::io::streams::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::random::random::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::random::insecure::add_to_linker::<_, D>(linker, Guest::itself)?;
    wasi::random::insecure_seed::add_to_linker::<_, D>(linker, Guest::itself)
}
