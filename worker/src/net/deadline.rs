//! Time limits without a timer each.
//!
//! A virtual user sets the instant by which its current step has to be through,
//! which costs a store. The shard looks at all of them every few milliseconds
//! and wakes those whose time is up; [`Deadline::guard`] then gives up the step.
//! Limits are therefore kept to within that tick, not to the microsecond.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use vayu_shared::units::Nanos;

use crate::waker_cell::WakerCell;

/// Why a step was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Its time was up.
    Timeout,
    /// The run is over.
    Cancelled,
}

/// One virtual user's time limit.
#[derive(Debug)]
pub struct Deadline {
    at: Cell<Nanos>,
    expired: Cell<Option<Expiry>>,
    waiting: WakerCell,
}

impl Default for Deadline {
    fn default() -> Self {
        Self {
            at: Cell::new(Nanos::MAX),
            expired: Cell::new(None),
            waiting: WakerCell::default(),
        }
    }
}

impl Deadline {
    /// The current step has to be through by `at`.
    pub fn set(&self, at: Nanos) {
        self.at.set(at);
    }

    /// No step is under way.
    pub fn clear(&self) {
        self.at.set(Nanos::MAX);
    }

    /// Gives the current step up if its time is over at `now`.
    pub fn check(&self, now: Nanos) {
        if self.at.get() <= now {
            self.expire(Expiry::Timeout);
        }
    }

    /// Gives the current step up.
    pub fn expire(&self, why: Expiry) {
        self.clear();
        self.expired.set(Some(why));
        self.waiting.wake();
    }

    /// Runs `step` until it is through or given up. A step given up is not polled
    /// again, so a connection in it must not be used again. The step stays pinned where
    /// it is: moved into a future of its own it would be there twice.
    pub fn guard<'a, F: Future>(&'a self, step: Pin<&'a mut F>) -> Guard<'a, F> {
        Guard {
            deadline: self,
            step,
        }
    }
}

/// See [`Deadline::guard`].
pub struct Guard<'a, F> {
    deadline: &'a Deadline,
    step: Pin<&'a mut F>,
}

impl<F: Future> Future for Guard<'_, F> {
    type Output = Result<F::Output, Expiry>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(why) = self.deadline.expired.take() {
            return Poll::Ready(Err(why));
        }
        let polled = self.step.as_mut().poll(context);
        if polled.is_pending() {
            self.deadline.waiting.remember(context.waker());
        }
        polled.map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::Waker;

    fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
        pin!(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_step_in_time_is_untouched() {
        let deadline = Deadline::default();
        deadline.set(100);
        deadline.check(99);
        assert_eq!(
            poll_once(deadline.guard(pin!(ready(7)))),
            Poll::Ready(Ok(7))
        );
    }

    #[test]
    fn a_late_step_is_given_up_once() {
        let deadline = Deadline::default();
        deadline.set(100);
        deadline.check(100);
        assert_eq!(
            poll_once(deadline.guard(pin!(pending::<()>()))),
            Poll::Ready(Err(Expiry::Timeout))
        );
        deadline.check(Nanos::MAX - 1);
        assert_eq!(
            poll_once(deadline.guard(pin!(pending::<()>()))),
            Poll::Pending
        );
    }

    #[test]
    fn cancelling_needs_no_time_limit() {
        let deadline = Deadline::default();
        deadline.expire(Expiry::Cancelled);
        assert_eq!(
            poll_once(deadline.guard(pin!(pending::<()>()))),
            Poll::Ready(Err(Expiry::Cancelled))
        );
    }
}
