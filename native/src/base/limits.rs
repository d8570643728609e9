//! Every bound, from `tables/limits.json`; `docs/limits.md` is made from the same table.

include!(concat!(env!("OUT_DIR"), "/limits.rs"));
