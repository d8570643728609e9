//! A record's bytes: refused, or exactly what the encoder makes of what they mean.
#![no_main]

use astrid_native::audit::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = decode(bytes) {
        assert_eq!(encode(&record), bytes);
    }
});
