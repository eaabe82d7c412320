//! The alarm of one run on one shard: wakes it at an exact instant.
//!
//! A `timerfd` waited for through the ring wakes within tens of microseconds,
//! where the runtime's own timers tick by the millisecond. Setting a `timerfd`
//! also takes back an expiry that was not read yet, so it never needs reading.

use std::io;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use vayu_shared::units::{Nanos, SECOND};

use super::ring::Pollable;

/// See the module.
pub struct Alarm {
    timer: Pollable,
}

impl Alarm {
    /// An alarm that is not set.
    ///
    /// # Errors
    /// When the kernel grants no timer.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self {
            timer: Pollable::new(timer)?,
        })
    }

    /// Waits until `at` (monotonic clock), or until [`Self::ring`].
    pub async fn wait_until(&self, at: Nanos) {
        self.set(at);
        // An error would mean a bad descriptor, which this type rules out.
        let _ = self.timer.readable().await;
    }

    /// Ends the wait at once.
    pub fn ring(&self) {
        self.set(1);
    }

    fn set(&self, at: Nanos) {
        // Zero would disarm; instants in the past fire at once.
        let at = at.max(1);
        let value = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: Timespec {
                tv_sec: (at / SECOND).min(i64::MAX as u64) as i64,
                tv_nsec: (at % SECOND) as _,
            },
        };
        timerfd_settime(self.timer.fd(), TimerfdTimerFlags::ABSTIME, &value)
            .expect("a legal time for a timer that exists");
    }
}
