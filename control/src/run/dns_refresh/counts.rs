//! Counts lookups and failures, and sums their durations.

use std::sync::atomic::{AtomicU64, Ordering};

use vayu_shared::units::Nanos;

use super::Lookup;

/// Counts of completed lookups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Number of lookups.
    pub made: u64,
    /// Number of lookups without an address.
    pub failed: u64,
    /// Total duration of all lookups.
    pub time: Nanos,
}

/// Counters that one thread updates and others read. Each is exact, but a read during a lookup may mix values
/// from different instants.
#[derive(Default)]
pub struct RefreshTotals {
    made: AtomicU64,
    failed: AtomicU64,
    time: AtomicU64,
}

impl RefreshTotals {
    /// Counts a lookup.
    pub fn add(&self, lookup: &Lookup) {
        self.made.fetch_add(1, Ordering::Relaxed);
        let failed = u64::from(lookup.failure.is_some());
        self.failed.fetch_add(failed, Ordering::Relaxed);
        self.time.fetch_add(lookup.took, Ordering::Relaxed);
    }

    /// Returns the current counts.
    pub fn read(&self) -> Counts {
        Counts {
            made: self.made.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            time: self.time.load(Ordering::Relaxed),
        }
    }
}
