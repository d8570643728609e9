//! `astrid-compiler`: see `engine::compiler`.

use std::process::ExitCode;

fn main() -> ExitCode {
    astrid_native::engine::compiler::main()
}
