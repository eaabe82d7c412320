//! Hands arrivals to virtual users.
//!
//! Open model: arrivals are released when they fall due, whatever the target
//! does. One that finds no idle virtual user waits; the wait is two cursors on
//! one schedule, not a queue, because the schedule is a function of the plan.
//! Closed model: each virtual user is its own source, within its window.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use vayu_shared::arrivals::ArrivalCursor;
use vayu_shared::shard_plan::{ShardLoad, ShardPlan};
use vayu_shared::units::Nanos;
use vayu_shared::vu_schedule::VuWindow;

use crate::waker_cell::WakerCell;

/// Releases per turn: a shard that has fallen behind still serves its sockets.
const RELEASES_PER_TURN: u64 = 256;

/// One request that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When it was meant to start, on the monotonic clock.
    pub intended: Nanos,
}

/// What a virtual user is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Make a request.
    Go(Arrival),
    /// Wait for one.
    Wait,
    /// Nothing will come any more.
    End,
}

/// A virtual user as the dispatcher sees it.
pub struct VuSlot {
    window: VuWindow,
    given: Cell<Option<Arrival>>,
    waiting: WakerCell,
}

impl VuSlot {
    /// The task with this waker waits for its next arrival.
    pub fn wait(&self, waker: &Waker) {
        self.waiting.remember(waker);
    }
}

/// The load of one run on one shard.
pub struct Dispatch {
    epoch: Nanos,
    source: Source,
    closed: Cell<bool>,
}

enum Source {
    Open(Open),
    Closed(Closed),
}

struct Open {
    /// Before the next arrival to fall due.
    released: RefCell<ArrivalCursor>,
    /// Before the next arrival to be made, at most as far.
    taken: RefCell<ArrivalCursor>,
    idle: RefCell<Vec<Rc<VuSlot>>>,
    vus: Cell<usize>,
    most_vus: usize,
}

struct Closed {
    /// Windows of virtual users that have not started, the latest first.
    to_start: RefCell<Vec<VuWindow>>,
    iterations: Cell<Option<u64>>,
}

impl Dispatch {
    /// The load of `plan`, beginning at `epoch`.
    pub fn new(plan: ShardPlan, epoch: Nanos) -> Self {
        let source = match plan.load {
            ShardLoad::Arrivals(arrivals) => Source::Open(Open {
                released: RefCell::new(arrivals.cursor()),
                taken: RefCell::new(arrivals.cursor()),
                idle: RefCell::default(),
                vus: Cell::new(0),
                most_vus: plan.max_connections,
            }),
            ShardLoad::VirtualUsers {
                mut windows,
                iterations,
            } => {
                windows.sort_by_key(|window| std::cmp::Reverse(window.from));
                let iterations = Cell::new(iterations);
                Source::Closed(Closed {
                    to_start: RefCell::new(windows),
                    iterations,
                })
            }
        };
        Self {
            epoch,
            source,
            closed: Cell::new(false),
        }
    }

    /// Lets fall due what is due at `now`: tells `lag` how late each arrival is
    /// released, and `start` of each virtual user to start. Returns whether
    /// anything was released, given out or started.
    pub fn turn(&self, now: Nanos, lag: impl FnMut(Nanos), start: impl FnMut(Rc<VuSlot>)) -> bool {
        if self.closed.get() || now < self.epoch {
            return false;
        }
        let elapsed = now - self.epoch;
        match &self.source {
            Source::Open(open) => {
                let released = open.release(elapsed, lag);
                open.hand_out(self.epoch, start) || released
            }
            Source::Closed(closed) => closed.start_due(elapsed, start),
        }
    }

    /// What the virtual user `slot`, free at `now`, is to do next.
    pub fn next(&self, slot: &Rc<VuSlot>, now: Nanos) -> Next {
        if let Some(arrival) = slot.given.take() {
            return Next::Go(arrival);
        }
        if self.closed.get() {
            return Next::End;
        }
        match &self.source {
            Source::Open(open) => open.next(slot, self.epoch),
            Source::Closed(closed) => closed.next(slot, now, now.saturating_sub(self.epoch)),
        }
    }

    /// Whether arrivals come by themselves; if not, each one a virtual user
    /// takes is offered and issued in one.
    pub fn is_open(&self) -> bool {
        matches!(self.source, Source::Open(_))
    }

    /// When something falls due next, on the monotonic clock.
    pub fn next_due(&self) -> Option<Nanos> {
        if self.closed.get() {
            return None;
        }
        let from_epoch = match &self.source {
            Source::Open(open) => open.released.borrow().peek(),
            Source::Closed(closed) => closed.to_start.borrow().last().map(|window| window.from),
        };
        from_epoch.map(|due| self.epoch.saturating_add(due))
    }

    /// Arrivals released and not taken.
    pub fn waiting(&self) -> u64 {
        match &self.source {
            Source::Open(open) => open.waiting(),
            Source::Closed(_) => 0,
        }
    }

    /// Issues nothing any more: idle virtual users end, and what waits is
    /// dropped. Returns how many that were.
    pub fn close(&self) -> u64 {
        self.closed.set(true);
        match &self.source {
            Source::Open(open) => {
                open.idle.take().iter().for_each(|slot| slot.waiting.wake());
                let dropped = open.waiting();
                *open.taken.borrow_mut() = *open.released.borrow();
                dropped
            }
            Source::Closed(closed) => {
                closed.to_start.borrow_mut().clear();
                0
            }
        }
    }
}

impl Open {
    /// Arrivals released and not taken.
    fn waiting(&self) -> u64 {
        self.released.borrow().passed() - self.taken.borrow().passed()
    }

    fn release(&self, elapsed: Nanos, mut lag: impl FnMut(Nanos)) -> bool {
        let mut released = self.released.borrow_mut();
        let before = released.passed();
        while released.passed() < before + RELEASES_PER_TURN {
            match released.peek() {
                Some(due) if due <= elapsed => {
                    released.advance();
                    lag(elapsed - due);
                }
                _ => break,
            }
        }
        released.passed() > before
    }

    /// Gives waiting arrivals to idle virtual users, and to new ones while
    /// there may be more.
    fn hand_out(&self, epoch: Nanos, mut start: impl FnMut(Rc<VuSlot>)) -> bool {
        let before = self.waiting();
        while self.waiting() > 0 {
            let idle = self.idle.borrow_mut().pop();
            let slot = match idle {
                Some(slot) => slot,
                None if self.vus.get() < self.most_vus => {
                    self.vus.set(self.vus.get() + 1);
                    let slot = VuSlot::new(VuWindow {
                        from: 0,
                        until: Nanos::MAX,
                    });
                    slot.given.set(Some(self.take(epoch)));
                    start(slot);
                    continue;
                }
                None => break,
            };
            slot.given.set(Some(self.take(epoch)));
            slot.waiting.wake();
        }
        self.waiting() < before
    }

    fn next(&self, slot: &Rc<VuSlot>, epoch: Nanos) -> Next {
        if self.waiting() > 0 {
            return Next::Go(self.take(epoch));
        }
        self.idle.borrow_mut().push(Rc::clone(slot));
        Next::Wait
    }

    fn take(&self, epoch: Nanos) -> Arrival {
        let due = self
            .taken
            .borrow_mut()
            .advance()
            .expect("only released arrivals are taken");
        Arrival {
            intended: epoch + due,
        }
    }
}

impl Closed {
    fn start_due(&self, elapsed: Nanos, mut start: impl FnMut(Rc<VuSlot>)) -> bool {
        let mut to_start = self.to_start.borrow_mut();
        let before = to_start.len();
        while to_start.last().is_some_and(|window| window.from <= elapsed) {
            start(VuSlot::new(to_start.pop().expect("there is a last one")));
        }
        to_start.len() < before
    }

    fn next(&self, slot: &VuSlot, now: Nanos, elapsed: Nanos) -> Next {
        if elapsed >= slot.window.until {
            return Next::End;
        }
        match self.iterations.get() {
            Some(0) => return Next::End,
            Some(left) => self.iterations.set(Some(left - 1)),
            None => {}
        }
        Next::Go(Arrival { intended: now })
    }
}

impl VuSlot {
    fn new(window: VuWindow) -> Rc<Self> {
        Rc::new(Self {
            window,
            given: Cell::new(None),
            waiting: WakerCell::default(),
        })
    }
}

#[cfg(test)]
mod tests;
