//! A virtual user as the dispatcher sees it: its assigned arrival, and the wake-up.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use vayu_shared::vu_schedule::VuWindow;

use super::arrival::Arrival;
use crate::waker_cell::WakerCell;

/// A virtual user as the dispatcher sees it.
pub struct VuSlot {
    /// When it may start requests, relative to the epoch.
    pub window: VuWindow,
    /// The arrival assigned to it for its next wake-up.
    pub given: Cell<Option<Arrival>>,
    /// Whether the dispatcher has called it since its last wait.
    is_called: Cell<bool>,
    waiting: WakerCell,
}

impl VuSlot {
    /// Creates the slot of a virtual user that is active within `window`.
    pub fn new(window: VuWindow) -> Rc<Self> {
        Rc::new(Self {
            window,
            given: Cell::new(None),
            is_called: Cell::new(false),
            waiting: WakerCell::default(),
        })
    }

    /// Waits for the dispatcher. Other wake-ups of the task do not end the wait: a slot that returned without
    /// a call would be in the idle list twice, and one of two arrivals would be lost.
    pub async fn called(&self) {
        poll_fn(|context| {
            if self.is_called.take() {
                return Poll::Ready(());
            }
            self.waiting.remember(context.waker());
            Poll::Pending
        })
        .await;
    }

    /// Ends the wait.
    pub fn call(&self) {
        self.is_called.set(true);
        self.waiting.wake();
    }
}
