//! From bytes to something that can be called: compiled, and taken from the cache.

use std::fs;
use std::io;
use std::time::Instant;

use astrid_native::engine::config::{compiler_engine, kernel_engine};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::figure::{Figure, take_turns};
use crate::handle::Guest;
use crate::world::{Folder, World};

const COMPILE_ROUNDS: usize = 1;
const CACHED_ROUNDS: usize = 41;

/// Prints one figure each.
pub fn run(guest: &Guest<'_>) -> io::Result<()> {
    let bytes = guest.component;
    let compiler = compiler_engine().map_err(io::Error::other)?;
    let (ours, theirs) = take_turns(
        COMPILE_ROUNDS,
        || {
            // A home of its own has an empty cache.
            let world = World::open("compile", 10).expect("a home can be made");
            millis(|| drop(world.load(bytes, 0, 100).expect("the component loads")))
        },
        || millis(|| drop(compiler.precompile_component(bytes).expect("the component compiles"))),
    );
    Figure::new(format!("compile and load, {}", guest.name), "ms", ours)
        .over("compiling in this process", theirs)
        .print()?;

    let world = World::open("cached", 10).map_err(io::Error::other)?;
    world.load(bytes, 0, 100).map_err(io::Error::other)?;
    let engine = kernel_engine(10).map_err(io::Error::other)?;
    let folder = Folder::new("code");
    let file = folder.path().join("code");
    fs::write(&file, compiler.precompile_component(bytes).map_err(io::Error::other)?)?;
    let (ours, theirs) = take_turns(
        CACHED_ROUNDS,
        || millis(|| drop(world.load(bytes, 0, 100).expect("the component loads"))),
        || millis(|| drop(read(&engine, &file))),
    );
    Figure::new(format!("load from the cache, {}", guest.name), "ms", ours)
        .over("reading the file and deserializing it, unchecked", theirs)
        .print()
}

#[expect(unsafe_code, reason = "deserialize trusts its bytes; see the comment in the block")]
fn read(engine: &Engine, file: &std::path::Path) -> Component {
    let code = fs::read(file).expect("the file was written before");
    // SAFETY: this process compiled and wrote these bytes, into a folder that it just made.
    unsafe { Component::deserialize(engine, code) }.expect("an engine takes its own code")
}

fn millis(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_nanos() as f64 / 1e6
}
