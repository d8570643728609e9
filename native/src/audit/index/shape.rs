//! What a query may ask of a record, short of its time and resource: few combinations cover a log.

/// One combination. Names are numbers of the index's names, 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// For whom.
    pub principal: u16,
    /// Which capsule.
    pub capsule: u16,
    /// What was asked.
    pub verb: u16,
    /// Code of the error.
    pub code: u16,
    /// The kind's code.
    pub kind: u16,
    /// The verdict's code, 0 for none.
    pub verdict: u8,
    /// The outcome's code, 0 for none.
    pub outcome: u8,
}

/// Bytes of a shape in a file.
pub const SHAPE_BYTES: usize = 12;

impl Shape {
    /// As it stands in a file.
    pub fn bytes(&self) -> [u8; SHAPE_BYTES] {
        let mut out = [0; SHAPE_BYTES];
        let numbers = [self.principal, self.capsule, self.verb, self.code, self.kind];
        for (place, number) in out.chunks_exact_mut(2).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        (out[10], out[11]) = (self.verdict, self.outcome);
        out
    }

    /// The shape of these bytes.
    pub fn of(bytes: &[u8; SHAPE_BYTES]) -> Self {
        let number = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        Self {
            principal: number(0),
            capsule: number(2),
            verb: number(4),
            code: number(6),
            kind: number(8),
            verdict: bytes[10],
            outcome: bytes[11],
        }
    }
}
