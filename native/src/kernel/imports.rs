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

/// What an error shows of an import's name, in bytes.
const NAME_BYTES: usize = 256;

/// Checks that `table` opens every import.
///
/// Fails with `ASTRID_UNKNOWN_IMPORT`, naming the import and the grant that would provide it.
pub fn check(imports: &[String], table: &Table) -> Result<()> {
    imports.iter().try_for_each(|import| check_one(import, table))
}

fn check_one(import: &str, table: &Table) -> Result<()> {
    let unknown = |why: String| Err(Error::new(Code::UnknownImport, why));
    // The component chose the name: quoted, it can't make lines or sentences of its own.
    let quoted = || format!("{:?}", cut(import));
    let Some((interface, version)) = import.split_once('@') else {
        return unknown(format!("{} is not something the kernel provides", quoted()));
    };
    if WASI.contains(&interface) && version.starts_with("0.2.") {
        return Ok(());
    }
    let Some(name) = interface.strip_prefix("astrid:capsule/") else {
        return unknown(format!("{} is not something the kernel provides", quoted()));
    };
    if version != "0.1.0" {
        return unknown(format!("{}: this kernel provides astrid:capsule 0.1.0", quoted()));
    }
    if name == "types" {
        return Ok(());
    }
    let Some((_, verbs)) = INTERFACES.iter().find(|(known, _)| *known == name) else {
        return unknown(format!("{} is not an interface of astrid:capsule 0.1.0", quoted()));
    };
    if verbs.iter().any(|verb| table.grants_any(*verb)) {
        return Ok(());
    }
    let names: Vec<_> = verbs.iter().map(|verb| verb.name()).collect();
    unknown(format!("{import} needs a grant of {}", names.join(" or ")))
}

/// The beginning of a name, whole where it is of a sensible length.
fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME_BYTES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside_its_quotes() {
        let table = Table::compile(&[]).expect("no rows are a table");
        let long = "a".repeat(100_000);
        let names = ["a\ngranted: fs.write", "a\u{1b}[2Kb@0.2.0", "astrid:capsule/\n@0.1.0"];
        for name in names.into_iter().chain([&*long]) {
            let error = check(&[name.to_owned()], &table).expect_err("nothing provides it");
            assert_eq!(error.code, Code::UnknownImport);
            assert!(error.message.starts_with('"'), "{}", error.message);
            assert!(!error.message.contains(char::is_control), "{}", error.message);
            assert!(error.message.len() < 1024);
        }
    }
}
