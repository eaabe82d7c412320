//! Where a task of this thread waits to be woken by another one.

use std::cell::RefCell;
use std::task::Waker;

/// The waker of one task. Tasks poll often and move never, so it is cloned once
/// and compared after that.
#[derive(Debug, Default)]
pub struct WakerCell(RefCell<Option<Waker>>);

impl WakerCell {
    /// The task with this waker waits.
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
