//! A run's connections on a shard: idle ones, origin by origin, and the bound on all.
//!
//! The connection used last is handed out first, so that a pool that has become
//! too large lets its rest grow cold. Who finds the bound reached waits in line, whatever
//! the origin; an idle connection to another origin gives way.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use super::Connection;
use crate::waker_cell::WakerCell;

/// The right to use one connection. Whoever holds a lease counts against the
/// bound, connected or not; dropping it frees the place and closes what is in it.
pub struct Lease {
    pool: Rc<Pool>,
    origin: usize,
    /// The connection, once there is one. Boxed, as it is handed on more often than used.
    pub connection: Option<Box<Connection>>,
    /// Whether somebody else had to be waited for.
    pub waited: bool,
}

/// See the module.
pub struct Pool {
    most: usize,
    leased: Cell<usize>,
    /// By origin, the coldest first.
    idle: RefCell<Box<[Idle]>>,
    line: RefCell<VecDeque<Rc<Place>>>,
    closed: Cell<bool>,
    /// Most connections at once since it was last asked for.
    peak: Cell<usize>,
}

/// Boxed, as they are handed on as they are.
type Idle = Vec<Box<Connection>>;

/// A place in the line.
#[derive(Default)]
struct Place {
    call: Cell<Call>,
    waiting: WakerCell,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Call {
    /// Not yet.
    #[default]
    Waiting,
    /// The one before has passed its right to a connection on.
    HandedOver,
    /// The pool is closed.
    TurnedAway,
}

impl Pool {
    /// A pool of at most `most` connections to so many origins.
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

    /// Most connections in use, being made, or idle at once since the last call.
    pub fn take_peak(&self) -> usize {
        self.peak.replace(self.open())
    }

    /// Connections in use, being made, or idle.
    pub fn open(&self) -> usize {
        self.leased.get() + self.idle.borrow().iter().map(Vec::len).sum::<usize>()
    }

    /// Requests that wait for a place.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.line.borrow().len()
    }

    /// A lease, with an idle connection to `origin` if there is one; waits while the bound
    /// is reached. `None` once the pool is closed.
    pub async fn lease(self: &Rc<Self>, origin: usize) -> Option<Lease> {
        if self.closed.get() {
            return None;
        }
        if let Some(lease) = self.try_lease(origin) {
            return Some(lease);
        }
        match self.wait_in_line().await {
            Call::TurnedAway => None,
            _ => Some(self.leased(origin, true)),
        }
    }

    /// A lease, if nobody has to be waited for and the pool is not closed.
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

    /// Closes idle connections until no more than `size` are open: of the origin with the
    /// most of them, the coldest first.
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

    /// Turns everybody away from now on, and closes what is idle.
    pub fn close(&self) {
        self.closed.set(true);
        self.idle.borrow_mut().iter_mut().for_each(Vec::clear);
        let line = std::mem::take(&mut *self.line.borrow_mut());
        line.iter().for_each(|place| place.call(Call::TurnedAway));
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

    /// Passes the right to a connection on to the first in line, if there is one.
    fn hand_over(&self) {
        match self.line.borrow_mut().pop_front() {
            Some(place) => place.call(Call::HandedOver),
            None => self.leased.set(self.leased.get() - 1),
        }
    }
}

impl Place {
    fn call(&self, call: Call) {
        self.call.set(call);
        self.waiting.wake();
    }
}

/// Somebody in the line. Who leaves it unserved passes what was handed over on.
struct Ticket<'a> {
    pool: &'a Pool,
    place: Rc<Place>,
    served: Cell<bool>,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if self.served.get() {
            return;
        }
        match self.place.call.get() {
            Call::HandedOver => self.pool.hand_over(),
            Call::TurnedAway => {}
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

    /// Gives the connection back for others to use.
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
