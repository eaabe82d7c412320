//! The exchanges on their own that go on on a shard, by their numbers.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::single::perform;
use crate::command::{Single, SingleKey};
use crate::runtime;
use crate::waker_cell::WakerCell;

/// See the module.
#[derive(Clone, Default)]
pub struct Singles(Rc<RefCell<BTreeMap<SingleKey, Rc<Cancel>>>>);

/// Whether an exchange is to be given up.
#[derive(Default)]
struct Cancel {
    is_asked: Cell<bool>,
    waiting: WakerCell,
}

impl Singles {
    /// Starts an exchange.
    pub fn begin(&self, single: Single) {
        let Single {
            key,
            order,
            fence,
            reply,
        } = single;
        let cancel = Rc::new(Cancel::default());
        self.0.borrow_mut().insert(key, Rc::clone(&cancel));
        let all = self.clone();
        runtime::spawn(async move {
            let outcome = cancel.unless_asked(perform(&order, &fence)).await;
            all.0.borrow_mut().remove(&key);
            if let Some(outcome) = outcome {
                reply(outcome);
            }
        });
    }

    /// Gives an exchange up, if it goes on.
    pub fn cancel(&self, key: SingleKey) {
        if let Some(cancel) = self.0.borrow().get(&key) {
            cancel.is_asked.set(true);
            cancel.waiting.wake();
        }
    }
}

impl Cancel {
    /// Runs `step` to its end, or drops it and gives `None` once it was asked to.
    async fn unless_asked<F: Future>(&self, step: F) -> Option<F::Output> {
        let mut step = pin!(step);
        poll_fn(|context| {
            if self.is_asked.get() {
                return Poll::Ready(None);
            }
            let polled = step.as_mut().poll(context);
            if polled.is_pending() {
                self.waiting.remember(context.waker());
            }
            polled.map(Some)
        })
        .await
    }
}
