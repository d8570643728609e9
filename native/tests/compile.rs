//! Compiler process and cache, with the real program: what is cached is authenticated, and what
//! does not verify is compiled again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use astrid_native::base::error::Code;
use astrid_native::engine::cache::Cache;
use astrid_native::engine::compile::{Compiled, Compiler};
use astrid_native::engine::{config, key::Key};

type Outcome = Result<bool, Code>;

/// A folder of its own for each test, removed when the test ends.
struct Home(PathBuf);

impl Home {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("astrid-{test}-{}", std::process::id()));
        fs::create_dir_all(path.join("cache")).expect("the temporary folder is writable");
        Self(path)
    }

    fn compiler(&self, program: &str) -> Compiler {
        let engine = config::kernel_engine(4).expect("the machine runs engines");
        let key = Key::open(&self.0.join("cache.key")).expect("the home is writable");
        Compiler::new(engine, Cache::new(self.0.join("cache"), key), program.into())
    }

    /// Compiles with a compiler that knows nothing of earlier ones; whether the cache had it.
    fn compile(&self, component: &[u8]) -> Outcome {
        let compiler = self.compiler(env!("CARGO_BIN_EXE_astrid-compiler"));
        run(&compiler, component)
    }

    fn cached_files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.0.join("cache")).expect("it exists");
        let mut paths: Vec<_> =
            entries.map(|entry| entry.expect("it is readable").path()).collect();
        paths.sort();
        paths
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(compiler: &Compiler, component: &[u8]) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("threads are to be had");
    let compiled = runtime.block_on(compiler.compile(component, &blake3::hash(component)));
    compiled.map(|Compiled { cached, .. }| cached).map_err(|error| error.code)
}

fn component(constant: u32) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (func (export "f") (result i32) i32.const {constant}))
            (core instance $i (instantiate $m))
            (func (export "f") (result u32) (canon lift (core func $i "f"))))"#
    );
    wat::parse_str(text).expect("the text is a component")
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("the file is there");
    change(&mut bytes);
    fs::write(path, bytes).expect("the file is writable");
}

#[test]
fn a_component_is_compiled_once() {
    let home = Home::new("once");
    assert_eq!(home.compile(&component(1)), Ok(false));
    assert_eq!(home.compile(&component(1)), Ok(true));
    assert_eq!(home.compile(&component(2)), Ok(false));
}

#[test]
fn a_changed_cache_file_is_compiled_again() {
    let home = Home::new("changed");
    assert_eq!(home.compile(&component(1)), Ok(false));
    let [path] = home.cached_files().try_into().expect("one file");
    let length = fs::metadata(&path).expect("the file is there").len() as usize;
    // Magic, authenticator, first and last byte of the code.
    for at in [0, 8, 39, 40, length / 2, length - 1] {
        change(&path, |bytes| bytes[at] ^= 1);
        assert_eq!(home.compile(&component(1)), Ok(false), "byte {at}");
        assert_eq!(home.compile(&component(1)), Ok(true), "byte {at}, written again");
    }
    for keep in [0, 7, 39, 40, length - 1] {
        change(&path, |bytes| bytes.truncate(keep));
        assert_eq!(home.compile(&component(1)), Ok(false), "cut at {keep}");
    }
}

#[test]
fn swapped_cache_files_are_compiled_again() {
    let home = Home::new("swapped");
    assert_eq!(home.compile(&component(1)), Ok(false));
    assert_eq!(home.compile(&component(2)), Ok(false));
    let [one, other] = home.cached_files().try_into().expect("two files");
    let between = home.0.join("between");
    fs::rename(&one, &between).expect("renames work");
    fs::rename(&other, &one).expect("renames work");
    fs::rename(&between, &other).expect("renames work");
    assert_eq!(home.compile(&component(1)), Ok(false));
    assert_eq!(home.compile(&component(2)), Ok(false));
}

#[test]
fn code_of_another_installation_is_compiled_again() {
    let home = Home::new("foreign");
    assert_eq!(home.compile(&component(1)), Ok(false));
    fs::remove_file(home.0.join("cache.key")).expect("the key is there");
    assert_eq!(home.compile(&component(1)), Ok(false));
}

#[test]
fn what_is_no_component_is_refused() {
    let home = Home::new("refused");
    let core = wat::parse_str("(module)").expect("the text is a module");
    assert_eq!(home.compile(&core), Err(Code::NotAComponent));
    assert_eq!(home.compile(b""), Err(Code::NotAComponent));
    let whole = component(1);
    assert_eq!(home.compile(&whole[..whole.len() - 1]), Err(Code::Compile));
    assert_eq!(home.compile(&vec![0; (64 << 20) + 1]), Err(Code::CompileLimit));
    assert!(home.cached_files().is_empty());
}

#[test]
fn a_compiler_that_dies_or_is_missing_is_an_error() {
    let home = Home::new("dies");
    for (program, code) in [("/bin/false", Code::CompileLimit), ("/nowhere", Code::Compile)] {
        assert_eq!(run(&home.compiler(program), &component(1)), Err(code), "{program}");
    }
    // It answers, but not with code.
    assert_eq!(run(&home.compiler("/bin/cat"), &component(1)), Err(Code::Compile));
}

/// A component that no compiler takes, whose fault is told with its own name, twice.
fn told_at_length() -> Vec<u8> {
    let name = "a".repeat(90_000);
    let import = format!(r#"(import "{name}" (func))"#);
    wat::parse_str(format!("(component {import} {import})")).expect("the text is a component")
}

#[test]
fn a_compiler_that_says_much_is_heard_to_its_end() {
    let home = Home::new("wordy");
    assert_eq!(home.compile(&told_at_length()), Err(Code::Compile));
    // More than a pipe holds, from one that cuts nothing.
    let path = home.0.join("wordy");
    fs::write(&path, "#!/bin/sh\n/usr/bin/head -c 1000000 /dev/zero >&2\nexit 11\n")
        .expect("the home is writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("the file is ours");
    let program = path.to_str().expect("the path is text");
    assert_eq!(run(&home.compiler(program), &component(1)), Err(Code::Compile));
}

#[test]
fn a_failure_is_one_line_of_bounded_length() {
    let home = Home::new("line");
    let compiler = home.compiler(env!("CARGO_BIN_EXE_astrid-compiler"));
    let component = told_at_length();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("threads are to be had");
    let result = runtime.block_on(compiler.compile(&component, &blake3::hash(&component)));
    let message = result.map(|_| ()).expect_err("it does not compile").message;
    assert!(message.len() < 4096 && message.contains("aaaa"), "{} bytes", message.len());
    assert!(!message.contains(char::is_control));
}

#[test]
fn a_key_of_the_wrong_length_is_refused() {
    let home = Home::new("key");
    let path = home.0.join("cache.key");
    fs::write(&path, [0; 31]).expect("the home is writable");
    assert_eq!(Key::open(&path).map(drop).map_err(|error| error.code), Err(Code::Home));
}
