//! Randomness in quantity: a seed of the system's, stretched by BLAKE3. The system itself takes
//! more time for a salt than the commitment under it.

use std::fmt;

/// Unpredictable bytes from one seed. Short-lived: a later one has a seed of its own.
pub struct Random(blake3::OutputReader);

impl Random {
    /// Draws a seed of 32 bytes. Errors: the system has no randomness.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let mut hasher = blake3::Hasher::new_derive_key("astrid-native audit v1 random");
        Ok(Self(hasher.update(&seed).finalize_xof()))
    }

    /// Fills `out` with the next bytes.
    pub fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever reads the state knows every byte to come.
        f.debug_struct("Random").finish_non_exhaustive()
    }
}
