//! The compiler process: a component on stdin, compiled code on stdout. It holds no key, has no
//! environment, and limits itself before it reads the first byte.

use std::io::{Read, Write};
use std::process::ExitCode;

use super::{bounds, config, inspect};
use crate::base::limits;

/// Exit code: the bytes are not a component.
pub const NOT_A_COMPONENT: u8 = 10;
/// Exit code: the component could not be compiled.
pub const NOT_COMPILED: u8 = 11;
/// Exit code: the input, or the compiled code, is over its limit.
pub const TOO_LARGE: u8 = 12;
/// Exit code: the process could not limit itself.
pub const NOT_LIMITED: u8 = 13;

/// What the process may say about a failure, in bytes: a component chooses its own names.
pub const WORDS_BYTES: usize = 4096;

/// The whole life of the process. What went wrong stands on stderr, in one line.
pub fn main() -> ExitCode {
    match limit_self().and_then(|()| compile()) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, why)) => {
            // Without stderr the exit code still says enough.
            let _ = writeln!(std::io::stderr(), "{}", first_words(&why));
            ExitCode::from(code)
        }
    }
}

type Failure = (u8, String);

fn first_words(why: &str) -> &str {
    &why[..why.floor_char_boundary(WORDS_BYTES - 1)]
}

fn limit_self() -> Result<(), Failure> {
    bounds::compiler().map_err(|e| (NOT_LIMITED, e.message))
}

fn compile() -> Result<(), Failure> {
    let mut component = Vec::new();
    let input =
        std::io::stdin().lock().take(limits::COMPONENT_BYTES + 1).read_to_end(&mut component);
    input.map_err(|e| (NOT_A_COMPONENT, format!("the component can't be read: {e}")))?;
    if component.len() as u64 > limits::COMPONENT_BYTES {
        return Err((TOO_LARGE, format!("more than {} bytes", limits::COMPONENT_BYTES)));
    }
    if !inspect::is_component(&component) {
        return Err((NOT_A_COMPONENT, "not a WebAssembly component".into()));
    }
    let engine = config::compiler_engine().map_err(|e| (NOT_COMPILED, e.message))?;
    let code = engine
        .precompile_component(&component)
        .map_err(|e| (NOT_COMPILED, format!("{e:#}").replace(char::is_control, " ")))?;
    if code.len() as u64 > limits::COMPILED_BYTES {
        return Err((TOO_LARGE, format!("more than {} bytes of code", limits::COMPILED_BYTES)));
    }
    std::io::stdout().write_all(&code).map_err(|e| (NOT_COMPILED, e.to_string()))
}
