//! The time of day, for timestamps only. Nothing is measured with it: it may be set while the
//! engine runs.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// An instant by the time of day, from which on a steady clock counts: what is told of later
/// ones is never earlier, and lies as far from it as it took.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    /// The instant, in milliseconds since 1970.
    pub at_ms: i64,
    since: Instant,
}

impl Begun {
    /// This instant.
    pub fn now() -> Self {
        Self {
            at_ms: now_ms(),
            since: Instant::now(),
        }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        let passed = i64::try_from(self.since.elapsed().as_millis());
        self.at_ms.saturating_add(passed.unwrap_or(i64::MAX))
    }
}

/// Milliseconds since 1970 as the clock was set when the engine first asked: what lasts an hour
/// ends after an hour, whatever the clock is set to meanwhile.
pub fn steady_ms() -> u64 {
    static FIRST: OnceLock<Begun> = OnceLock::new();
    let now = FIRST.get_or_init(Begun::now).now_ms();
    u64::try_from(now).unwrap_or_default()
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Nanoseconds since 1970.
pub fn now_ns() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
