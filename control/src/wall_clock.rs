//! Wall-clock time, for timestamps only. It is never used to measure, because the clock may be set while the
//! engine runs.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A wall-clock instant from which a monotonic clock counts on. Timestamps derived from it never go back, and
/// their differences equal the elapsed time.
#[derive(Clone, Copy, Debug)]
pub struct WallClockStart {
    /// The instant, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    since: Instant,
}

impl WallClockStart {
    /// Returns the current instant.
    pub fn now() -> Self {
        Self {
            at_ms: now_ms(),
            since: Instant::now(),
        }
    }

    /// Returns the current time in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        let passed = i64::try_from(self.since.elapsed().as_millis());
        self.at_ms.saturating_add(passed.unwrap_or(i64::MAX))
    }
}

/// Returns milliseconds since the Unix epoch, as the clock was set at the first call, advanced by a monotonic
/// clock. A period of an hour ends after an hour, even if the clock is set meanwhile.
pub fn monotonic_ms() -> u64 {
    static FIRST: OnceLock<WallClockStart> = OnceLock::new();
    let now = FIRST.get_or_init(WallClockStart::now).now_ms();
    u64::try_from(now).unwrap_or_default()
}

/// Returns the current time in milliseconds since the Unix epoch.
pub fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Returns the current time in nanoseconds since the Unix epoch.
pub fn now_ns() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
