//! The monotonic clock, the only one a shard reads.

use rustix::time::{ClockId, clock_gettime};
use vayu_shared::units::{Nanos, SECOND};

/// Nanoseconds of `CLOCK_MONOTONIC`. Costs a few dozen nanoseconds: no system call.
#[must_use]
pub fn now() -> Nanos {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as Nanos * SECOND + time.tv_nsec as Nanos
}
