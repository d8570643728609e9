//! Pages of keys.

use rusqlite::{Connection, params};

use super::database::{damaged, failed};
use crate::base::{
    error::{Code, Error, Result},
    limits::KV_PAGE_KEYS,
};

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In byte order.
    pub keys: Vec<String>,
    /// What to pass as `after` to go on; none when this was the last page.
    pub next: Option<String>,
}

/// The keys from `start`, inclusive, to `end`, exclusive, and how many of them.
#[derive(Debug)]
pub(super) struct Range {
    start: Vec<u8>,
    end: Vec<u8>,
    limit: u32,
}

impl Range {
    /// The keys that start with `prefix` and come after `after`.
    pub fn new(prefix: &str, after: Option<&str>, limit: u32) -> Result<Self> {
        if limit == 0 || u64::from(limit) > KV_PAGE_KEYS {
            let message = format!("a page has 1 to {KV_PAGE_KEYS} keys (kv-page-keys)");
            return Err(Error::new(Code::Invalid, message));
        }
        let start = match after {
            // The least text above `after`, in bytes.
            Some(after) if after.as_bytes() >= prefix.as_bytes() => {
                [after.as_bytes(), &[0]].concat()
            }
            _ => prefix.as_bytes().to_vec(),
        };
        // UTF-8 has no byte 255, so this is above all that starts with the prefix, and nothing
        // else lies between.
        let end = [prefix.as_bytes(), &[u8::MAX]].concat();
        Ok(Self { start, end, limit })
    }
}

/// Reads one page of a namespace.
pub(super) fn page(connection: &Connection, namespace: i64, range: &Range) -> Result<Page> {
    let select = "SELECT key FROM entries WHERE namespace = ?1 AND key >= ?2 AND key < ?3
                  ORDER BY key LIMIT ?4";
    let mut select = connection.prepare_cached(select).map_err(failed)?;
    // One more than asked for tells whether there is a next page.
    let values = params![namespace, range.start, range.end, range.limit + 1];
    let mut rows = select.query(values).map_err(failed)?;
    let mut page = Page::default();
    while let Some(row) = rows.next().map_err(failed)? {
        if page.keys.len() == range.limit as usize {
            page.next = page.keys.last().cloned();
            break;
        }
        let key = row.get_ref(0).map_err(failed)?.as_blob().map_err(|_| damaged())?;
        page.keys.push(String::from_utf8(key.to_vec()).map_err(|_| damaged())?);
    }
    Ok(page)
}
