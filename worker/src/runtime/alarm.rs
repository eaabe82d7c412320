//! The timer of one run on one shard: wakes the run at an exact instant.
//!
//! A `timerfd` polled through the ring wakes within tens of microseconds; the runtime's own timers have a
//! resolution of one millisecond. Setting a `timerfd` also clears an expiration that was not read yet, so it
//! never needs to be read.

use std::io;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use vayu_shared::units::{Nanos, SECOND};

use super::ring::Pollable;

/// A timer on `CLOCK_MONOTONIC`, backed by a `timerfd`.
pub struct Alarm {
    timer: Pollable,
}

impl Alarm {
    /// Creates an alarm that is not set.
    ///
    /// # Errors
    /// Returns an error if the kernel grants no timer.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self {
            timer: Pollable::new(timer)?,
        })
    }

    /// Waits until `at` (monotonic clock) or until [`Self::ring`] is called.
    pub async fn wait_until(&self, at: Nanos) {
        self.set(at);
        // `readable` fails only for a bad descriptor, which this type rules out.
        let _ = self.timer.readable().await;
    }

    /// Ends the wait immediately.
    pub fn ring(&self) {
        self.set(1);
    }

    fn set(&self, at: Nanos) {
        // Zero would disarm the timer; an instant in the past fires immediately.
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
