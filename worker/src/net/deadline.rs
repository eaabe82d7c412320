//! Time limits without one timer each.
//!
//! A virtual user sets the deadline of its current step, which costs one store. The shard checks all
//! deadlines every few milliseconds and wakes the virtual users whose deadline has passed;
//! [`Deadline::guard`] then cancels the step. The precision of a limit is therefore the checking interval,
//! not a microsecond.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use vayu_shared::units::Nanos;

use crate::waker_cell::WakerCell;

/// Why a step was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Its deadline passed.
    Timeout,
    /// The run is over.
    Cancelled,
}

/// The time limit of one virtual user.
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
    /// Sets the deadline of the current step.
    pub fn set(&self, at: Nanos) {
        self.at.set(at);
    }

    /// Removes the deadline: no step is in progress.
    pub fn clear(&self) {
        self.at.set(Nanos::MAX);
    }

    /// Cancels the current step if its deadline has passed at `now`.
    pub fn check(&self, now: Nanos) {
        if self.at.get() <= now {
            self.expire(Expiry::Timeout);
        }
    }

    /// Cancels the current step.
    pub fn expire(&self, why: Expiry) {
        self.clear();
        self.expired.set(Some(why));
        self.waiting.wake();
    }

    /// Runs `step` until it completes or is cancelled. A cancelled step is not polled again, so a connection
    /// in it must not be reused. `step` is passed pinned: moving it into another future would store it twice.
    pub fn guard<'a, F: Future>(&'a self, step: Pin<&'a mut F>) -> DeadlineGuard<'a, F> {
        DeadlineGuard {
            deadline: self,
            step,
        }
    }
}

/// Future of [`Deadline::guard`].
pub struct DeadlineGuard<'a, F> {
    deadline: &'a Deadline,
    step: Pin<&'a mut F>,
}

impl<F: Future> Future for DeadlineGuard<'_, F> {
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
