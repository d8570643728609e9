//! The service through its own calls, with permits of a real gate, on real folders; and each test
//! of paths twice, resolved by the kernel and by the walk.

mod files;
mod paths;
mod quotas;
mod races;
mod roots;
mod trees;
mod waits;
mod world;
