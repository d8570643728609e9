//! Tests of the calls on a guest without code, with a real gate, log and roots.

mod charging;
mod classes;
mod folding;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::runtime::{self, Runtime};

use super::{
    fs::{Owner, Roots},
    guest::{Guest, Identity, Shared},
    keep::Keep,
    kv::Store,
    message::Message,
    port::Port,
};
use crate::{
    audit::{Accounts, Context, Log, Options, Reader, Record, Subject},
    base::hex,
    engine::lane::{Lane, SlowLane},
    gate::{
        decide::{RuleId, Verdict},
        path::ResourcePath,
        pattern::Pattern,
        permit::{AuthorityId, Gate},
        table::{Row, Table},
        verb::Verb,
    },
};

/// A home with a log and one guest that may do everything in `tmp://` and with keys, and nothing
/// elsewhere.
struct World {
    guest: Guest,
    log: Arc<Log>,
    folder: PathBuf,
    runtime: Runtime,
}

impl World {
    fn new() -> Self {
        Self::on(&Accounts::with(|| Some(u64::MAX)))
    }

    /// One whose principal has an account there.
    fn on(accounts: &Accounts) -> Self {
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("randomness");
        let folder = std::env::temp_dir().join(format!("astrid-calls-{}", hex::encode(&random)));
        fs::create_dir(&folder).expect("a temporary folder");
        let log = Log::open(&folder.join("audit"), &Options::default()).expect("a log");
        let log = Arc::new(log);
        let mut guest = Guest::new(
            Arc::new(shared(&folder, &log, accounts)),
            64,
            Lane::new(SlowLane::beside(2)),
        );
        let subject = Subject { principal: Some("main"), ..Subject::default() };
        guest.start_message(Context::new(&subject), Message::none());
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self { guest, log, folder, runtime: runtime.expect("threads") }
    }

    /// All that is in the log, once what waits is written.
    fn records(&mut self) -> Vec<Record<'static>> {
        self.guest.hand_over();
        let written = self.log.flush().and_then(|ticket| ticket.wait_written());
        written.expect("writes");
        let mut reader = Reader::open(&self.folder.join("audit")).expect("a log");
        let items = reader.read_new(usize::MAX).expect("verifies");
        items.into_iter().filter_map(|item| item.record).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn shared(folder: &Path, log: &Arc<Log>, accounts: &Accounts) -> Shared {
    let owner = Owner { capsule: "00".into(), principal: "00".into() };
    let store = Store::open(folder).expect("a store");
    Shared {
        capsule: Identity { name: "notes@local".into(), digest: [7; 32] },
        principal: "main".into(),
        gate: Gate::new(table(), AuthorityId([9; 8])),
        rules: vec!["the one rule".to_owned()],
        config: BTreeMap::new(),
        workspace: None,
        roots: Arc::new(Roots::open(folder, 1).expect("roots")),
        kv: store.namespace(&owner.capsule, &owner.principal).expect("a namespace"),
        owner,
        port: Port::new(Box::new(|| ())),
        log: Arc::clone(log),
        account: accounts.of(&"main".into()),
        keep: Keep::default(),
    }
}

fn table() -> Table {
    let rights = [
        (Verb::FsRead, "tmp://**"),
        (Verb::FsWrite, "tmp://**"),
        (Verb::KvRead, "*"),
        (Verb::KvWrite, "*"),
        (Verb::ClockRead, ""),
    ];
    let row = |(verb, pattern): (Verb, &str)| Row {
        verdict: Verdict::Allow,
        verb,
        pattern: Pattern::parse(verb, pattern).expect("a pattern"),
        rule: RuleId(0),
    };
    Table::compile(&rights.map(row)).expect("compiles")
}

fn path(text: &str) -> ResourcePath {
    ResourcePath::parse(text).expect("a path")
}
