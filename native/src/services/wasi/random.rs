//! `wasi:random`: with `random.read` the operating system's generator, else a stream derived from
//! the message, the same for the same message.

use super::bindings::wasi::random::{insecure, insecure_seed, random};
use super::table::Function;
use crate::base::limits;
use crate::services::guest::Guest;

impl Guest {
    fn wasi_random(&mut self, function: Function, bytes: &mut [u8]) -> wasmtime::Result<()> {
        if self.wasi_call(function) {
            return getrandom::fill(bytes).map_err(|e| wasmtime::Error::msg(e.to_string()));
        }
        self.message.derived_random().fill(bytes);
        Ok(())
    }

    fn wasi_random_list(&mut self, function: Function, len: u64) -> wasmtime::Result<Vec<u8>> {
        if len > limits::RANDOM_BYTES {
            return Err(wasmtime::Error::msg("more random bytes than one call may ask for"));
        }
        let mut bytes = vec![0; len as usize];
        self.wasi_random(function, &mut bytes)?;
        Ok(bytes)
    }

    fn wasi_random_u64(&mut self, function: Function) -> wasmtime::Result<u64> {
        let mut bytes = [0; 8];
        self.wasi_random(function, &mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

impl random::Host for Guest {
    fn get_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.wasi_random_list(Function::RandomBytes, len)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.wasi_random_u64(Function::RandomBytes)
    }
}

impl insecure::Host for Guest {
    fn get_insecure_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.wasi_random_list(Function::InsecureBytes, len)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.wasi_random_u64(Function::InsecureBytes)
    }
}

impl insecure_seed::Host for Guest {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        let low = self.wasi_random_u64(Function::InsecureSeed)?;
        let mut high = [0; 8];
        self.message.derived_random().fill(&mut high);
        Ok((low, u64::from_le_bytes(high) ^ low.rotate_left(32)))
    }
}
