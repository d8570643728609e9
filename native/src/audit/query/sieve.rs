//! A filter over the rows of one index: each name is compared once, not once a record.

use std::sync::Arc;

use super::filter::Filter;
use crate::audit::index::{GONE, Index, NONE, Row, Shape, UNLISTED};

/// One place for each number that a row can hold.
type Flags = Box<[bool; 1 << 16]>;

/// See the module.
pub struct Sieve<'a> {
    filter: &'a Filter,
    shapes: Flags,
    resources: Flags,
}

impl<'a> Sieve<'a> {
    /// What the index doesn't list passes, as only the record can tell.
    pub fn new(filter: &'a Filter, index: &Index) -> Self {
        let mut shapes = flags();
        shapes[usize::from(GONE)] = false;
        for (flag, shape) in shapes.iter_mut().zip(&index.shapes) {
            *flag = may_be(filter, shape, &index.names);
        }
        let mut resources = flags();
        if filter.resource.is_some() {
            resources[usize::from(NONE)] = filter.wants_resource("");
            for (flag, resource) in resources[1..].iter_mut().zip(&index.resources) {
                *flag = filter.wants_resource(resource);
            }
        }
        Self { filter, shapes, resources }
    }

    /// Whether the record of a row may be wanted.
    #[inline]
    pub fn passes(&self, row: &Row) -> bool {
        self.shapes[usize::from(row.shape)]
            && self.resources[usize::from(row.resource)]
            && self.filter.covers(row.wall_us)
    }
}

fn flags() -> Flags {
    Box::new([true; 1 << 16])
}

fn may_be(filter: &Filter, shape: &Shape, names: &[Arc<str>]) -> bool {
    let listed = |number: u16| names.get(usize::from(number).wrapping_sub(1));
    let is = |wanted: &Option<String>, number: u16| {
        let same =
            |wanted: &str| number == UNLISTED || listed(number).is_some_and(|n| **n == *wanted);
        wanted.as_deref().is_none_or(same)
    };
    filter.kind.is_none_or(|kind| kind as u16 == shape.kind)
        && filter.verdict.is_none_or(|verdict| verdict as u8 == shape.verdict)
        && filter.outcome.is_none_or(|outcome| outcome as u8 == shape.outcome)
        && is(&filter.principal, shape.principal)
        && is(&filter.verb, shape.verb)
        && is(&filter.code, shape.code)
        && (shape.capsule == UNLISTED
            || filter.wants_capsule(listed(shape.capsule).map(|name| &**name)))
}
