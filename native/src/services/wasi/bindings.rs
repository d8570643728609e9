//! The part of WASI 0.2 in `native/wasi` as Rust traits.

#![allow(missing_docs, reason = "generated; the WASI specification documents every function")]

wasmtime::component::bindgen!({
    path: "wasi",
    world: "astrid:wasi/runtime",
    imports: {
        "wasi:io/poll.[method]pollable.block": async | trappable,
        "wasi:io/poll.poll": async | trappable,
        default: trappable,
    },
    with: {
        "wasi:io/error.error": super::io::NoError,
        "wasi:io/poll.pollable": super::io::Pollable,
        "wasi:io/streams.input-stream": super::io::Input,
        "wasi:io/streams.output-stream": super::io::Output,
        "wasi:cli/terminal-input.terminal-input": super::cli::NoTerminal,
        "wasi:cli/terminal-output.terminal-output": super::cli::NoTerminal,
        "wasi:filesystem/types.descriptor": super::filesystem::NoDescriptor,
    },
});
