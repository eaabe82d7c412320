//! A virtual user as the dispatcher sees it: what it was given, and how it is called.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use vayu_shared::vu_schedule::VuWindow;

use super::dispatch::Arrival;
use crate::waker_cell::WakerCell;

/// See the module.
pub struct VuSlot {
    /// When it may take up requests, from the epoch.
    pub window: VuWindow,
    /// What it is to do when it is called.
    pub given: Cell<Option<Arrival>>,
    /// Whether the dispatcher has called it since it last waited.
    is_called: Cell<bool>,
    waiting: WakerCell,
}

impl VuSlot {
    /// Of a virtual user that works within `window`.
    pub fn new(window: VuWindow) -> Rc<Self> {
        Rc::new(Self {
            window,
            given: Cell::new(None),
            is_called: Cell::new(false),
            waiting: WakerCell::default(),
        })
    }

    /// Waits for the dispatcher. Whatever else wakes the task does not end the wait: a slot
    /// that came back uncalled would be idle twice, and of two arrivals one would be lost.
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
