//! A kernel in a home of its own, and calls to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, process};

use astrid_native::base::error::Result;
use astrid_native::kernel::{Budget, Ended, Grant, Kernel, Loaded, Options, Spec};
use astrid_native::services::keep::Keep;
use astrid_native::services::message::Stamp;
use tokio::sync::watch;

use crate::bare::{FUEL, MEMORY_MIB};

const DEADLINE_MS: u32 = 600_000;

/// A folder that goes away with this value.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder of that name.
    pub fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("astrid-bench-{}-{name}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("the system's folder for temporary files takes a folder");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed now is the system's to clean.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A kernel, dropped before its home is removed.
pub struct World {
    /// The kernel.
    pub kernel: Arc<Kernel>,
    _home: Folder,
}

impl World {
    /// A kernel with room for `instances`.
    pub fn open(name: &str, instances: u32) -> Result<Self> {
        let home = Folder::new(name);
        let options = Options {
            home: home.path().join("home"),
            // There is no addon here: the record of the start has the compiler's digest twice.
            addon: env!("CARGO_BIN_EXE_astrid-compiler").into(),
            compiler: env!("CARGO_BIN_EXE_astrid-compiler").into(),
            runtime: "cargo bench".into(),
            instances,
            workers: 0,
        };
        let kernel = Arc::new(Kernel::open(&options, Box::new(|| ()))?);
        Ok(Self { kernel, _home: home })
    }

    /// Loads a component that keeps `idle` instances ready, with `rows` grants in its table.
    pub fn load(&self, component: &[u8], idle: usize, rows: usize) -> Result<Arc<Loaded>> {
        let spec = Spec {
            component: component.to_vec(),
            name: "bench".into(),
            source: "bench".into(),
            principal: "bench".into(),
            grants: grants(rows),
            workspace: None,
            config: Default::default(),
            memory_mib: MEMORY_MIB,
            idle_instances: idle,
            keep: Keep::default(),
        };
        self.kernel.threads().block_on(self.kernel.load(spec)).map(Arc::new)
    }

    /// One call, waited for on this thread.
    pub fn call(&self, loaded: &Loaded, payload: &str) -> Ended {
        let (_keep, cancel) = watch::channel(false);
        let call = loaded.call(&self.kernel, stamp(payload), BUDGET, cancel);
        let ended = self.kernel.threads().block_on(call).expect("the log takes records");
        assert_eq!(ended.outcome.name(), "done", "{:?}", ended.error);
        self.kernel.port().take();
        ended
    }
}

/// Fuel and time that no bench uses up.
pub const BUDGET: Budget = Budget { fuel: FUEL, deadline_ms: DEADLINE_MS };

/// A message with this payload.
pub fn stamp(payload: &str) -> Stamp {
    Stamp {
        topic: "bench".into(),
        payload: payload.into(),
        sender: "bench".into(),
        id: "0123456789abcdef0123456789abcdef".into(),
    }
}

/// So many grants: what the guests of the benches need, and settings that nobody asks for.
pub fn grants(rows: usize) -> Vec<Grant> {
    let grant = |verb: &str, pattern: String| Grant {
        verb: verb.into(),
        pattern,
        verdict: "allow".into(),
        rule: "manifest".into(),
    };
    let mut all = vec![
        grant("clock.read", String::new()),
        grant("log.write", String::new()),
        grant("ipc.publish", "bench.**".into()),
        grant("config.read", "k".repeat(64)),
    ];
    let more = rows.saturating_sub(all.len());
    all.extend((0..more).map(|n| grant("config.read", format!("setting-{n}"))));
    all
}
