//! An index over one segment, so that a query looks at columns of numbers and not at records.
//! Derived, and never trusted: what it points at is read, checked against the chain and asked
//! again. Layout of the file: docs/audit.md.

mod file;
mod maker;
mod shape;
mod words;

use std::sync::Arc;

pub use file::{load, save, span};
pub use maker::Maker;
pub use shape::Shape;

use super::{
    segment::Place,
    tree::{Frontier, Hash},
};

/// The text isn't there.
pub const NONE: u16 = 0;
/// The record has no body any more. As a shape.
pub const GONE: u16 = u16::MAX - 1;
/// Beyond what the index keeps: look at the record.
pub const UNLISTED: u16 = u16::MAX;
/// Height of the tree's subtrees whose roots the index keeps.
pub const GROUP_HEIGHT: u32 = 8;
/// Leaves under each.
pub const GROUP_LEAVES: u64 = 1 << GROUP_HEIGHT;

/// What one record is in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where its frame begins in the segment.
    pub offset: u32,
    /// Its wall time in microseconds.
    pub wall_us: u64,
    /// Its shape's place, [`GONE`] or [`UNLISTED`].
    pub shape: u16,
    /// Its resource's place from 1, [`NONE`] or [`UNLISTED`].
    pub resource: u16,
}

/// See the module.
#[derive(Debug)]
pub struct Index {
    /// Before the segment's first record.
    pub begin: Place,
    /// After its last.
    pub end: Place,
    /// What a shape names; the first has number 1.
    pub names: Vec<Arc<str>>,
    /// Likewise.
    pub resources: Vec<Arc<str>>,
    /// All combinations there are.
    pub shapes: Vec<Shape>,
    /// One for each record.
    pub rows: Vec<Row>,
    /// Roots of the subtrees of [`GROUP_LEAVES`] leaves that lie within the segment.
    pub groups: Vec<Hash>,
    /// The subtree that is being filled, if it begins in the segment.
    pub group: Option<Frontier>,
}

impl Index {
    /// Over no record yet.
    pub fn new(begin: Place) -> Self {
        Self {
            begin,
            end: begin,
            names: Vec::new(),
            resources: Vec::new(),
            shapes: Vec::new(),
            rows: Vec::new(),
            groups: Vec::new(),
            group: None,
        }
    }
}
