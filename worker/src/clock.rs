//! The monotonic clock, the only clock that a shard reads. In tests, a thread in a simulation reads the
//! simulation's clock instead.

use rustix::time::{ClockId, clock_gettime};
use vayu_shared::units::{Nanos, SECOND};

/// Returns `CLOCK_MONOTONIC` in nanoseconds. Costs a few dozen nanoseconds, because it needs no system call.
#[must_use]
pub fn now() -> Nanos {
    #[cfg(test)]
    if let Some(now) = crate::runtime::simulation::now() {
        return now;
    }
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as Nanos * SECOND + time.tv_nsec as Nanos
}
