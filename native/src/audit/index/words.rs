//! Numbers for texts, each text kept once and all of them within bounds.

use std::sync::Arc;

use hashbrown::HashMap;

use super::{GONE, NONE, UNLISTED};
use crate::base::limits;

const BYTES: usize = limits::AUDIT_INDEX_TEXT_BYTES as usize;

/// The numbers given so far.
#[derive(Debug, Default)]
pub struct Words {
    numbers: HashMap<Arc<str>, u16>,
    bytes: usize,
}

impl Words {
    /// As it was when it had made `list`.
    pub fn of(list: &[Arc<str>]) -> Self {
        let numbers = list.iter().zip(1..).map(|(text, number)| (Arc::clone(text), number));
        Self { numbers: numbers.collect(), bytes: list.iter().map(|text| text.len()).sum() }
    }

    /// The number of a text, which is put in `list` if it is new; [`UNLISTED`] if there is no room
    /// for it: guests choose these texts.
    pub fn number(&mut self, list: &mut Vec<Arc<str>>, text: Option<&str>) -> u16 {
        let Some(text) = text else { return NONE };
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = list.len() + 1;
        if number >= usize::from(GONE) || self.bytes + text.len() > BYTES {
            return UNLISTED;
        }
        self.bytes += text.len();
        let text: Arc<str> = text.into();
        self.numbers.insert(Arc::clone(&text), number as u16);
        list.push(text);
        number as u16
    }
}
