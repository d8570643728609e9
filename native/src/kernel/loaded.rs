//! A loaded capsule: compiled, checked, linked, for one principal and one authority; and its
//! instances that wait for the next message.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use super::Kernel;
use super::imports;
use super::instance::Instance;
use super::spec::{Spec, file_id};
use crate::audit::{self, Context, Entry, Kind, Log, Subject};
use crate::base::error::{Code, Error, Result};
use crate::base::limits;
use crate::engine::inspect::inspect;
use crate::engine::lane::SlowLane;
use crate::gate::permit::AuthorityId;
use crate::gate::table::Table;
use crate::gate::verb::Verb;
use crate::services::bindings::{AllPre, astrid::capsule};
use crate::services::fs::Owner;
use crate::services::guest::{Guest, Identity, Shared};
use crate::services::wasi;

/// Instances that wait for a message, the one used last on top: its pages are warm.
#[derive(Default)]
pub struct Idle {
    most: usize,
    live: Mutex<Vec<Instance>>,
}

impl Idle {
    /// Takes one out.
    pub fn take(&self) -> Option<Instance> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Puts one back, unless enough wait.
    pub fn put(&self, instance: Instance) {
        let mut all = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < self.most {
            all.push(instance);
            return;
        }
        // As in `evict`.
        drop(all);
        drop(instance);
    }

    /// Takes out the one that waited longest. To drop it takes time: not under anybody's lock.
    pub fn evict(&self) -> Option<Instance> {
        let mut all = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if all.is_empty() { None } else { Some(all.remove(0)) }
    }
}

/// A capsule that can be called.
pub struct Loaded {
    pub(super) engine: Engine,
    pub(super) shared: Arc<Shared>,
    pub(super) pre: AllPre<Guest>,
    pub(super) slow_lane: SlowLane,
    pub(super) memory_mib: u32,
    pub(super) idle: Arc<Idle>,
    /// Whether the compiled code came from the cache.
    pub cached: bool,
}

impl Loaded {
    /// BLAKE3 of the component.
    pub fn digest(&self) -> &[u8; 32] {
        &self.shared.capsule.digest
    }

    /// The authority its instances have.
    pub fn authority(&self) -> AuthorityId {
        self.shared.gate.authority()
    }

    /// The log its calls are recorded in.
    pub fn log(&self) -> &Arc<Log> {
        &self.shared.log
    }

    pub(super) fn subject<'a>(&'a self, message: Option<&'a str>) -> Subject<'a> {
        Subject {
            principal: Some(&self.shared.principal),
            capsule: Some(&self.shared.capsule.name),
            component: Some(self.shared.capsule.digest),
            authority: Some(self.authority().0),
            message,
        }
    }

    /// Records that nobody will call it any more, and lets its idle instances go.
    pub fn unload(&self) -> Result<()> {
        while self.idle.evict().is_some() {}
        let entry = Entry::new(Kind::CapsuleUnload, self.shared.log.mono_ns());
        self.shared.log.append(&Context::new(&self.subject(None)), &entry).map(drop)
    }
}

impl Kernel {
    /// Compiles, checks and links a capsule. Load and refusal are recorded, with a commitment to
    /// the rights.
    ///
    /// Fails with `ASTRID_NOT_A_COMPONENT`, `ASTRID_COMPILE`, `ASTRID_COMPILE_LIMIT`,
    /// `ASTRID_GRANT`, `ASTRID_UNKNOWN_IMPORT`, `ASTRID_NO_HANDLER`, `ASTRID_WORKSPACE` or
    /// `ASTRID_INVALID`.
    pub async fn load(&self, spec: Spec) -> Result<Loaded> {
        let digest = blake3::hash(&spec.component);
        let identity = Identity { name: spec.identity().into(), digest: *digest.as_bytes() };
        let result = self.prepare(&spec, &identity).await;
        let authority = result.as_ref().ok().map(|loaded| loaded.authority().0);
        let context = Context::new(&Subject {
            principal: Some(&spec.principal),
            capsule: Some(&identity.name),
            component: Some(identity.digest),
            authority,
            message: None,
        });
        let rights = spec.grants.iter().map(|grant| grant.text()).collect::<Vec<_>>();
        let rights = rights.iter().map(String::as_bytes).collect::<Vec<_>>();
        let entry = Entry {
            outcome: Some(match &result {
                Ok(_) => audit::Outcome::Done,
                Err(_) => audit::Outcome::Refused,
            }),
            code: result.as_ref().err().map(|error| error.code),
            arguments: &rights,
            ..Entry::new(Kind::CapsuleLoad, self.log.mono_ns())
        };
        if result.is_ok() {
            self.record_config(&spec.config, &context)?;
        }
        // In the file it is after the configuration: they are on disk together.
        self.log.append(&context, &entry)?.durable().await?;
        result
    }

    /// Records the settings that hold for a capsule from now on: their names, and a commitment to
    /// names and values.
    fn record_config(&self, config: &BTreeMap<String, String>, context: &Context) -> Result<()> {
        if config.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = config.keys().map(String::as_str).collect();
        let settings = config.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        let settings: Vec<_> = settings.collect();
        let entry = Entry {
            resource: Some(&names.join(" ")),
            arguments: &settings,
            ..Entry::new(Kind::ConfigChange, self.log.mono_ns())
        };
        self.log.append(context, &entry).map(drop)
    }

    async fn prepare(&self, spec: &Spec, identity: &Identity) -> Result<Loaded> {
        let range = limits::MEMORY_MIB_MIN..=limits::MEMORY_MIB_MAX;
        limits::within("memory-mib", spec.memory_mib.into(), range)?;
        let (gate, rules) = spec.gate()?;
        let inspection = inspect(&spec.component)?;
        imports::check(&inspection.imports, gate.table())?;
        let workspace = spec.workspace.as_ref().map(|dir| self.roots.workspace(dir)).transpose()?;
        let compiled = self.compiler.compile(&spec.component, &inspection.digest).await?;
        let linker = link(&self.engine, gate.table())?;
        let pre = linker
            .instantiate_pre(&compiled.component)
            .map_err(|e| Error::new(Code::UnknownImport, format!("{e:#}")))?;
        let pre = AllPre::new(pre).map_err(|e| Error::new(Code::NoHandler, format!("{e:#}")))?;
        let owner = Owner { capsule: file_id(&identity.name), principal: file_id(&spec.principal) };
        let principal: Arc<str> = spec.principal.as_str().into();
        let shared = Shared {
            capsule: identity.clone(),
            account: self.accounts.of(&principal),
            principal,
            gate,
            rules,
            config: spec.config.clone(),
            workspace,
            roots: self.roots.clone(),
            kv: self.store.namespace(&owner.capsule, &owner.principal)?,
            owner,
            port: self.port.clone(),
            log: self.log.clone(),
            keep: spec.keep.clone(),
        };
        let idle = Arc::new(Idle { most: spec.idle_instances, live: Mutex::default() });
        self.places.know(&idle);
        Ok(Loaded {
            engine: self.engine.clone(),
            shared: Arc::new(shared),
            pre,
            slow_lane: self.slow_lane.clone(),
            memory_mib: spec.memory_mib,
            idle,
            cached: compiled.cached,
        })
    }
}

/// Links exactly the interfaces that `table` opens, and WASI, which opens nothing.
fn link(engine: &Engine, table: &Table) -> Result<Linker<Guest>> {
    type D = HasSelf<Guest>;
    let mut linker = Linker::<Guest>::new(engine);
    let l = &mut linker;
    let mut link_all = || -> wasmtime::Result<()> {
        wasi::link(l)?;
        capsule::types::add_to_linker::<_, D>(l, Guest::itself)?;
        if table.grants_any(Verb::ClockRead) {
            capsule::clock::add_to_linker::<_, D>(l, Guest::itself)?;
        }
        if table.grants_any(Verb::ConfigRead) {
            capsule::config::add_to_linker::<_, D>(l, Guest::itself)?;
        }
        if table.grants_any(Verb::FsRead) || table.grants_any(Verb::FsWrite) {
            capsule::fs::add_to_linker::<_, D>(l, Guest::itself)?;
        }
        if table.grants_any(Verb::IpcPublish) {
            capsule::ipc::add_to_linker::<_, D>(l, Guest::itself)?;
        }
        if table.grants_any(Verb::KvRead) || table.grants_any(Verb::KvWrite) {
            capsule::kv::add_to_linker::<_, D>(l, Guest::itself)?;
        }
        if table.grants_any(Verb::LogWrite) {
            capsule::log::add_to_linker::<_, D>(l, Guest::itself)?;
        }
        if table.grants_any(Verb::RandomRead) {
            capsule::random::add_to_linker::<_, D>(l, Guest::itself)?;
        }
        Ok(())
    };
    link_all().map_err(|e| Error::new(Code::Internal, format!("linking: {e:#}")))?;
    Ok(linker)
}
