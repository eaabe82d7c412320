//! The open connections of one executor, so that a stop can end them.
//!
//! When an executor ends, glommio does not drop tasks that are still waiting, and their sockets would stay
//! open. Every connection task therefore also waits for the end of the registry, and the executor waits for
//! the tasks.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use glommio::timer::Timer;

/// Maximum time for the tasks to end.
const END_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Registry {
    ending: Cell<bool>,
    next_id: Cell<u64>,
    waiting: RefCell<HashMap<u64, Waker>>,
    members: Cell<usize>,
}

impl Registry {
    /// Registers a connection. Dropping the membership removes it.
    pub(crate) fn join(self: &Rc<Self>) -> Membership {
        let id = self.next_id.replace(self.next_id.get() + 1);
        self.members.set(self.members.get() + 1);
        Membership {
            registry: Rc::clone(self),
            id,
        }
    }

    /// Ends every connection and waits up to `END_TIMEOUT` until they are gone.
    pub(crate) async fn end_all(&self) {
        self.ending.set(true);
        let waiting = self.waiting.take();
        for waker in waiting.into_values() {
            waker.wake();
        }
        let deadline = Instant::now() + END_TIMEOUT;
        while self.members.get() > 0 && Instant::now() < deadline {
            Timer::new(Duration::from_millis(1)).await;
        }
    }
}

/// Registration of one connection.
#[derive(Debug)]
pub(crate) struct Membership {
    registry: Rc<Registry>,
    id: u64,
}

impl Membership {
    /// Waits until the registry ends its connections.
    pub(crate) async fn ended(&self) {
        let mut registered = false;
        poll_fn(|context| {
            if self.registry.ending.get() {
                return Poll::Ready(());
            }
            // A task keeps its waker, so registering once is enough.
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
