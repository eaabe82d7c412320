//! Connection pool of a run on a shard: idle connections per origin, and one limit for all.
//!
//! Hands out the most recently used connection first (LIFO), so that the surplus connections of an oversized
//! pool go cold. When the limit is reached, requests of all origins wait in one FIFO queue. A new connection
//! closes an idle connection to another origin if needed.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use super::Connection;
use crate::waker_cell::WakerCell;

/// The right to use one connection. A lease counts against the limit, connected or not. Dropping it releases
/// the slot and closes the connection in it.
pub struct Lease {
    pool: Rc<Pool>,
    origin: usize,
    /// The connection, if there is one. Boxed, because it is moved more often than it is used.
    pub connection: Option<Box<Connection>>,
    /// Whether the lease waited in the queue.
    pub waited: bool,
}

/// The connection pool.
pub struct Pool {
    most: usize,
    leased: Cell<usize>,
    /// Idle connections per origin, the least recently used first.
    idle: RefCell<Box<[Idle]>>,
    line: RefCell<VecDeque<Rc<Waiter>>>,
    closed: Cell<bool>,
    /// Maximum number of open connections since the last call of `take_peak`.
    peak: Cell<usize>,
}

/// Boxed, because they are moved as they are.
type Idle = Vec<Box<Connection>>;

/// A position in the queue.
#[derive(Default)]
struct Waiter {
    call: Cell<Call>,
    waiting: WakerCell,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Call {
    /// Still in the queue.
    #[default]
    Waiting,
    /// The previous holder passed on its right to a connection.
    HandedOver,
    /// The pool is closed.
    PoolClosed,
}

impl Pool {
    /// Creates a pool of at most `most` connections to `origins` origins.
    pub fn new(most: usize, origins: usize) -> Rc<Self> {
        Rc::new(Self {
            most,
            leased: Cell::new(0),
            idle: RefCell::new((0..origins).map(|_| Vec::new()).collect()),
            line: RefCell::default(),
            closed: Cell::new(false),
            peak: Cell::new(0),
        })
    }

    /// Returns the maximum number of connections in use, being opened, or idle at the same time since the
    /// last call.
    pub fn take_peak(&self) -> usize {
        self.peak.replace(self.open())
    }

    /// Returns the number of connections in use, being opened, or idle.
    pub fn open(&self) -> usize {
        self.leased.get() + self.idle.borrow().iter().map(Vec::len).sum::<usize>()
    }

    /// Returns the number of requests in the queue.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.line.borrow().len()
    }

    /// Returns a lease, with an idle connection to `origin` if there is one. Waits while the limit is
    /// reached. Returns `None` once the pool is closed.
    pub async fn lease(self: &Rc<Self>, origin: usize) -> Option<Lease> {
        if self.closed.get() {
            return None;
        }
        if let Some(lease) = self.try_lease(origin) {
            return Some(lease);
        }
        match self.wait_in_line().await {
            Call::PoolClosed => None,
            _ => Some(self.leased(origin, true)),
        }
    }

    /// Returns a lease if it is available without waiting and the pool is not closed.
    pub fn try_lease(self: &Rc<Self>, origin: usize) -> Option<Lease> {
        if self.closed.get() || self.leased.get() >= self.most {
            return None;
        }
        self.leased.set(self.leased.get() + 1);
        Some(self.leased(origin, false))
    }

    fn leased(self: &Rc<Self>, origin: usize, waited: bool) -> Lease {
        let connection = self.idle.borrow_mut()[origin].pop();
        if connection.is_none() {
            self.trim(self.most);
            self.peak.set(self.peak.get().max(self.open()));
        }
        Lease {
            pool: Rc::clone(self),
            origin,
            connection,
            waited,
        }
    }

    /// Closes idle connections until at most `size` connections are open: from the origin with the most idle
    /// connections, the least recently used first.
    pub fn trim(&self, size: usize) {
        let surplus = self.open().saturating_sub(size);
        let idle = &mut *self.idle.borrow_mut();
        for _ in 0..surplus {
            match idle.iter_mut().max_by_key(|idle| idle.len()) {
                Some(most) if !most.is_empty() => drop(most.remove(0)),
                _ => return,
            }
        }
    }

    /// Closes the pool: rejects all further requests and closes the idle connections.
    pub fn close(&self) {
        self.closed.set(true);
        self.idle.borrow_mut().iter_mut().for_each(Vec::clear);
        let line = std::mem::take(&mut *self.line.borrow_mut());
        line.iter().for_each(|place| place.call(Call::PoolClosed));
    }

    async fn wait_in_line(&self) -> Call {
        let ticket = Ticket {
            pool: self,
            place: Rc::default(),
            served: Cell::new(false),
        };
        self.line.borrow_mut().push_back(Rc::clone(&ticket.place));
        let call = poll_fn(|context| match ticket.place.call.get() {
            Call::Waiting => {
                ticket.place.waiting.remember(context.waker());
                Poll::Pending
            }
            call => Poll::Ready(call),
        })
        .await;
        ticket.served.set(true);
        call
    }

    /// Passes the right to a connection to the first in the queue, or releases it if the queue is empty.
    fn hand_over(&self) {
        match self.line.borrow_mut().pop_front() {
            Some(place) => place.call(Call::HandedOver),
            None => self.leased.set(self.leased.get() - 1),
        }
    }
}

impl Waiter {
    fn call(&self, call: Call) {
        self.call.set(call);
        self.waiting.wake();
    }
}

/// A waiter in the queue. Dropping it before it was served passes on a right that was handed over to it.
struct Ticket<'a> {
    pool: &'a Pool,
    place: Rc<Waiter>,
    served: Cell<bool>,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if self.served.get() {
            return;
        }
        match self.place.call.get() {
            Call::HandedOver => self.pool.hand_over(),
            Call::PoolClosed => {}
            Call::Waiting => {
                self.pool
                    .line
                    .borrow_mut()
                    .retain(|place| !Rc::ptr_eq(place, &self.place));
            }
        }
    }
}

impl Lease {
    /// Closes the connection and takes another idle one, if there is one.
    pub fn replace_connection(&mut self) {
        self.connection = self.pool.idle.borrow_mut()[self.origin].pop();
    }

    /// Returns the connection to the pool for reuse.
    pub fn give_back(mut self) {
        if let Some(connection) = self.connection.take().filter(|_| !self.pool.closed.get()) {
            self.pool.idle.borrow_mut()[self.origin].push(connection);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.connection = None;
        self.pool.hand_over();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Waker};

    #[test]
    fn the_bound_holds_and_the_line_is_served_in_order() {
        let pool = Pool::new(1, 1);
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(Some(first)) = pin!(pool.lease(0)).poll(&mut context) else {
            panic!("an empty pool did not lease")
        };
        let (mut second, mut third) = (Box::pin(pool.lease(0)), Box::pin(pool.lease(0)));
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert!(third.as_mut().poll(&mut context).is_pending());
        drop(first);
        assert!(
            third.as_mut().poll(&mut context).is_pending(),
            "the third came before the second"
        );
        let Poll::Ready(Some(lease)) = second.as_mut().poll(&mut context) else {
            panic!("the second was not served")
        };
        assert_eq!(pool.open(), 1);
        drop(lease);
        assert!(third.as_mut().poll(&mut context).is_ready());
    }

    #[test]
    fn who_leaves_the_line_does_not_hold_it_up() {
        let pool = Pool::new(1, 1);
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(first) = pin!(pool.lease(0)).poll(&mut context) else {
            panic!("an empty pool did not lease")
        };
        let (mut leaves, mut stays) = (Box::pin(pool.lease(0)), Box::pin(pool.lease(0)));
        assert!(leaves.as_mut().poll(&mut context).is_pending());
        assert!(stays.as_mut().poll(&mut context).is_pending());
        drop(first);
        drop(leaves);
        assert!(stays.as_mut().poll(&mut context).is_ready());
    }

    #[test]
    fn closing_turns_everybody_away() {
        let pool = Pool::new(1, 1);
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(first) = pin!(pool.lease(0)).poll(&mut context) else {
            panic!("an empty pool did not lease")
        };
        let mut waits = Box::pin(pool.lease(0));
        assert!(waits.as_mut().poll(&mut context).is_pending());
        pool.close();
        assert!(matches!(
            waits.as_mut().poll(&mut context),
            Poll::Ready(None)
        ));
        drop(first);
        assert_eq!(pool.open(), 0);
    }
}
