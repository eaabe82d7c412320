//! A freeze of the whole origin: no connection reads or writes before a given instant.
//!
//! Sockets check it before every read and write. The kernel keeps accepting and buffering, as it does for a
//! stopped process.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use glommio::timer::Timer;

/// Freeze state shared by all executors. Initially not frozen.
#[derive(Debug)]
pub(crate) struct Freeze {
    epoch: Instant,
    /// End of the freeze, in nanoseconds after the epoch. 0 means not frozen and avoids a clock read.
    until_ns: AtomicU64,
}

impl Freeze {
    pub(crate) fn new(epoch: Instant) -> Self {
        Self {
            epoch,
            until_ns: AtomicU64::new(0),
        }
    }

    /// Freezes for `duration` from now. Never shortens an active freeze.
    pub(crate) fn start(&self, duration: Duration) {
        let until = self.epoch.elapsed() + duration;
        self.until_ns.fetch_max(until.as_nanos() as u64, Relaxed);
    }

    /// Returns the remaining duration of the freeze, or `None` if not frozen.
    pub(crate) fn remaining(&self) -> Option<Duration> {
        let until_ns = self.until_ns.load(Relaxed);
        if until_ns == 0 {
            return None;
        }
        let left = Duration::from_nanos(until_ns).checked_sub(self.epoch.elapsed());
        let left = left.filter(|left| !left.is_zero());
        if left.is_none() {
            // If this fails, a new freeze has begun and the next check sees it.
            let _ = self
                .until_ns
                .compare_exchange(until_ns, 0, Relaxed, Relaxed);
        }
        left
    }

    /// Waits until the freeze is over.
    pub(crate) async fn over(&self) {
        while let Some(left) = self.remaining() {
            Timer::new(left).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_ends_by_itself() {
        let freeze = Freeze::new(Instant::now());
        assert_eq!(freeze.remaining(), None);
        freeze.start(Duration::from_secs(60));
        freeze.start(Duration::from_millis(1));
        assert!(
            freeze
                .remaining()
                .is_some_and(|left| left > Duration::from_secs(50))
        );

        let short = Freeze::new(Instant::now());
        short.start(Duration::from_millis(2));
        std::thread::sleep(Duration::from_millis(3));
        assert_eq!(short.remaining(), None);
    }
}
