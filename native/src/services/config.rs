//! `config.wit`.

use super::bindings::astrid::capsule::config;
use super::functions;
use super::guest::{Guest, Hosted};
use crate::gate::key::Key;
use crate::gate::verb::Verb;

impl config::Host for Guest {
    fn get(&mut self, key: String) -> Hosted<Option<String>> {
        let key = match Key::config(&key) {
            Ok(key) => key,
            Err(error) => return self.invalid(Verb::ConfigRead, error),
        };
        self.perform(functions::CONFIG_GET, key, &[], |guest, permit| {
            Ok(guest.shared.config.get(permit.resource().as_str()).cloned())
        })
    }

    fn keys(&mut self) -> Hosted<Vec<String>> {
        // Listing all keys is reading those that may be read: each is decided by itself.
        let readable = |key: &&String| {
            let key = Key::config(key);
            key.is_ok_and(|key| self.shared.gate.request(Verb::ConfigRead, key).is_ok())
        };
        let keys = self.shared.config.keys().filter(readable).cloned().collect();
        wasmtime::error::Ok(self.note(functions::CONFIG_KEYS).map(|()| keys).map_err(Into::into))
    }
}
