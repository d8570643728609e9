//! `kv.wit` for guests.

use super::{Namespace, Page};
use crate::base::error::{Code, Error, Result};
use crate::gate::decide::AsResource;
use crate::gate::key::{Key, KeyPrefix};
use crate::gate::permit::Permit;
use crate::gate::verb::Verb;
use crate::services::bindings::astrid::capsule::kv;
use crate::services::functions::{self, Function};
use crate::services::guest::{Guest, Hosted};

impl kv::Host for Guest {
    async fn get(&mut self, key: String) -> Hosted<Option<Vec<u8>>> {
        let key = match Key::kv(&key) {
            Ok(key) => key,
            Err(error) => return self.invalid(Verb::KvRead, error),
        };
        self.with_store(functions::KV_GET, key, b"get", |guest, permit| {
            let value = guest.store().get(permit)?;
            guest.meter.bytes_in += value.as_ref().map_or(0, |value| value.len() as u64);
            Ok(value)
        })
        .await
    }

    async fn set(&mut self, key: String, value: Vec<u8>) -> Hosted<()> {
        let key = match Key::kv(&key) {
            Ok(key) => key,
            Err(error) => return self.invalid(Verb::KvWrite, error),
        };
        self.with_store(functions::KV_SET, key, &value, |guest, permit| {
            guest.meter.bytes_out += value.len() as u64;
            guest.store().set(permit, &value)
        })
        .await
    }

    async fn delete(&mut self, key: String) -> Hosted<bool> {
        let key = match Key::kv(&key) {
            Ok(key) => key,
            Err(error) => return self.invalid(Verb::KvWrite, error),
        };
        self.with_store(functions::KV_DELETE, key, b"delete", |guest, permit| {
            guest.store().delete(permit)
        })
        .await
    }

    async fn list(
        &mut self,
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> Hosted<kv::Page> {
        let prefix = match KeyPrefix::parse(&prefix) {
            Ok(prefix) => prefix,
            Err(error) => return self.invalid(Verb::KvRead, error),
        };
        self.with_store(functions::KV_LIST, prefix, b"list", |guest, permit| {
            let Page { keys, next } = guest.store().list(permit, after.as_deref(), limit)?;
            Ok(kv::Page { keys, next })
        })
        .await
    }

    async fn compare_and_swap(
        &mut self,
        key: String,
        expected: Option<Vec<u8>>,
        replacement: Option<Vec<u8>>,
    ) -> Hosted<bool> {
        let key = match Key::kv(&key) {
            Ok(key) => key,
            Err(error) => return self.invalid(Verb::KvWrite, error),
        };
        let arguments = replacement.clone().unwrap_or_default();
        // Whether the swap happens tells what was there: it reads as well as writes.
        let (read, reading) = match self.begin(functions::KV_COMPARE, key.clone(), b"compare").await
        {
            Ok(begun) => begun,
            Err(error) => return Ok(Err(error.into())),
        };
        let mut swapped = Err(Error::new(Code::Denied, "the write was refused"));
        let answer = self
            .with_store(functions::KV_SWAP, key, &arguments, |guest, write| {
                let (expected, replacement) = (expected.as_deref(), replacement.as_deref());
                let result = guest.store().compare_and_swap((read, write), expected, replacement);
                swapped = result.as_ref().map(drop).map_err(Clone::clone);
                result
            })
            .await;
        self.end(reading, &swapped);
        answer
    }
}

impl Guest {
    fn store(&self) -> Namespace {
        self.shared.kv.until(self.message.deadline)
    }

    async fn with_store<R: AsResource, T>(
        &mut self,
        function: Function,
        resource: R,
        arguments: &[u8],
        effect: impl FnOnce(&mut Self, Permit<R>) -> Result<T>,
    ) -> Hosted<T> {
        let (permit, call) = match self.begin(function, resource, arguments).await {
            Ok(begun) => begun,
            Err(error) => return Ok(Err(error.into())),
        };
        // SQLite may wait for another process's transaction: other guests must not wait with it.
        let result = tokio::task::block_in_place(|| effect(self, permit));
        self.end(call, &result);
        Ok(result.map_err(Into::into))
    }
}
