//! Stops a thread that waits for a duration, a channel, or a lookup.
//!
//! Two channels signal the stop, one for blocking and one for asynchronous waits. Both close when the handle
//! is dropped; nothing is ever sent on them.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use tokio::sync::watch;

/// Dropping it stops the thread.
pub struct StopHandle {
    _blocking: Sender<Infallible>,
    _asynchronous: watch::Sender<()>,
}

/// The receiving end, on which the thread waits.
pub struct StopSignal {
    blocking: Receiver<Infallible>,
    asynchronous: watch::Receiver<()>,
}

/// Creates a handle and its signal.
pub fn pair() -> (StopHandle, StopSignal) {
    let (blocking_handle, blocking) = crossbeam_channel::bounded(0);
    let (asynchronous_handle, asynchronous) = watch::channel(());
    let handle = StopHandle {
        _blocking: blocking_handle,
        _asynchronous: asynchronous_handle,
    };
    let signal = StopSignal {
        blocking,
        asynchronous,
    };
    (handle, signal)
}

impl StopSignal {
    /// Waits for `delay` or until stopped. Returns whether it was stopped.
    pub fn comes_within(&self, delay: Duration) -> bool {
        self.blocking.recv_timeout(delay) == Err(RecvTimeoutError::Disconnected)
    }

    /// Returns the next item of `queue`. Returns `None` if stopped or if the queue is closed.
    pub fn or_next<T>(&self, queue: &Receiver<T>) -> Option<T> {
        crossbeam_channel::select_biased! {
            recv(self.blocking) -> _ => None,
            recv(queue) -> next => next.ok(),
        }
    }

    /// Completes when stopped.
    pub fn comes(&self) -> impl Future<Output = ()> + use<> {
        let mut closed = self.asynchronous.clone();
        // Nothing is ever sent, so the only change is the close.
        async move { while closed.changed().await.is_ok() {} }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_handle_ends_every_wait() {
        let (handle, signal) = pair();
        let (sender, queue) = crossbeam_channel::unbounded();
        sender.send(1).expect("the queue is open");
        assert!(!signal.comes_within(Duration::ZERO));
        assert_eq!(signal.or_next(&queue), Some(1));
        drop(handle);
        sender.send(2).expect("the queue is open");
        assert!(signal.comes_within(Duration::from_secs(3600)));
        assert_eq!(
            signal.or_next(&queue),
            None,
            "the end comes before what waits"
        );
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime
            .expect("a runtime without timers")
            .block_on(signal.comes());
    }

    #[test]
    fn a_closed_queue_ends_too() {
        let (_handle, signal) = pair();
        let (sender, queue) = crossbeam_channel::unbounded::<u64>();
        drop(sender);
        assert_eq!(signal.or_next(&queue), None);
    }
}
