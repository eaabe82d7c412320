//! Assigns arrivals to virtual users.
//!
//! Open model: arrivals are released when they are due, independent of the target. An arrival that finds no
//! idle virtual user waits. The waiting arrivals are the range between two cursors on one schedule, not a
//! queue, because the schedule is a function of the plan.
//! Closed model: each virtual user creates its own arrivals, within its window.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use vayu_shared::arrivals::ArrivalCursor;
use vayu_shared::shard_plan::{ShardLoad, ShardPlan};
use vayu_shared::units::Nanos;
use vayu_shared::vu_schedule::VuWindow;

use super::arrival::Arrival;
use super::growth::Growth;
use super::slot::VuSlot;

/// Maximum number of arrivals released per turn, so that a shard that has fallen behind still serves its
/// sockets.
const RELEASES_PER_TURN: u64 = 256;

/// Maximum number of virtual users started per turn; each opens a connection. After a stall, everything that
/// was in flight returns first; opening as many connections as arrivals are due would take longer than that.
const STARTS_PER_TURN: usize = 16;

/// Result of one turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Number of arrivals released.
    pub released: u64,
    /// Whether an arrival was released or assigned, or a virtual user started.
    pub is_busy: bool,
}

/// What a virtual user does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Sends a request.
    Go(Arrival),
    /// Waits for an arrival.
    Wait,
    /// Ends, because there are no more arrivals.
    End,
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
    /// Cursor before the next arrival to release.
    released: RefCell<ArrivalCursor>,
    /// Cursor before the next arrival to assign. Never ahead of `released`.
    taken: RefCell<ArrivalCursor>,
    idle: RefCell<Vec<Rc<VuSlot>>>,
    vus: Cell<usize>,
    // Boxed: many times the size of what the closed model needs.
    growth: Box<RefCell<Growth>>,
}

struct Closed {
    /// Windows of virtual users that have not started, in descending order of their start.
    to_start: RefCell<Vec<VuWindow>>,
    iterations: Cell<Option<u64>>,
}

impl Dispatch {
    /// Creates the load of `plan`, which starts at `epoch`.
    pub fn new(plan: ShardPlan, epoch: Nanos) -> Self {
        let source = match plan.load {
            ShardLoad::Arrivals(arrivals) => Source::Open(Open {
                released: RefCell::new(arrivals.cursor()),
                taken: RefCell::new(arrivals.cursor()),
                idle: RefCell::default(),
                vus: Cell::new(0),
                growth: Box::new(RefCell::new(Growth::new(
                    arrivals.per_second(),
                    arrivals.quantum(),
                    plan.max_connections,
                ))),
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

    /// Releases the arrivals that are due at `now`, in a turn that is `late`. Calls `lag` with the delay of
    /// each released arrival for which no virtual user was free, and `start` for each virtual user to start.
    pub fn turn(
        &self,
        now: Nanos,
        late: Nanos,
        lag: impl FnMut(Nanos),
        start: impl FnMut(Rc<VuSlot>),
    ) -> Turn {
        if self.closed.get() || now < self.epoch {
            return Turn::default();
        }
        let elapsed = now - self.epoch;
        match &self.source {
            Source::Open(open) => open.turn(self.epoch, (elapsed, late), lag, start),
            Source::Closed(closed) => Turn {
                released: 0,
                is_busy: closed.start_due(elapsed, start),
            },
        }
    }

    /// Returns what the virtual user `slot`, free at `now`, does next.
    pub fn next(&self, slot: &Rc<VuSlot>, now: Nanos) -> Next {
        if let Some(arrival) = slot.given.take() {
            return Next::Go(arrival);
        }
        if self.closed.get() {
            return Next::End;
        }
        match &self.source {
            Source::Open(open) => open.next(slot, self.epoch, now),
            Source::Closed(closed) => closed.next(slot, now, now.saturating_sub(self.epoch)),
        }
    }

    /// Returns whether arrivals follow a schedule. If not, each arrival that a virtual user takes is offered
    /// and issued at the same time.
    pub fn is_open(&self) -> bool {
        matches!(self.source, Source::Open(_))
    }

    /// Records the time to open a connection.
    pub fn opened(&self, took: Nanos) {
        if let Source::Open(open) = &self.source {
            open.growth.borrow_mut().opened(took);
        }
    }

    /// Records the service time of a response.
    pub fn answered(&self, service: Nanos) {
        if let Source::Open(open) = &self.source {
            open.growth.borrow_mut().answered(service);
        }
    }

    /// Returns the number of probes without a throughput gain since the last call.
    pub fn take_held(&self) -> u64 {
        match &self.source {
            Source::Open(open) => open.growth.borrow_mut().take_held(),
            Source::Closed(_) => 0,
        }
    }

    /// Returns the number of running virtual users in the open model.
    pub fn size(&self) -> Option<usize> {
        match &self.source {
            Source::Open(open) => Some(open.vus.get()),
            Source::Closed(_) => None,
        }
    }

    /// Returns when the next event is due, on the monotonic clock, seen from `now`.
    pub fn next_due(&self, now: Nanos) -> Option<Nanos> {
        if self.closed.get() {
            return None;
        }
        let from_epoch = match &self.source {
            Source::Open(open) => open.next_due(now.saturating_sub(self.epoch)),
            Source::Closed(closed) => closed.to_start.borrow().last().map(|window| window.from),
        };
        from_epoch.map(|due| self.epoch.saturating_add(due))
    }

    /// Returns the number of arrivals released and not assigned.
    pub fn waiting(&self) -> u64 {
        match &self.source {
            Source::Open(open) => open.waiting(),
            Source::Closed(_) => 0,
        }
    }

    /// Returns whether no arrival is left to assign and no virtual user left to start.
    pub fn is_exhausted(&self) -> bool {
        match &self.source {
            Source::Open(open) => open.waiting() == 0 && open.released.borrow().peek().is_none(),
            Source::Closed(closed) => closed.to_start.borrow().is_empty(),
        }
    }

    /// Returns the number of scheduled arrivals that were not released.
    pub fn unreleased(&self) -> u64 {
        match &self.source {
            Source::Open(open) => open.released.borrow().remaining(),
            Source::Closed(_) => 0,
        }
    }

    /// Ends idle virtual users and drops the waiting arrivals. Returns the number of dropped arrivals.
    pub fn close(&self) -> u64 {
        self.closed.set(true);
        match &self.source {
            Source::Open(open) => {
                open.idle.take().iter().for_each(|slot| slot.call());
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
    /// Returns when the next arrival is due, or when a virtual user may be started for a waiting one.
    fn next_due(&self, elapsed: Nanos) -> Option<Nanos> {
        let falls_due = self.released.borrow().peek();
        if self.waiting() == 0 {
            return falls_due;
        }
        let due = self.taken.borrow().peek()?;
        let growth = self.growth.borrow();
        let look = growth.next_look(elapsed, self.vus.get(), due);
        falls_due.into_iter().chain(look).min()
    }

    /// Returns the number of arrivals released and not assigned.
    fn waiting(&self) -> u64 {
        self.released.borrow().passed() - self.taken.borrow().passed()
    }

    fn turn(
        &self,
        epoch: Nanos,
        (elapsed, late): (Nanos, Nanos),
        mut lag: impl FnMut(Nanos),
        start: impl FnMut(Rc<VuSlot>),
    ) -> Turn {
        let before = *self.released.borrow();
        self.release(elapsed);
        let given_out = self.hand_out(epoch, (elapsed, late), before.passed(), start);
        let (released, taken) = (*self.released.borrow(), *self.taken.borrow());
        // The arrivals that this turn released and could not assign.
        let mut waiting = if taken.passed() > before.passed() {
            taken
        } else {
            before
        };
        while waiting.passed() < released.passed() {
            lag(elapsed.saturating_sub(waiting.advance().unwrap_or(elapsed)));
        }
        let released = released.passed() - before.passed();
        Turn {
            released,
            is_busy: given_out || released > 0,
        }
    }

    fn release(&self, elapsed: Nanos) {
        let mut released = self.released.borrow_mut();
        let most = released.passed() + RELEASES_PER_TURN;
        while released.passed() < most && released.peek().is_some_and(|due| due <= elapsed) {
            released.advance();
        }
    }

    /// Assigns waiting arrivals to idle virtual users, and to a few new ones if more are allowed. Arrivals up
    /// to number `old` were released before this turn.
    fn hand_out(
        &self,
        epoch: Nanos,
        (elapsed, late): (Nanos, Nanos),
        old: u64,
        mut start: impl FnMut(Rc<VuSlot>),
    ) -> bool {
        let before = self.waiting();
        let mut allowance = None;
        while self.waiting() > 0 {
            let idle = self.idle.borrow_mut().pop();
            let (slot, is_new) = match idle {
                Some(slot) => (slot, false),
                None => {
                    let left = allowance.get_or_insert_with(|| self.allowance(elapsed, late));
                    if *left == 0 {
                        break;
                    }
                    *left -= 1;
                    self.growth.borrow_mut().started(1);
                    self.vus.set(self.vus.get() + 1);
                    (VuSlot::new(VuWindow::ALWAYS), true)
                }
            };
            let is_old = self.taken.borrow().passed() < old;
            let arrival = if is_old {
                self.take_waited(epoch, epoch + elapsed)
            } else {
                self.take_fresh(epoch)
            };
            slot.given.set(Some(arrival));
            if is_new {
                start(slot);
            } else {
                slot.call();
            }
        }
        if self.waiting() == 0 {
            self.growth.borrow_mut().at_rest();
        }
        self.waiting() < before
    }

    /// Returns the number of virtual users that may be started in this turn for waiting arrivals.
    fn allowance(&self, elapsed: Nanos, late: Nanos) -> usize {
        let due = self.taken.borrow().peek().unwrap_or(elapsed);
        let mut growth = self.growth.borrow_mut();
        growth
            .allowance(elapsed, self.vus.get(), due, late)
            .min(STARTS_PER_TURN)
    }

    fn next(&self, slot: &Rc<VuSlot>, epoch: Nanos, now: Nanos) -> Next {
        if self.growth.borrow().is_surplus(self.vus.get()) {
            self.vus.set(self.vus.get() - 1);
            return Next::End;
        }
        if self.waiting() > 0 {
            return Next::Go(self.take_waited(epoch, now));
        }
        self.idle.borrow_mut().push(Rc::clone(slot));
        Next::Wait
    }

    fn take_waited(&self, epoch: Nanos, now: Nanos) -> Arrival {
        let intended = self.take(epoch);
        Arrival {
            vu_wait: now.saturating_sub(intended),
            ..Arrival::at(intended)
        }
    }

    fn take_fresh(&self, epoch: Nanos) -> Arrival {
        Arrival {
            is_fresh: true,
            ..Arrival::at(self.take(epoch))
        }
    }

    /// Takes the next waiting arrival and returns its intended start.
    fn take(&self, epoch: Nanos) -> Nanos {
        let due = self.taken.borrow_mut().advance();
        epoch + due.expect("only released arrivals are taken")
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
        Next::Go(Arrival::at(now))
    }
}

#[cfg(test)]
mod tests;
