//! Benches of the data plane without Node: `core COMPONENT [NAME…]` prints one figure a line as
//! JSON. COMPONENT is the JavaScript capsule that some of them call (`benches/capsules/worker`).
//! `npm run bench` runs them all and writes the report.

#[path = "../bare/mod.rs"]
mod bare;

mod audit;
mod calls;
mod cost;
mod figure;
mod flow;
mod gate;
mod group;
mod handle;
mod lanes;
mod load;
mod memory;
mod past;
mod world;

use std::{env, fs, io};

use handle::Guest;

/// A guest without a language runtime.
const SMALL: &str = include_str!("../bare/guest.wat");

type Bench<'a> = (&'a str, &'a dyn Fn() -> io::Result<()>);

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let Some(path) = arguments.next() else {
        return Err(io::Error::other("usage: core COMPONENT [NAME…]"));
    };
    let wanted: Vec<String> = arguments.collect();
    let script = fs::read(&path)?;
    let small = wat::parse_str(SMALL).map_err(io::Error::other)?;
    let small = Guest { name: "a guest without a runtime", component: &small, payload: "\"n0\"" };
    let echo = r#"{"do":"echo","value":"hello"}"#;
    let script = Guest { name: "a JavaScript capsule", component: &script, payload: echo };
    let spinner = Guest { name: "a spinner", component: small.component, payload: "\"s1\"" };

    let benches: [Bench<'_>; 10] = [
        ("decisions", &gate::run),
        ("audit", &audit::run),
        ("past", &past::run),
        ("calls", &|| calls::run(small.component)),
        ("handle-small", &|| handle::run(&small)),
        ("handle-script", &|| handle::run(&script)),
        ("lanes", &|| lanes::run(&[&small, &script], &spinner)),
        ("flow", &|| flow::run(small.component)),
        ("memory", &|| memory::run(&script)),
        ("load", &|| load::run(&script)),
    ];
    for (name, bench) in benches {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            bench()?;
        }
    }
    Ok(())
}
