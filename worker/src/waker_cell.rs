//! Holds the waker of a task until another task of the same thread wakes it.

use std::cell::RefCell;
use std::task::Waker;

/// The waker of one task. Tasks poll often and never move, so it is cloned once and compared afterwards.
#[derive(Debug, Default)]
pub struct WakerCell(RefCell<Option<Waker>>);

impl WakerCell {
    /// Stores the waker of the waiting task.
    pub fn remember(&self, waker: &Waker) {
        let known = self
            .0
            .borrow()
            .as_ref()
            .is_some_and(|known| known.will_wake(waker));
        if !known {
            *self.0.borrow_mut() = Some(waker.clone());
        }
    }

    /// Wakes the task, if one has ever waited.
    pub fn wake(&self) {
        if let Some(waker) = self.0.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }
}
