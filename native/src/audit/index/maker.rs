//! Makes an index from the records, which are checked against the chain on the way.

use std::fs::File;

use hashbrown::HashMap;

use super::{GONE, GROUP_LEAVES, Index, NONE, Row, Shape, UNLISTED, words::Words};
use crate::{
    audit::{
        fault,
        reader::record,
        record::Record,
        scan::{Frame, Scan, Step},
        segment,
        text::Text,
        tree::Frontier,
    },
    base::{error::Result, limits},
};

/// An index that grows with its segment.
pub struct Maker {
    scan: Scan,
    rows: Rows,
}

struct Rows {
    index: Index,
    names: Words,
    resources: Words,
    shapes: HashMap<Shape, u16>,
}

impl Maker {
    /// Goes on where an index ends.
    pub fn of(index: Index) -> Self {
        let end = index.end;
        let rows = Rows {
            names: Words::of(&index.names),
            resources: Words::of(&index.resources),
            shapes: index.shapes.iter().copied().zip(0..).collect(),
            index,
        };
        Self { scan: Scan::new(end, end.offset), rows }
    }

    /// The index so far.
    pub fn index(&self) -> &Index {
        &self.rows.index
    }

    /// Takes the records of the segment's first `length` bytes that it hasn't yet; how many bytes
    /// are left that are no whole record.
    ///
    /// Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
    pub fn take(&mut self, file: &File, length: u64) -> Result<u64> {
        let number = self.scan.at.number;
        if length > limits::AUDIT_SEGMENT_BYTES {
            let what = "larger than audit-segment-bytes";
            return Err(fault::corrupt(&segment::name(number), what));
        }
        self.scan.set_end(length);
        loop {
            // At most audit-segment-bytes.
            let offset = self.scan.at.offset as u32;
            let torn = match self.scan.step(file)? {
                Step::Frame(frame) => {
                    self.rows.push(offset, &frame, record(&frame, number)?.as_ref());
                    continue;
                }
                Step::End => 0,
                Step::Torn(bytes) => bytes,
            };
            self.rows.index.end = self.scan.at;
            return Ok(torn);
        }
    }
}

impl Rows {
    fn push(&mut self, offset: u32, frame: &Frame<'_>, record: Option<&Record<'_>>) {
        let (shape, resource, wall_us) = match record {
            Some(record) => (self.shape(record), self.resource(record), record.wall_us),
            None => (GONE, NONE, 0),
        };
        self.index.rows.push(Row { offset, wall_us, shape, resource });
        let leaf = frame.sequence - 1;
        if leaf.is_multiple_of(GROUP_LEAVES) {
            self.index.group = Some(Frontier::default());
        }
        let Some(group) = &mut self.index.group else { return };
        group.push(&frame.hash);
        if group.size() == GROUP_LEAVES {
            self.index.groups.push(group.root());
            self.index.group = None;
        }
    }

    fn shape(&mut self, record: &Record<'_>) -> u16 {
        let mut name = |text: &Option<Text<'_>>| {
            let text = text.as_ref().map(|text| text.kept.as_ref());
            self.names.number(&mut self.index.names, text)
        };
        let shape = Shape {
            principal: name(&record.principal),
            capsule: name(&record.capsule),
            verb: name(&record.verb),
            code: name(&record.code),
            kind: record.kind as u16,
            verdict: record.verdict.map_or(0, |verdict| verdict as u8),
            outcome: record.outcome.map_or(0, |outcome| outcome as u8),
        };
        if let Some(number) = self.shapes.get(&shape) {
            return *number;
        }
        let number = self.index.shapes.len();
        if number >= usize::from(GONE) {
            return UNLISTED;
        }
        self.index.shapes.push(shape);
        self.shapes.insert(shape, number as u16);
        number as u16
    }

    fn resource(&mut self, record: &Record<'_>) -> u16 {
        let text = record.resource.as_ref().map(|text| text.kept.as_ref());
        self.resources.number(&mut self.index.resources, text)
    }
}
