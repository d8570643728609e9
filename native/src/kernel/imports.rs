//! No ambient authority: a component is linked only with interfaces that its grants open.

use crate::base::error::{Code, Error, Result};
use crate::gate::table::Table;
use crate::gate::verb::Verb;

/// Our interfaces, and the verbs of which one must be granted.
const INTERFACES: [(&str, &[Verb]); 7] = [
    ("clock", &[Verb::ClockRead]),
    ("config", &[Verb::ConfigRead]),
    ("fs", &[Verb::FsRead, Verb::FsWrite]),
    ("ipc", &[Verb::IpcPublish]),
    ("kv", &[Verb::KvRead, Verb::KvWrite]),
    ("log", &[Verb::LogWrite]),
    ("random", &[Verb::RandomRead]),
];

/// WASI interfaces that language runtimes import; they open nothing by themselves.
const WASI: [&str; 20] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// Checks that `table` opens every import.
///
/// Fails with `ASTRID_UNKNOWN_IMPORT`, naming the import and the grant that would provide it.
pub fn check(imports: &[String], table: &Table) -> Result<()> {
    imports.iter().try_for_each(|import| check_one(import, table))
}

fn check_one(import: &str, table: &Table) -> Result<()> {
    let unknown = |why: String| Err(Error::new(Code::UnknownImport, why));
    let Some((interface, version)) = import.split_once('@') else {
        return unknown(format!("{import} is not something the kernel provides"));
    };
    if WASI.contains(&interface) && version.starts_with("0.2.") {
        return Ok(());
    }
    let Some(name) = interface.strip_prefix("astrid:capsule/") else {
        return unknown(format!("{import} is not something the kernel provides"));
    };
    if version != "0.1.0" {
        return unknown(format!("{import}: this kernel provides astrid:capsule 0.1.0"));
    }
    if name == "types" {
        return Ok(());
    }
    let Some((_, verbs)) = INTERFACES.iter().find(|(known, _)| *known == name) else {
        return unknown(format!("{import} is not an interface of astrid:capsule 0.1.0"));
    };
    if verbs.iter().any(|verb| table.grants_any(*verb)) {
        return Ok(());
    }
    let names: Vec<_> = verbs.iter().map(|verb| verb.name()).collect();
    unknown(format!("{import} needs a grant of {}", names.join(" or ")))
}
