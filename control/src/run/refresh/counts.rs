//! How many look-ups there were, how many failed, and how long they took.

use std::sync::atomic::{AtomicU64, Ordering};

use vayu_shared::units::Nanos;

use super::Lookup;

/// Look-ups that came to an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub made: u64,
    /// Those without an address.
    pub failed: u64,
    /// The time all of them took together.
    pub time: Nanos,
}

/// Counts that one thread adds to and others read. Each is exact; read during a
/// look-up, they need not be of the same instant.
#[derive(Default)]
pub struct Totals {
    made: AtomicU64,
    failed: AtomicU64,
    time: AtomicU64,
}

impl Totals {
    /// Counts a look-up.
    pub fn add(&self, lookup: &Lookup) {
        self.made.fetch_add(1, Ordering::Relaxed);
        let failed = u64::from(lookup.failure.is_some());
        self.failed.fetch_add(failed, Ordering::Relaxed);
        self.time.fetch_add(lookup.took, Ordering::Relaxed);
    }

    /// The counts now.
    pub fn read(&self) -> Counts {
        Counts {
            made: self.made.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            time: self.time.load(Ordering::Relaxed),
        }
    }
}
