//! `random.wit`.

use super::bindings::astrid::capsule::random;
use super::functions;
use super::guest::{Guest, Hosted};
use crate::base::error::{Code, Error};
use crate::base::limits;

impl random::Host for Guest {
    fn bytes(&mut self, len: u32) -> Hosted<Vec<u8>> {
        self.perform(functions::RANDOM_BYTES, (), &len.to_le_bytes(), |_, _permit| {
            if u64::from(len) > limits::RANDOM_BYTES {
                let most = limits::RANDOM_BYTES;
                return Err(Error::new(
                    Code::TooLarge,
                    format!("over {most} bytes (random-bytes)"),
                ));
            }
            let mut bytes = vec![0; len as usize];
            getrandom::fill(&mut bytes)
                .map_err(|e| Error::new(Code::Io, format!("no randomness: {e}")))?;
            Ok(bytes)
        })
    }
}
