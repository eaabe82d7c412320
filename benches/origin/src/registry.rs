//! The open connections of one executor, so that stopping can end them.
//!
//! glommio does not drop the tasks that still wait when an executor ends, and
//! with them their sockets would stay open. So every connection task also
//! waits for the end of the registry, and the executor waits for the tasks.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use glommio::timer::Timer;

/// How long the tasks may take to notice the end.
const END_PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Registry {
    ending: Cell<bool>,
    next_id: Cell<u64>,
    waiting: RefCell<HashMap<u64, Waker>>,
    members: Cell<usize>,
}

impl Registry {
    /// Enters a connection; it leaves when the membership is dropped.
    pub(crate) fn join(self: &Rc<Self>) -> Membership {
        let id = self.next_id.replace(self.next_id.get() + 1);
        self.members.set(self.members.get() + 1);
        Membership {
            registry: Rc::clone(self),
            id,
        }
    }

    /// Ends every connection and waits, within limits, until they are gone.
    pub(crate) async fn end_all(&self) {
        self.ending.set(true);
        let waiting = self.waiting.take();
        for waker in waiting.into_values() {
            waker.wake();
        }
        let deadline = Instant::now() + END_PATIENCE;
        while self.members.get() > 0 && Instant::now() < deadline {
            Timer::new(Duration::from_millis(1)).await;
        }
    }
}

/// One connection's place in the registry.
#[derive(Debug)]
pub(crate) struct Membership {
    registry: Rc<Registry>,
    id: u64,
}

impl Membership {
    /// Waits until the connections shall end.
    pub(crate) async fn ended(&self) {
        let mut registered = false;
        poll_fn(|context| {
            if self.registry.ending.get() {
                return Poll::Ready(());
            }
            // A task keeps its waker, so once is enough.
            if !registered {
                let waker = context.waker().clone();
                self.registry.waiting.borrow_mut().insert(self.id, waker);
                registered = true;
            }
            Poll::Pending
        })
        .await;
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.registry.waiting.borrow_mut().remove(&self.id);
        self.registry.members.set(self.registry.members.get() - 1);
    }
}
