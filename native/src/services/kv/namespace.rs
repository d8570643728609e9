//! What one capsule keeps for one principal: the calls of `kv.wit`.

use std::{sync::Arc, time::Instant};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{
    database::{Database, damaged, failed},
    list::{self, Page},
};
use crate::{
    base::{
        error::{Code, Error, Result},
        limits::{KV_KEYS, KV_STORE_BYTES, KV_VALUE_BYTES},
    },
    gate::{
        key::{Key, KeyPrefix},
        permit::Permit,
        verb::Verb,
    },
};

/// One namespace. Calls take permits; the key is the permit's.
#[derive(Clone, Debug)]
pub struct Namespace {
    database: Arc<Database>,
    id: i64,
    deadline: Option<Instant>,
}

impl Namespace {
    /// The namespace of `capsule` and `principal`, made if it is missing.
    pub(super) fn open(database: &Arc<Database>, capsule: &str, principal: &str) -> Result<Self> {
        let find = |connection: &Connection| {
            connection
                .prepare_cached("SELECT id FROM namespaces WHERE capsule = ?1 AND principal = ?2")
                .and_then(|mut select| select.query_row([capsule, principal], |row| row.get(0)))
                .optional()
                .map_err(failed)
        };
        let id = match database.read(None, find)? {
            Some(id) => id,
            None => database.write(None, |transaction| {
                let insert =
                    "INSERT OR IGNORE INTO namespaces (capsule, principal) VALUES (?1, ?2)";
                transaction.execute(insert, [capsule, principal]).map_err(failed)?;
                find(transaction)?.ok_or_else(damaged)
            })?,
        };
        Ok(Self { database: Arc::clone(database), id, deadline: None })
    }

    /// The same for one message: no call waits for others beyond its deadline (`ASTRID_DEADLINE`),
    /// nor for longer than `kv-busy-ms` (`ASTRID_BUSY`).
    pub fn until(&self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// The value under the key, or none. `ASTRID_IO`.
    pub fn get(&self, read: Permit<Key>) -> Result<Option<Vec<u8>>> {
        let key = resource(&read, Verb::KvRead)?;
        self.database.read(self.deadline, |connection| self.value(connection, key))
    }

    /// Sets the key to `value`. `ASTRID_TOO_LARGE` for a value over `kv-value-bytes`,
    /// `ASTRID_QUOTA` for a full store, `ASTRID_IO`.
    pub fn set(&self, write: Permit<Key>, value: &[u8]) -> Result<()> {
        let key = resource(&write, Verb::KvWrite)?;
        check_value(value)?;
        self.database
            .write(self.deadline, |transaction| self.replace(transaction, key, Some(value)))
    }

    /// Removes the key; whether it was there. `ASTRID_IO`.
    pub fn delete(&self, write: Permit<Key>) -> Result<bool> {
        let key = resource(&write, Verb::KvWrite)?;
        self.database.write(self.deadline, |transaction| {
            let there = self.size(transaction, key)?.is_some();
            self.replace(transaction, key, None)?;
            Ok(there)
        })
    }

    /// One page of the keys that start with the prefix and come after `after`, in byte order.
    /// `ASTRID_INVALID` unless `limit` is 1 to `kv-page-keys`, `ASTRID_IO`.
    pub fn list(&self, read: Permit<KeyPrefix>, after: Option<&str>, limit: u32) -> Result<Page> {
        let prefix = resource(&read, Verb::KvRead)?;
        let range = list::Range::new(prefix.as_str(), after, limit)?;
        self.database.read(self.deadline, |connection| list::page(connection, self.id, &range))
    }

    /// Replaces the value by `replacement` if it equals `expected`, in one step; none stands for
    /// "no such key". Whether it did. Takes both permits, on one key. Errors as `set`.
    pub fn compare_and_swap(
        &self,
        (read, write): (Permit<Key>, Permit<Key>),
        expected: Option<&[u8]>,
        replacement: Option<&[u8]>,
    ) -> Result<bool> {
        let key = resource(&write, Verb::KvWrite)?;
        if resource(&read, Verb::KvRead)? != key {
            return Err(misused());
        }
        replacement.map_or(Ok(()), check_value)?;
        self.database.write(self.deadline, |transaction| {
            let equal = self.value(transaction, key)?.as_deref() == expected;
            if equal {
                self.replace(transaction, key, replacement)?;
            }
            Ok(equal)
        })
    }

    fn value(&self, connection: &Connection, key: &Key) -> Result<Option<Vec<u8>>> {
        let select = "SELECT value FROM entries WHERE namespace = ?1 AND key = ?2";
        let mut select = connection.prepare_cached(select).map_err(failed)?;
        let mut rows = select.query(params![self.id, bytes(key)]).map_err(failed)?;
        let Some(row) = rows.next().map_err(failed)? else { return Ok(None) };
        let value = row.get_ref(0).map_err(failed)?.as_blob().map_err(|_| damaged())?;
        check_value(value).map_err(|_| damaged())?;
        Ok(Some(value.to_vec()))
    }

    /// Bytes of the value under the key, if there is one.
    fn size(&self, connection: &Connection, key: &Key) -> Result<Option<u64>> {
        let select = "SELECT length(value) FROM entries WHERE namespace = ?1 AND key = ?2";
        let size: Option<i64> = connection
            .prepare_cached(select)
            .and_then(|mut select| select.query_row(params![self.id, bytes(key)], |row| row.get(0)))
            .optional()
            .map_err(failed)?;
        size.map(natural).transpose()
    }

    /// Puts `value`, or nothing, in the place of what is under the key, and counts the difference.
    fn replace(
        &self,
        transaction: &Transaction<'_>,
        key: &Key,
        value: Option<&[u8]>,
    ) -> Result<()> {
        let key_bytes = bytes(key).len() as u64;
        let old = self.size(transaction, key)?.map(|size| key_bytes + size);
        let new = value.map(|value| key_bytes + value.len() as u64);
        self.count(transaction, old, new)?;
        let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
            transaction
                .prepare_cached(sql)
                .and_then(|mut statement| statement.execute(values))
                .map_err(failed)
        };
        match value {
            Some(value) => run(
                "INSERT INTO entries (namespace, key, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value",
                params![self.id, bytes(key), value],
            )?,
            None => run(
                "DELETE FROM entries WHERE namespace = ?1 AND key = ?2",
                params![self.id, bytes(key)],
            )?,
        };
        Ok(())
    }

    /// Takes an entry of `old` bytes out of the counters and one of `new` bytes in.
    /// `ASTRID_QUOTA` when that makes the store larger than it may be.
    fn count(
        &self,
        transaction: &Transaction<'_>,
        old: Option<u64>,
        new: Option<u64>,
    ) -> Result<()> {
        let (keys, bytes): (i64, i64) = transaction
            .prepare_cached("SELECT keys, bytes FROM namespaces WHERE id = ?1")
            .and_then(|mut select| {
                select.query_row([self.id], |row| Ok((row.get(0)?, row.get(1)?)))
            })
            .map_err(failed)?;
        let (keys, bytes) = (natural(keys)?, natural(bytes)?);
        let after = |count: u64, old: u64, new: u64| {
            count.checked_sub(old).and_then(|rest| rest.checked_add(new)).ok_or_else(damaged)
        };
        let keys_after = after(keys, old.is_some().into(), new.is_some().into())?;
        let bytes_after = after(bytes, old.unwrap_or(0), new.unwrap_or(0))?;
        check_quota(keys_after, keys, (KV_KEYS, "kv-keys"))?;
        check_quota(bytes_after, bytes, (KV_STORE_BYTES, "kv-store-bytes"))?;
        transaction
            .prepare_cached("UPDATE namespaces SET keys = ?2, bytes = ?3 WHERE id = ?1")
            .and_then(|mut update| {
                update.execute(params![
                    self.id,
                    keys_after.cast_signed(),
                    bytes_after.cast_signed()
                ])
            })
            .map_err(failed)?;
        Ok(())
    }
}

/// A number of the database that can't be negative.
fn natural(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| damaged())
}

/// `ASTRID_QUOTA` for a count that grew over its bound. One that shrinks may stay over it: the
/// bound may have been lowered, and the way down must be open.
fn check_quota(after: u64, before: u64, (most, limit): (u64, &str)) -> Result<()> {
    if after > most && after > before {
        return Err(Error::new(Code::Quota, format!("a store holds at most {most} ({limit})")));
    }
    Ok(())
}

fn check_value(value: &[u8]) -> Result<()> {
    if value.len() as u64 > KV_VALUE_BYTES {
        let message = format!("a value has at most {KV_VALUE_BYTES} bytes (kv-value-bytes)");
        return Err(Error::new(Code::TooLarge, message));
    }
    Ok(())
}

fn bytes(key: &Key) -> &[u8] {
    key.as_str().as_bytes()
}

fn resource<R>(permit: &Permit<R>, verb: Verb) -> Result<&R> {
    if permit.verb() == verb { Ok(permit.resource()) } else { Err(misused()) }
}

/// A bug in what calls the service.
fn misused() -> Error {
    Error::new(Code::Internal, "the permits are not those of this call")
}
