//! What a guest learns of times. A file it wrote bears the time of that moment: without
//! `clock.read` it must not be a clock.

use super::Attributes;
use crate::gate::path::Root;
use crate::gate::verb::Verb;
use crate::services::guest::Guest;

const SECOND_MICROS: u64 = 1_000_000;

impl Guest {
    /// What it may know of something found in `root`.
    pub(super) fn shown(&self, found: Attributes, root: Root) -> Attributes {
        if self.holds(Verb::ClockRead) {
            return found;
        }
        Attributes { modified: dulled(found.modified, root, self.message.arrival_micros), ..found }
    }
}

/// A time for a guest whose clock stands at `arrival`. Where only the guest itself writes, times
/// tell nothing else and are left out; elsewhere they are whole seconds, none after its arrival.
fn dulled(modified: u64, root: Root, arrival: u64) -> u64 {
    match root {
        Root::Data | Root::Tmp => 0,
        Root::Workspace => {
            let known = modified.min(arrival);
            known - known % SECOND_MICROS
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_a_clock_are_no_clock() {
        let arrival = 5_300_000;
        for root in [Root::Data, Root::Tmp] {
            assert_eq!(dulled(4_200_001, root, arrival), 0);
        }
        let workspace = |modified| dulled(modified, Root::Workspace, arrival);
        assert_eq!(workspace(4_200_001), 4_000_000);
        assert_eq!(workspace(5_300_001), workspace(9_000_000));
        assert_eq!(workspace(9_000_000), 5_000_000);
    }
}
