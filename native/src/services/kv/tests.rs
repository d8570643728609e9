//! The store through its own calls, with permits of a real gate, on real files.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::Barrier,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::*;
use crate::{
    base::{
        error::Code,
        hex,
        limits::{KV_BUSY_MS, KV_KEYS, KV_STORE_BYTES, KV_VALUE_BYTES},
    },
    gate::{
        decide::{AsResource, RuleId, Verdict},
        key::{Key, KeyPrefix},
        pattern::Pattern,
        permit::{AuthorityId, Gate, Permit},
        table::{Row, Table},
        verb::Verb,
    },
};

struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("randomness");
        let path = std::env::temp_dir().join(format!("astrid-kv-{}", hex::encode(&random)));
        fs::create_dir(&path).expect("a temporary folder");
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn permit<R: AsResource>(verb: Verb, resource: R) -> Permit<R> {
    let row = |verb| Row {
        verdict: Verdict::Allow,
        verb,
        pattern: Pattern::parse(verb, "*").expect("is a pattern"),
        rule: RuleId(0),
    };
    let table = Table::compile(&[row(Verb::KvRead), row(Verb::KvWrite)]).expect("compiles");
    Gate::new(table, AuthorityId([0; 8])).request(verb, resource).expect("is granted")
}

fn key(verb: Verb, text: &str) -> Permit<Key> {
    permit(verb, Key::kv(text).expect("is a key"))
}

/// The calls by plain keys.
struct Kv(Namespace);

impl Kv {
    fn open(home: &Path, principal: &str) -> Self {
        let store = Store::open(home).expect("opens");
        Self(store.namespace("capsule", principal).expect("is made"))
    }

    fn get(&self, text: &str) -> Option<Vec<u8>> {
        self.0.get(key(Verb::KvRead, text)).expect("reads")
    }

    fn set(&self, text: &str, value: &[u8]) -> Result<()> {
        self.0.set(key(Verb::KvWrite, text), value)
    }

    fn delete(&self, text: &str) -> bool {
        self.0.delete(key(Verb::KvWrite, text)).expect("deletes")
    }

    fn swap(&self, text: &str, old: Option<&[u8]>, new: Option<&[u8]>) -> Result<bool> {
        let permits = (key(Verb::KvRead, text), key(Verb::KvWrite, text));
        self.0.compare_and_swap(permits, old, new)
    }

    fn list(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Page> {
        let prefix = permit(Verb::KvRead, KeyPrefix::parse(prefix).expect("is a prefix"));
        self.0.list(prefix, after, limit)
    }

    fn counters(home: &Path) -> (u64, u64) {
        let connection = Connection::open(home.join("kv.sqlite")).expect("opens");
        let counts = connection.query_row("SELECT keys, bytes FROM namespaces", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        });
        let (keys, bytes) = counts.expect("reads");
        (keys.cast_unsigned(), bytes.cast_unsigned())
    }
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code)
}

#[test]
fn values_are_set_read_and_deleted() {
    let home = Home::new();
    let kv = Kv::open(&home.0, "p");
    assert_eq!(kv.get("a"), None);
    kv.set("a", b"1").expect("sets");
    kv.set("a", b"22").expect("replaces");
    kv.set("empty", b"").expect("sets");
    assert_eq!(kv.get("a").as_deref(), Some(&b"22"[..]));
    assert_eq!(kv.get("empty").as_deref(), Some(&b""[..]));
    assert_eq!(Kv::counters(&home.0), (2, 1 + 2 + 5));
    assert!(kv.delete("a") && !kv.delete("a"));
    assert_eq!(kv.get("a"), None);
    assert_eq!(Kv::counters(&home.0), (1, 5));
    drop(kv);
    assert_eq!(Kv::open(&home.0, "p").get("empty").as_deref(), Some(&b""[..]));
}

#[test]
fn only_this_account_reads_the_files() {
    let home = Home::new();
    let kv = Kv::open(&home.0, "p");
    kv.set("a", b"1").expect("sets");
    for name in ["kv.sqlite", "kv.sqlite-wal", "kv.sqlite-shm"] {
        let mode = fs::metadata(home.file(name)).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    drop(kv);
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(home.file("kv.sqlite"), open).expect("sets");
    drop(Kv::open(&home.0, "p"));
    let mode = fs::metadata(home.file("kv.sqlite")).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn namespaces_know_nothing_of_each_other() {
    let home = Home::new();
    let store = Store::open(&home.0).expect("opens");
    let pairs = [("a", "b"), ("a", "c"), ("b", "b"), ("ab", ""), ("", "ab"), ("A", "b")];
    let open = |(capsule, principal)| Kv(store.namespace(capsule, principal).expect("is made"));
    for (number, pair) in pairs.into_iter().enumerate() {
        assert_eq!(open(pair).get("k"), None);
        open(pair).set("k", &[number as u8]).expect("sets");
    }
    for (number, pair) in pairs.into_iter().enumerate() {
        assert_eq!(open(pair).get("k"), Some(vec![number as u8]));
        assert_eq!(open(pair).list("", None, 10).expect("lists").keys, ["k"]);
    }
    assert!(open(pairs[0]).delete("k"));
    assert_eq!(open(pairs[1]).get("k"), Some(vec![1]));
}

#[test]
fn a_prefix_is_exact_in_any_script() {
    let home = Home::new();
    let kv = Kv::open(&home.0, "p");
    let keys = [
        "a",
        "a\u{1}",
        "a/",
        "a/b",
        "a0",
        "b",
        "é",
        "éa",
        "ê",
        "\u{7f}",
        "\u{80}",
        "\u{7ff}",
        "\u{800}",
        "\u{ffff}",
        "\u{10000}",
        "\u{10ffff}",
        "\u{10ffff}x",
        "😀",
        "😀😀",
        "😁",
    ];
    for key in keys {
        kv.set(key, b"").expect("sets");
    }
    let mut sorted: Vec<&str> = keys.to_vec();
    sorted.sort_unstable();
    for prefix in [&[""][..], &keys, &["a/b/", "zz"]].concat() {
        let expected: Vec<&str> =
            sorted.iter().copied().filter(|key| key.starts_with(prefix)).collect();
        for limit in [1, 3, 1000] {
            let (mut listed, mut after) = (Vec::new(), None::<String>);
            loop {
                let page = kv.list(prefix, after.as_deref(), limit).expect("lists");
                assert!(page.keys.len() <= limit as usize);
                listed.extend(page.keys);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(listed, expected, "{prefix:?} by {limit}");
        }
        let page = kv.list(prefix, Some("a/"), 1000).expect("lists");
        let rest: Vec<&str> = expected.into_iter().filter(|key| *key > "a/").collect();
        assert_eq!(page.keys, rest, "{prefix:?} after a/");
    }
    for limit in [0, 1001, u32::MAX] {
        assert_eq!(code(kv.list("", None, limit)), Some(Code::Invalid));
    }
}

#[test]
fn a_value_has_a_bound() {
    let home = Home::new();
    let kv = Kv::open(&home.0, "p");
    let most = vec![7; KV_VALUE_BYTES as usize + 1];
    assert_eq!(code(kv.set("a", &most)), Some(Code::TooLarge));
    assert_eq!(code(kv.swap("a", None, Some(&most))), Some(Code::TooLarge));
    kv.set("a", &most[1..]).expect("sets");
    assert_eq!(kv.get("a").as_deref(), Some(&most[1..]));
}

#[test]
fn a_store_holds_so_many_bytes_and_not_one_more() {
    let home = Home::new();
    let kv = Kv::open(&home.0, "p");
    let full = KV_STORE_BYTES / KV_VALUE_BYTES;
    let value = vec![0; KV_VALUE_BYTES as usize - 2];
    for number in 0..full {
        kv.set(&format!("{number:02}"), &value).expect("fits");
    }
    assert_eq!(Kv::counters(&home.0), (full, KV_STORE_BYTES));
    assert_eq!(code(kv.set("x", b"")), Some(Code::Quota));
    assert_eq!(code(kv.set("00", &[0; KV_VALUE_BYTES as usize - 1])), Some(Code::Quota));
    assert_eq!(code(kv.swap("x", None, Some(b""))), Some(Code::Quota));
    assert_eq!(Kv::counters(&home.0), (full, KV_STORE_BYTES));
    kv.set("00", &value[1..]).expect("shrinks");
    kv.set("x", b"").expect("fits exactly");
    // Another namespace has a quota of its own.
    Kv::open(&home.0, "q").set("x", b"y").expect("fits");
}

#[test]
fn a_store_holds_so_many_keys_and_not_one_more() {
    let home = Home::new();
    let kv = Kv::open(&home.0, "p");
    let mut direct = Connection::open(home.file("kv.sqlite")).expect("opens");
    // All but one are put there in one go; the calls themselves are slow a hundred thousand times.
    let transaction = direct.transaction().expect("begins");
    for number in 1..KV_KEYS {
        let mut insert = transaction
            .prepare_cached("INSERT INTO entries (namespace, key, value) VALUES (1, ?1, x'')")
            .expect("prepares");
        insert.execute([format!("{number:06}").as_bytes()]).expect("inserts");
    }
    let update = "UPDATE namespaces SET keys = ?1, bytes = ?2";
    let counts = [KV_KEYS - 1, (KV_KEYS - 1) * 6].map(u64::cast_signed);
    transaction.execute(update, counts).expect("updates");
    transaction.commit().expect("commits");
    kv.set("last", b"").expect("fits");
    assert_eq!(code(kv.set("more", b"")), Some(Code::Quota));
    kv.set("last", b"changed").expect("is no new key");
    assert!(kv.delete("last"));
    kv.set("more", b"").expect("fits");
}

#[test]
fn a_swap_happens_only_on_what_was_expected() {
    let home = Home::new();
    let kv = Kv::open(&home.0, "p");
    assert_eq!(kv.swap("a", Some(b""), Some(b"1")), Ok(false));
    assert_eq!(kv.swap("a", None, None), Ok(true));
    assert_eq!(kv.swap("a", None, Some(b"1")), Ok(true));
    assert_eq!(kv.swap("a", None, Some(b"2")), Ok(false));
    assert_eq!(kv.swap("a", Some(b"1"), Some(b"2")), Ok(true));
    assert_eq!(kv.get("a").as_deref(), Some(&b"2"[..]));
    assert_eq!(kv.swap("a", Some(b"2"), None), Ok(true));
    assert_eq!(kv.get("a"), None);
    assert_eq!(Kv::counters(&home.0), (0, 0));
}

/// Adds 1 so many times, each time on the number it saw.
fn count_up(kv: &Kv, times: usize) {
    for _ in 0..times {
        loop {
            let seen = kv.get("n");
            let text = seen.as_deref().map_or("0", |n| std::str::from_utf8(n).expect("is text"));
            let next = (text.parse::<u64>().expect("is a number") + 1).to_string();
            if kv.swap("n", seen.as_deref(), Some(next.as_bytes())).expect("answers") {
                break;
            }
        }
    }
}

#[test]
fn connections_that_race_lose_no_step() {
    let home = Home::new();
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                // Opening races too: one of them makes the file.
                count_up(&Kv::open(&home.0, "p"), 50);
            });
        }
    });
    assert_eq!(Kv::open(&home.0, "p").get("n").as_deref(), Some(&b"200"[..]));
}

const CHILD_HOME: &str = "ASTRID_TEST_KV_HOME";

#[test]
fn processes_that_race_lose_no_step() {
    let home = Home::new();
    let spawn = |_| {
        Command::new(std::env::current_exe().expect("is running"))
            .args(["--exact", "--ignored", "--quiet"])
            .arg(concat!(module_path!(), "::counts_in_a_process").split_once("::").expect("has").1)
            .env(CHILD_HOME, &home.0)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("starts")
    };
    for mut child in (0..3).map(spawn).collect::<Vec<_>>() {
        assert!(child.wait().expect("ends").success());
    }
    assert_eq!(Kv::open(&home.0, "p").get("n").as_deref(), Some(&b"150"[..]));
}

#[test]
#[ignore = "the other processes of `processes_that_race_lose_no_step`"]
fn counts_in_a_process() {
    let home = std::env::var_os(CHILD_HOME).expect("is started by the other test");
    count_up(&Kv::open(Path::new(&home), "p"), 50);
}

#[test]
fn a_damaged_file_is_a_coded_error() {
    let home = Home::new();
    fs::write(home.file("kv.sqlite"), "not a database at all".repeat(500)).expect("writes");
    let error = Store::open(&home.0).expect_err("is refused");
    assert_eq!(error.code, Code::Io);
    assert!(!error.message.contains(home.0.to_str().expect("is text")), "{}", error.message);
    let other = Home::new();
    drop(Connection::open(other.file("kv.sqlite")).and_then(|connection| {
        connection.execute_batch("CREATE TABLE mine (x); PRAGMA user_version = 9;")
    }));
    assert_eq!(code(Store::open(&other.0)), Some(Code::Io));
    assert_eq!(code(Store::open(&home.file("missing"))), Some(Code::Io));
}

/// Every page after the first is overwritten: each call answers or fails with a code.
#[test]
fn a_file_damaged_inside_never_panics() {
    let home = Home::new();
    let kv = Kv::open(&home.0, "p");
    for number in 0..200 {
        kv.set(&format!("{number}"), &[1; 500]).expect("sets");
    }
    drop(kv);
    let file = home.file("kv.sqlite");
    let whole = fs::read(&file).expect("reads");
    for byte in [0x00, 0x41, 0xff] {
        let mut damaged = whole.clone();
        damaged[4096..].fill(byte);
        for name in ["kv.sqlite-wal", "kv.sqlite-shm"] {
            drop(fs::remove_file(home.file(name)));
        }
        fs::write(&file, damaged).expect("writes");
        let opened = Store::open(&home.0).and_then(|store| store.namespace("capsule", "p"));
        let error = match opened.map(Kv) {
            Ok(kv) => kv.set("1", b"x").expect_err("can't be written"),
            Err(error) => error,
        };
        assert_eq!(error.code, Code::Io, "{byte}");
    }
}

#[test]
fn a_link_in_place_of_the_file_is_refused() {
    let (home, other) = (Home::new(), Home::new());
    drop(Kv::open(&other.0, "p"));
    std::os::unix::fs::symlink(other.file("kv.sqlite"), home.file("kv.sqlite")).expect("links");
    assert_eq!(code(Store::open(&home.0)), Some(Code::Io));
}

#[test]
fn a_call_waits_for_another_process_no_longer_than_its_message_may() {
    let home = Home::new();
    let kv = Kv::open(&home.0, "p");
    kv.set("a", b"1").expect("sets");
    let other = Connection::open(home.file("kv.sqlite")).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locks");
    let soon = || Kv(kv.0.until(Some(Instant::now() + Duration::from_millis(20))));
    std::thread::scope(|threads| {
        // They also wait for each other, and their waits do not add up.
        let begun = Instant::now();
        for _ in 0..20 {
            threads.spawn(|| assert_eq!(code(soon().set("a", b"2")), Some(Code::Deadline)));
        }
        assert_eq!(kv.get("a").as_deref(), Some(&b"1"[..]), "what is there can be read");
        assert!(begun.elapsed() < Duration::from_millis(KV_BUSY_MS));
    });
    other.execute_batch("COMMIT").expect("unlocks");
    kv.set("a", b"3").expect("sets");
}
