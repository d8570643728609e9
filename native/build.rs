//! Turns the tables that both languages share (`tables/*.json`) into Rust.

use std::{env, fs, path::Path};

use serde_json::Value;

fn main() {
    println!("cargo::rustc-env=ASTRID_WASMTIME_VERSION={}", locked_version("wasmtime"));
    write("errors.rs", &errors(&table("errors")));
    write("limits.rs", &limits(&table("limits")));
    write("protected.rs", &protected(&table("protected")));
}

/// The version of a dependency, as the lock file has it.
fn locked_version(package: &str) -> String {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = fs::read_to_string("Cargo.lock").expect("Cargo.lock is committed");
    let entry = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.split_once(&entry).expect("the lock file names the package");
    rest.split('"').next().expect("split gives one part at least").to_owned()
}

fn table(name: &str) -> Value {
    let path = format!("../tables/{name}.json");
    println!("cargo::rerun-if-changed={path}");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn write(name: &str, text: &str) {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join(name), text).expect("OUT_DIR is writable");
}

/// `ASTRID_NOT_FOUND` as a variant name.
fn camel(code: &str) -> String {
    let words = code.trim_start_matches("ASTRID_").split('_');
    words.map(|w| w[..1].to_owned() + &w[1..].to_lowercase()).collect()
}

fn errors(table: &Value) -> String {
    let rows = table.as_object().expect("errors.json is an object");
    let (mut variants, mut all, mut names) = (String::new(), String::new(), String::new());
    for code in rows.keys() {
        let variant = camel(code);
        variants += &format!("    {variant},\n");
        all += &format!("Self::{variant}, ");
        names += &format!("            Self::{variant} => {code:?},\n");
    }
    format!(
        "/// Every way a call can fail; `tables/errors.json` says what each means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Code {{
{variants}}}

impl Code {{
    /// All codes, in the table's order.
    pub const ALL: &[Self] = &[{all}];

    /// The code as guests and callers see it.
    pub const fn name(self) -> &'static str {{
        match self {{
{names}        }}
    }}
}}
"
    )
}

fn limits(table: &Value) -> String {
    let mut text = String::new();
    for (name, row) in table.as_object().expect("limits.json is an object") {
        let constant = name.replace('-', "_").to_uppercase();
        let (value, unit) = (&row["value"], row["unit"].as_str().expect("a limit has a unit"));
        let reason = row["reason"].as_str().expect("a limit has a reason");
        text += &format!("/// In {unit}: {reason}.\npub const {constant}: u64 = {value};\n");
        for (bound, word) in [("min", "Smallest"), ("max", "Largest")] {
            if let Some(value) = row.get(bound) {
                let constant = format!("{constant}_{}", bound.to_uppercase());
                text += &format!("/// {word} `{name}` a caller may ask for.\n");
                text += &format!("pub const {constant}: u64 = {value};\n");
            }
        }
    }
    text
}

fn protected(table: &Value) -> String {
    let mut text =
        String::from("/// The rows of `tables/protected.json`.\npub const ROWS: &[Row] = &[\n");
    for row in table.as_array().expect("protected.json is an array") {
        let field =
            |name: &str| row[name].as_str().unwrap_or_else(|| panic!("a protected row has {name}"));
        let (matcher, protects) = (camel_word(field("match")), field("protects"));
        let (read, write) = (protects.contains("read"), protects.contains("write"));
        let row = field("text");
        text += &format!("    Row {{ matcher: Matcher::{matcher}, text: {row:?}, ");
        text += &format!("read: {read}, write: {write} }},\n");
    }
    text.push_str("];\n");
    text
}

fn camel_word(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}
