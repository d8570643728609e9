//! The floor under everything that runs a guest: Wasmtime with the kernel's engine and store
//! settings (pooling, fuel, epochs, async, limits), and host functions that do nothing.

use std::sync::Arc;

use astrid_native::engine::meter::{Meter, Metered, bound_store};
use astrid_native::gate::key::Key;
use astrid_native::gate::permit::Gate;
use astrid_native::gate::verb::Verb;
use astrid_native::services::bindings::astrid::capsule::{clock, config, log, types};
use astrid_native::services::bindings::{All, AllPre};
use astrid_native::services::guest::Hosted;
use astrid_native::services::wasi::bindings::wasi::random::insecure_seed;
use wasmtime::component::{Access, Component, FutureReader, HasData, Linker};
use wasmtime::{Engine, Error, Result, Store};

/// Fuel that no bench uses up.
pub const FUEL: u64 = 1_000_000_000_000_000;

/// MiB an instance may hold, as by default.
pub const MEMORY_MIB: u32 = 256;

/// The data of a bare store.
pub struct Bare {
    meter: Meter,
    /// Decides host calls, where deciding is what is measured.
    gate: Option<Arc<Gate>>,
}

impl Bare {
    fn itself(&mut self) -> &mut Self {
        self
    }

    fn decide(&self, verb: Verb) -> Result<()> {
        let refused = |_| Error::msg("the bench's gate refuses");
        self.gate.as_ref().map_or(Ok(()), |gate| gate.request(verb, ()).map(drop).map_err(refused))
    }
}

impl Metered for Bare {
    fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }
}

/// How Wasmtime finds the data in its store.
struct InStore;

impl HasData for InStore {
    type Data<'a> = &'a mut Bare;
}

impl types::Host for Bare {}

impl clock::Host for Bare {
    fn now(&mut self) -> Hosted<u64> {
        self.decide(Verb::ClockRead)?;
        Ok(Ok(0))
    }

    fn monotonic(&mut self) -> Hosted<u64> {
        Ok(Ok(0))
    }
}

impl<T: 'static> clock::HostWithStore<T> for InStore {
    fn sleep(
        _access: Access<'_, T, Self>,
        _duration_ms: u32,
    ) -> Result<FutureReader<std::result::Result<(), types::Error>>> {
        Err(Error::msg("nothing sleeps in a floor"))
    }
}

impl config::Host for Bare {
    fn get(&mut self, key: String) -> Hosted<Option<String>> {
        if let Some(gate) = &self.gate {
            let key = Key::config(&key).map_err(|e| Error::msg(e.message))?;
            let refused = |_| Error::msg("the bench's gate refuses");
            gate.request(Verb::ConfigRead, key).map(drop).map_err(refused)?;
        }
        Ok(Ok(None))
    }

    fn keys(&mut self) -> Hosted<Vec<String>> {
        Ok(Ok(Vec::new()))
    }
}

impl log::Host for Bare {
    fn write(&mut self, _level: log::Level, _text: String) -> Hosted<()> {
        self.decide(Verb::LogWrite)?;
        Ok(Ok(()))
    }
}

impl insecure_seed::Host for Bare {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        Ok((1, 2))
    }
}

/// Links `component` to host functions that do nothing; calling any other import traps.
pub fn link(engine: &Engine, component: &Component) -> Result<AllPre<Bare>> {
    type D = InStore;
    let mut linker = Linker::<Bare>::new(engine);
    types::add_to_linker::<_, D>(&mut linker, Bare::itself)?;
    clock::add_to_linker::<_, D>(&mut linker, Bare::itself)?;
    config::add_to_linker::<_, D>(&mut linker, Bare::itself)?;
    log::add_to_linker::<_, D>(&mut linker, Bare::itself)?;
    insecure_seed::add_to_linker::<_, D>(&mut linker, Bare::itself)?;
    linker.define_unknown_imports_as_traps(component)?;
    AllPre::new(linker.instantiate_pre(component)?)
}

/// One instance, called as plainly as Wasmtime allows.
pub struct Instance {
    store: Store<Bare>,
    exports: All,
}

impl Instance {
    /// A fresh instance; its host calls are decided by `gate`, if there is one.
    pub async fn new(pre: &AllPre<Bare>, gate: Option<Arc<Gate>>) -> Result<Self> {
        let bare = Bare { meter: Meter::new(MEMORY_MIB), gate };
        let mut store = Store::new(pre.engine(), bare);
        bound_store(&mut store);
        store.epoch_deadline_async_yield_and_update(1);
        start_message(&mut store)?;
        let exports = pre.instantiate_async(&mut store).await?;
        Ok(Self { store, exports })
    }

    /// One call of the handler.
    pub async fn handle(&mut self, payload: &str) -> Result<Option<String>> {
        start_message(&mut self.store)?;
        let message = types::Message {
            topic: "bench".into(),
            payload: payload.into(),
            sender: "bench".into(),
            principal: "bench".into(),
            authority: "0123456789abcdef".into(),
            id: "0123456789abcdef0123456789abcdef".into(),
        };
        let exports = &self.exports;
        let answer = self.store.run_concurrent(async |a| exports.call_handle(a, message).await);
        answer.await??.map_err(|error| Error::msg(error.message))
    }
}

fn start_message(store: &mut Store<Bare>) -> Result<()> {
    store.set_fuel(FUEL)?;
    store.set_epoch_deadline(2);
    Ok(())
}
