//! The index as a file beside its segment. One that is missing or isn't this is made anew.

use std::{fs::File, io::Read, ops::RangeInclusive, sync::Arc};

use super::{GROUP_LEAVES, Index, Row, shape::Shape};
use crate::{
    audit::{
        chain,
        folder::Folder,
        segment::{self, Place},
        tree::Frontier,
    },
    base::{error::Result, limits},
};

const MAGIC: [u8; 8] = *b"ASTRIDX\n";
const VERSION: u32 = 1;
/// Of which this says where the segment begins.
const BEGIN_BYTES: usize = 56;
const PLACES_BYTES: usize = 104;
/// Where wall times, and after them the four counts begin.
const WALLS_AT: usize = PLACES_BYTES;
const COUNTS_AT: usize = WALLS_AT + 16;
const HEAD_BYTES: usize = COUNTS_AT + 16;
const CHECK_BYTES: usize = size_of::<chain::Digest>();
const ROW_BYTES: usize = 16;
const BYTES_MAX: u64 = limits::AUDIT_INDEX_BYTES;

/// The index over the segment that begins at `begin`, or over its first records, if its file is
/// one.
pub fn load(folder: &Folder, begin: &Place) -> Option<Index> {
    let bytes = read(folder, begin, BYTES_MAX + 1)?;
    let (content, check) = bytes.split_last_chunk::<CHECK_BYTES>()?;
    if bytes.len() as u64 > BYTES_MAX || chain::index_check(content) != *check {
        return None;
    }
    let (head, mut rest) = head(content, begin)?;
    let [names, resources, shapes, groups] = counts(head);
    let mut index = Index::new(*begin);
    index.end = end(head, begin)?;
    index.names = texts(&mut rest, names)?;
    index.resources = texts(&mut rest, resources)?;
    index.shapes = array(&mut rest, shapes)?.iter().map(Shape::of).collect();
    index.groups = array(&mut rest, groups)?.to_vec();
    if let Some(leaves) = open_leaves(begin, &index.end) {
        let peaks = array(&mut rest, leaves.count_ones() as usize)?;
        index.group = Frontier::of(leaves, peaks.to_vec());
    }
    let rows = usize::try_from(index.end.next - begin.next).ok()?;
    index.rows = array(&mut rest, rows)?.iter().map(row).collect();
    rest.is_empty().then_some(index)
}

/// First and last wall time of the segment's records in microseconds, from the head alone of an
/// index that goes up to `until`.
pub fn span(folder: &Folder, begin: &Place, until: &Place) -> Option<RangeInclusive<u64>> {
    let bytes = read(folder, begin, (HEAD_BYTES + CHECK_BYTES) as u64)?;
    let (head, _) = head(&bytes, begin)?;
    let span = number(head, WALLS_AT)..=number(head, WALLS_AT + 8);
    (end(head, begin)? == *until).then_some(span)
}

/// How many leaves the subtree has that begins in the segment and isn't full at `end`.
fn open_leaves(begin: &Place, end: &Place) -> Option<u64> {
    let leaves = (end.next - 1) % GROUP_LEAVES;
    (leaves > 0 && end.next - leaves >= begin.next).then_some(leaves)
}

/// Writes the file.
pub fn save(folder: &Folder, index: &Index) -> Result<()> {
    folder.create_derived(&segment::index_name(index.begin.number), &encode(index)).map(drop)
}

fn encode(index: &Index) -> Vec<u8> {
    let mut out = places(&index.begin, &index.end).to_vec();
    let walls = || index.rows.iter().filter(|row| row.shape != super::GONE).map(|row| row.wall_us);
    out.extend_from_slice(&walls().min().unwrap_or(u64::MAX).to_le_bytes());
    out.extend_from_slice(&walls().max().unwrap_or(0).to_le_bytes());
    let counts = [&index.names, &index.resources].map(Vec::len);
    for count in [counts[0], counts[1], index.shapes.len(), index.groups.len()] {
        // There are fewer of each than bytes in a segment.
        out.extend_from_slice(&(count as u32).to_le_bytes());
    }
    out.extend_from_slice(&chain::index_check(&out));
    for text in index.names.iter().chain(&index.resources) {
        // A text of a record, so within audit-text-bytes.
        out.extend_from_slice(&(text.len() as u16).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    index.shapes.iter().for_each(|shape| out.extend_from_slice(&shape.bytes()));
    out.extend_from_slice(index.groups.as_flattened());
    let peaks = index.group.as_ref().map_or(&[][..], Frontier::peaks);
    out.extend_from_slice(peaks.as_flattened());
    for Row { offset, wall_us, shape, resource } in &index.rows {
        out.extend_from_slice(&offset.to_le_bytes());
        out.extend_from_slice(&shape.to_le_bytes());
        out.extend_from_slice(&resource.to_le_bytes());
        out.extend_from_slice(&wall_us.to_le_bytes());
    }
    out.extend_from_slice(&chain::index_check(&out));
    out
}

/// What ties the file to the records that it is of: where they begin and end, and both links.
fn places(begin: &Place, end: &Place) -> [u8; PLACES_BYTES] {
    let mut out = [0; PLACES_BYTES];
    out[0..8].copy_from_slice(&MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[12..16].copy_from_slice(&begin.number.to_le_bytes());
    out[16..24].copy_from_slice(&begin.next.to_le_bytes());
    out[24..56].copy_from_slice(&begin.link);
    out[56..64].copy_from_slice(&end.next.to_le_bytes());
    out[64..96].copy_from_slice(&end.link);
    out[96..104].copy_from_slice(&end.offset.to_le_bytes());
    out
}

type Head = [u8; HEAD_BYTES];

/// Where the records end that the file is of; none if that is before they begin.
fn end(head: &Head, begin: &Place) -> Option<Place> {
    let mut end = Place { next: number(head, 56), offset: number(head, 96), ..*begin };
    end.link.copy_from_slice(&head[64..96]);
    (end.next >= begin.next && end.offset >= begin.offset).then_some(end)
}

/// Splits the head off, if it is whole and of the segment that begins so.
fn head<'a>(bytes: &'a [u8], begin: &Place) -> Option<(&'a Head, &'a [u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
    let (check, rest) = rest.split_first_chunk::<CHECK_BYTES>()?;
    let good = head.starts_with(&places(begin, begin)[..BEGIN_BYTES]);
    (good && chain::index_check(head) == *check).then_some((head, rest))
}

fn counts(head: &Head) -> [usize; 4] {
    let count = |at: usize| {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&head[COUNTS_AT + 4 * at..][..4]);
        u32::from_le_bytes(bytes) as usize
    };
    [0, 1, 2, 3].map(count)
}

fn number(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

fn texts(bytes: &mut &[u8], count: usize) -> Option<Vec<Arc<str>>> {
    // Not with a capacity of `count`: nothing says yet that there are so many.
    let mut texts = Vec::new();
    for _ in 0..count {
        let (length, rest) = bytes.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
        texts.push(str::from_utf8(text).ok()?.into());
        *bytes = rest;
    }
    Some(texts)
}

fn array<'a, const N: usize>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [[u8; N]]> {
    let (taken, rest) = bytes.split_at_checked(count.checked_mul(N)?)?;
    *bytes = rest;
    Some(taken.as_chunks().0)
}

fn row(bytes: &[u8; ROW_BYTES]) -> Row {
    let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let [a, b, c, d, ..] = *bytes;
    Row {
        offset: u32::from_le_bytes([a, b, c, d]),
        shape: short(4),
        resource: short(6),
        wall_us: number(bytes, 8),
    }
}

fn read(folder: &Folder, begin: &Place, limit: u64) -> Option<Vec<u8>> {
    let file: File = folder.open(&segment::index_name(begin.number), false).ok()??;
    let length = file.metadata().ok()?.len().min(limit);
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
