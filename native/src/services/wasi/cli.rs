//! `wasi:cli`: nothing of the host shows.

use wasmtime::component::Resource;

use super::bindings::wasi::cli::{
    environment, exit, stderr, stdin, stdout, terminal_input, terminal_output, terminal_stderr,
    terminal_stdin, terminal_stdout,
};
use super::io::{Input, Output};
use super::table::Function;
use crate::engine::outcome::Stop;
use crate::services::guest::Guest;

/// A terminal: none is ever handed out.
pub enum NoTerminal {}

type Env = Vec<(String, String)>;

impl environment::Host for Guest {
    fn get_environment(&mut self) -> wasmtime::Result<Env> {
        self.wasi_call(Function::GetEnvironment);
        Ok(Vec::new())
    }

    fn get_arguments(&mut self) -> wasmtime::Result<Vec<String>> {
        self.wasi_call(Function::GetArguments);
        Ok(Vec::new())
    }

    fn initial_cwd(&mut self) -> wasmtime::Result<Option<String>> {
        self.wasi_call(Function::InitialCwd);
        Ok(None)
    }
}

impl exit::Host for Guest {
    fn exit(&mut self, status: Result<(), ()>) -> wasmtime::Result<()> {
        self.wasi_call(Function::Exit);
        Err(Stop::Exit { success: status.is_ok() }.into())
    }
}

impl stdin::Host for Guest {
    fn get_stdin(&mut self) -> wasmtime::Result<Resource<Input>> {
        self.wasi_call(Function::GetStdin);
        Ok(self.table.push(Input)?)
    }
}

impl stdout::Host for Guest {
    fn get_stdout(&mut self) -> wasmtime::Result<Resource<Output>> {
        self.wasi_call(Function::GetStdout);
        Ok(self.table.push(Output)?)
    }
}

impl stderr::Host for Guest {
    fn get_stderr(&mut self) -> wasmtime::Result<Resource<Output>> {
        self.wasi_call(Function::GetStderr);
        Ok(self.table.push(Output)?)
    }
}

impl terminal_input::Host for Guest {}
impl terminal_output::Host for Guest {}

impl terminal_input::HostTerminalInput for Guest {
    fn drop(&mut self, terminal: Resource<NoTerminal>) -> wasmtime::Result<()> {
        self.table.delete(terminal)?;
        Ok(())
    }
}

impl terminal_output::HostTerminalOutput for Guest {
    fn drop(&mut self, terminal: Resource<NoTerminal>) -> wasmtime::Result<()> {
        self.table.delete(terminal)?;
        Ok(())
    }
}

impl terminal_stdin::Host for Guest {
    fn get_terminal_stdin(&mut self) -> wasmtime::Result<Option<Resource<NoTerminal>>> {
        self.wasi_call(Function::GetTerminal);
        Ok(None)
    }
}

impl terminal_stdout::Host for Guest {
    fn get_terminal_stdout(&mut self) -> wasmtime::Result<Option<Resource<NoTerminal>>> {
        self.wasi_call(Function::GetTerminal);
        Ok(None)
    }
}

impl terminal_stderr::Host for Guest {
    fn get_terminal_stderr(&mut self) -> wasmtime::Result<Option<Resource<NoTerminal>>> {
        self.wasi_call(Function::GetTerminal);
        Ok(None)
    }
}
