//! Goes through the segments in the direction of a query.

use super::{
    Page, Part, Query,
    part::{Found, Hits},
};
use crate::{
    audit::{chain::Digest, folder::Folder, index, segment::Place},
    base::{
        error::{Code, Result},
        limits,
    },
};

/// The next records that are wanted, after at most `audit-query-segments` segments. `held` is what
/// an earlier call left, and what this one leaves.
///
/// Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
pub fn search(
    folder: &Folder,
    origin: &Digest,
    query: &Query,
    held: &mut Option<Part>,
) -> Result<Page> {
    let from = query.from.unwrap_or(if query.newest_first { u64::MAX } else { 1 });
    let is_end = from == 0 && query.newest_first;
    let mut page = Page { items: Vec::new(), next: from, is_end };
    let search = Search { folder, origin, query };
    for _ in 0..limits::AUDIT_QUERY_SEGMENTS {
        if page.is_end || page.items.len() >= query.limit {
            break;
        }
        search.go_on(&mut page, held)?;
    }
    Ok(page)
}

#[derive(Clone, Copy)]
struct Search<'a> {
    folder: &'a Folder,
    origin: &'a Digest,
    query: &'a Query,
}

impl Search<'_> {
    /// Looks through the segment that holds `page.next`.
    fn go_on(&self, page: &mut Page, held: &mut Option<Part>) -> Result<()> {
        let found = Found::open(self.folder, self.origin, page.next)?;
        let (begin, sealed) = (found.begin, found.end);
        if let Some(end) = &sealed
            && self.is_outside(&begin, end)
        {
            self.leave(page, &begin, end, true);
            return Ok(());
        }
        let from = page.next;
        let room = self.query.limit - page.items.len();
        let (part, hits) = match self.look(&found, held.take(), (from, room)) {
            // Perhaps only what was kept of it is wrong, or the end was written anew.
            Err(error) if error.code == Code::AuditCorrupt => {
                let by_records = Query { by_records: true, ..self.query.clone() };
                let search = Search { query: &by_records, ..*self };
                search.look(&Found::open(self.folder, self.origin, from)?, None, (from, room))?
            }
            looked => looked?,
        };
        page.items.extend(hits.items);
        match hits.next {
            Some(next) => page.next = next,
            None => self.leave(page, &begin, part.end(), sealed.is_some()),
        }
        *held = Some(part);
        Ok(())
    }

    fn look(&self, found: &Found, held: Option<Part>, at: (u64, usize)) -> Result<(Part, Hits)> {
        let part = Part::open(self.folder, found, held, self.query.by_records)?;
        let hits = part.find(&found.file, self.query, at)?;
        Ok((part, hits))
    }

    /// Goes on to the segment after or before this one, if there is one.
    fn leave(&self, page: &mut Page, begin: &Place, end: &Place, sealed: bool) {
        if self.query.newest_first {
            page.next = begin.next - 1;
            page.is_end = page.next == 0;
        } else {
            page.next = page.next.max(end.next);
            page.is_end = !sealed;
        }
    }

    /// Whether the head of the index says that no record is of the time asked for.
    fn is_outside(&self, begin: &Place, end: &Place) -> bool {
        let Query { filter, by_records, .. } = self.query;
        let (since, until) = (filter.since_us.unwrap_or(0), filter.until_us.unwrap_or(u64::MAX));
        if *by_records || (since == 0 && until == u64::MAX) {
            return false;
        }
        let span = index::span(self.folder, begin, end);
        span.is_some_and(|span| *span.end() < since || *span.start() >= until)
    }
}
