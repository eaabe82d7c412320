//! The monotonic clock, the only one a shard reads; in tests, on the threads of a simulation,
//! its own.

use rustix::time::{ClockId, clock_gettime};
use vayu_shared::units::{Nanos, SECOND};

/// Nanoseconds of `CLOCK_MONOTONIC`. Costs a few dozen nanoseconds: no system call.
#[must_use]
pub fn now() -> Nanos {
    #[cfg(test)]
    if let Some(now) = crate::runtime::simulation::now() {
        return now;
    }
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as Nanos * SECOND + time.tv_nsec as Nanos
}
