//! Signals an executor from another thread to stop.
//!
//! Consists of a flag and the waker of the one task that waits for it. It does not end connections; the
//! executor does so when it sees the signal.

use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Raised once, awaited by one task.
#[derive(Debug, Default)]
pub(crate) struct StopSignal {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    raised: bool,
    waiter: Option<Waker>,
}

impl StopSignal {
    /// Raises the signal. Further calls have no effect.
    pub(crate) fn raise(&self) {
        let waiter = {
            let mut state = self.lock();
            state.raised = true;
            state.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    /// Waits until the signal is raised.
    pub(crate) async fn raised(&self) {
        poll_fn(|context| {
            let mut state = self.lock();
            if state.raised {
                return Poll::Ready(());
            }
            state.waiter = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, so the state is valid either way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
