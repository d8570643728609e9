//! The Merkle tree over the record hashes (RFC 6962): what a checkpoint signs, so that one record
//! or an older size can be proved without the log. Leaf n - 1 is record n.

mod frontier;
mod hash;
mod proof;
mod saved;

pub use frontier::Frontier;
pub use hash::{Hash, leaf, node};
pub use proof::{Proof, consistency, inclusion, root_by};
pub use saved::{begin, save};
