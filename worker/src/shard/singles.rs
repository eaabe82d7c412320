//! The single exchanges in progress on a shard, by key.

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

/// The single exchanges in progress on a shard, by key.
#[derive(Clone, Default)]
pub struct Singles(Rc<RefCell<BTreeMap<SingleKey, Rc<Cancel>>>>);

/// Cancellation flag of an exchange.
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

    /// Cancels an exchange if it is in progress.
    pub fn cancel(&self, key: SingleKey) {
        if let Some(cancel) = self.0.borrow().get(&key) {
            cancel.is_asked.set(true);
            cancel.waiting.wake();
        }
    }
}

impl Cancel {
    /// Runs `step` to completion, or drops it and returns `None` once cancellation was requested.
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
