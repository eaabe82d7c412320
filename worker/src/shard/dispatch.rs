//! Hands arrivals to virtual users.
//!
//! Open model: arrivals are released when they fall due, whatever the target
//! does. One that finds no idle virtual user waits; the wait is two numbers,
//! not a queue, because arrival times are a function of their number.
//! Closed model: each virtual user is its own source, within its window.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use vayu_shared::arrivals::ShardArrivals;
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
    arrivals: ShardArrivals,
    released: Cell<u64>,
    taken: Cell<u64>,
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
                arrivals,
                released: Cell::new(0),
                taken: Cell::new(0),
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
            Source::Open(open) => open.arrivals.due_at(open.released.get()),
            Source::Closed(closed) => closed.to_start.borrow().last().map(|window| window.from),
        };
        from_epoch.map(|due| self.epoch.saturating_add(due))
    }

    /// Arrivals released and not taken.
    pub fn waiting(&self) -> u64 {
        match &self.source {
            Source::Open(open) => open.released.get() - open.taken.get(),
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
                let dropped = open.released.get() - open.taken.get();
                open.taken.set(open.released.get());
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
    fn release(&self, elapsed: Nanos, mut lag: impl FnMut(Nanos)) -> bool {
        let before = self.released.get();
        while self.released.get() < before + RELEASES_PER_TURN {
            match self.arrivals.due_at(self.released.get()) {
                Some(due) if due <= elapsed => {
                    self.released.set(self.released.get() + 1);
                    lag(elapsed - due);
                }
                _ => break,
            }
        }
        self.released.get() > before
    }

    /// Gives waiting arrivals to idle virtual users, and to new ones while
    /// there may be more.
    fn hand_out(&self, epoch: Nanos, mut start: impl FnMut(Rc<VuSlot>)) -> bool {
        let before = self.taken.get();
        while self.taken.get() < self.released.get() {
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
        self.taken.get() > before
    }

    fn next(&self, slot: &Rc<VuSlot>, epoch: Nanos) -> Next {
        if self.taken.get() < self.released.get() {
            return Next::Go(self.take(epoch));
        }
        self.idle.borrow_mut().push(Rc::clone(slot));
        Next::Wait
    }

    fn take(&self, epoch: Nanos) -> Arrival {
        let index = self.taken.get();
        self.taken.set(index + 1);
        let due = self
            .arrivals
            .due_at(index)
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
mod tests {
    use super::*;
    use vayu_shared::arrivals::ArrivalRate;
    use vayu_shared::units::{MILLISECOND, SECOND};
    use vayu_shared::vu_schedule::VuSchedule;

    const EPOCH: Nanos = 1_000_000;

    fn open(rate: f64, most: usize) -> Dispatch {
        let rate = ArrivalRate::per_second(rate).expect("legal");
        let load = ShardLoad::Arrivals(ShardArrivals::new(rate, SECOND, 0, 1));
        let plan = ShardPlan {
            load,
            end: Some(SECOND),
            max_connections: most,
        };
        Dispatch::new(plan, EPOCH)
    }

    fn turn(dispatch: &Dispatch, elapsed: Nanos) -> (Vec<Nanos>, Vec<Rc<VuSlot>>) {
        let (mut lags, mut started) = (Vec::new(), Vec::new());
        let _ = dispatch.turn(
            EPOCH + elapsed,
            |lag| lags.push(lag),
            |slot| started.push(slot),
        );
        (lags, started)
    }

    fn arrival(elapsed: Nanos) -> Next {
        Next::Go(Arrival {
            intended: EPOCH + elapsed,
        })
    }

    #[test]
    fn arrivals_are_released_when_due_and_wait_for_a_free_user() {
        let dispatch = open(1000.0, 2);
        let (lags, started) = turn(&dispatch, 3 * MILLISECOND + 7);
        assert_eq!(lags, [3_000_007, 2_000_007, 1_000_007, 7]);
        assert_eq!((started.len(), dispatch.waiting()), (2, 2));
        assert_eq!(dispatch.next(&started[0], 0), arrival(0));
        assert_eq!(dispatch.next(&started[1], 0), arrival(MILLISECOND));
        assert_eq!(dispatch.next(&started[0], 0), arrival(2 * MILLISECOND));
        assert_eq!(dispatch.next(&started[0], 0), arrival(3 * MILLISECOND));
        assert_eq!(dispatch.next(&started[1], 0), Next::Wait);
        assert_eq!(dispatch.next_due(), Some(EPOCH + 4 * MILLISECOND));
        let (_, started_later) = turn(&dispatch, 4 * MILLISECOND);
        assert!(started_later.is_empty(), "an idle user was passed over");
        assert_eq!(dispatch.next(&started[1], 0), arrival(4 * MILLISECOND));
    }

    #[test]
    fn what_waits_at_the_end_is_dropped() {
        let dispatch = open(100.0, 1);
        let (_, started) = turn(&dispatch, 50 * MILLISECOND);
        assert_eq!(dispatch.close(), 5);
        assert_eq!(dispatch.next(&started[0], 0), arrival(0));
        assert_eq!(dispatch.next(&started[0], 0), Next::End);
        assert_eq!(dispatch.next_due(), None);
    }

    #[test]
    fn a_turn_is_bounded() {
        let dispatch = open(100_000.0, 1);
        let (lags, _) = turn(&dispatch, SECOND);
        assert_eq!(lags.len() as u64, RELEASES_PER_TURN);
        assert!(dispatch.next_due().is_some_and(|due| due < EPOCH + SECOND));
    }

    #[test]
    fn a_dispatcher_that_has_fallen_behind_is_busy_until_nothing_is_due() {
        let dispatch = open(1000.0, 1);
        let mut released = 0;
        while dispatch.turn(EPOCH + SECOND, |_| released += 1, |_| {}) {
            assert!(released <= 1000, "arrivals beyond the plan");
        }
        assert_eq!((released, dispatch.waiting()), (1000, 999));
    }

    #[test]
    fn users_of_a_ramp_start_one_by_one_and_end_with_their_window() {
        let schedule = VuSchedule {
            start: 1,
            target: 3,
            ramp: SECOND,
            duration: Some(2 * SECOND),
        };
        let load = ShardLoad::VirtualUsers {
            windows: schedule.windows_of_shard(0, 1),
            iterations: None,
        };
        let plan = ShardPlan {
            load,
            end: Some(2 * SECOND),
            max_connections: 9,
        };
        let dispatch = Dispatch::new(plan, EPOCH);
        let (_, first) = turn(&dispatch, 0);
        assert_eq!(
            (first.len(), dispatch.next_due()),
            (1, Some(EPOCH + SECOND / 2))
        );
        assert_eq!(turn(&dispatch, SECOND).1.len(), 2);
        assert_eq!(dispatch.next_due(), None);
        assert_eq!(dispatch.next(&first[0], EPOCH + 5), arrival(5));
        assert_eq!(dispatch.next(&first[0], EPOCH + 2 * SECOND), Next::End);
    }

    #[test]
    fn iterations_are_taken_exactly() {
        let load = ShardLoad::VirtualUsers {
            windows: VuSchedule::constant(2, None).windows_of_shard(0, 1),
            iterations: Some(3),
        };
        let plan = ShardPlan {
            load,
            end: None,
            max_connections: 9,
        };
        let dispatch = Dispatch::new(plan, EPOCH);
        let (_, users) = turn(&dispatch, 0);
        let taken: Vec<_> = (0..5)
            .map(|i| dispatch.next(&users[i % 2], EPOCH))
            .collect();
        assert_eq!(taken.iter().filter(|next| **next == arrival(0)).count(), 3);
        assert_eq!(dispatch.next(&users[0], EPOCH), Next::End);
    }
}
