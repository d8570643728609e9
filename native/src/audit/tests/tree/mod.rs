//! The tree: its hashes and proofs, its place in the log, and the notes over it.

mod archive;
mod check;
mod checkpoints;
mod proofs;
mod saved;
mod tiles;
