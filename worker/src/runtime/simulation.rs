//! A simulated runtime: tasks on a virtual clock, sockets on a virtual network.
//!
//! A thread is in at most one world at a time. Nothing in a world depends on real time, so the same tasks,
//! target and conditions produce the same sequence of events, to the nanosecond. The clock advances in three
//! ways: to the next event when no task is ready, by the cost of a poll, and over a freeze, during which only
//! the network makes progress.
//!
//! The network models TCP as the engine sees it: connects that are refused or never answered, segments, end
//! of stream, resets, a bounded send buffer. Loss and congestion are modelled as delays.

mod alarm;
mod connection;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use vayu_shared::units::Nanos;

pub use alarm::Alarm;
pub use connection::{
    Act, Connection, Handshake, Observation, ReadHalf, Seen, Socket, Target, WriteHalf,
};

/// Number of polls without a rest above which the tasks are considered to wake each other forever.
const MAX_POLLS: u64 = 200_000;

thread_local! {
    static WORLD: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// Returns the virtual time if this thread is in a simulation.
pub fn now() -> Option<Nanos> {
    WORLD.with_borrow(|world| world.as_ref().map(|world| world.now.get()))
}

/// Behaviour of the machine and the network.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// One-way network latency.
    pub latency: Nanos,
    /// Duration of one poll of a task.
    pub poll_cost: Nanos,
    /// Delay of an alarm beyond its requested time.
    pub alarm_delay: Nanos,
    /// Send buffer size: bytes that a socket accepts before the target has read any.
    pub send_buffer: usize,
    /// Start and duration of the periods in which the tasks are stopped, in ascending order.
    pub freezes: Vec<(Nanos, Nanos)>,
}

/// Why a simulation did not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// Tasks wait for events that will not happen.
    Deadlock,
    /// Tasks wake each other without end.
    Spinning,
}

/// The simulated clock, network and task scheduler.
pub struct World {
    now: Cell<Nanos>,
    conditions: Conditions,
    next_freeze: Cell<usize>,
    /// Pending events, ordered by time and then by the order in which they were scheduled.
    events: RefCell<BTreeMap<(Nanos, u64), Happening>>,
    sequence: Cell<u64>,
    tasks: RefCell<Vec<Task>>,
    /// The task being polled, or polled last.
    current_task: Cell<usize>,
    ready: Arc<Mutex<VecDeque<usize>>>,
    target: RefCell<Box<dyn Target>>,
    /// Number of connection attempts.
    asked: Cell<usize>,
    observations: RefCell<Vec<Observation>>,
    open: Cell<usize>,
}

type Happening = Box<dyn FnOnce(&Rc<World>, Nanos)>;

struct Task {
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    waker: Arc<TaskWaker>,
}

/// Appends a task to the ready queue, at most once.
struct TaskWaker {
    number: usize,
    is_ready: AtomicBool,
    ready: Arc<Mutex<VecDeque<usize>>>,
}

impl World {
    /// Enters a new world on this thread, with a clock that starts at `now`. The thread leaves it when the
    /// result is dropped.
    pub fn enter(now: Nanos, conditions: Conditions, target: Box<dyn Target>) -> WorldGuard {
        let world = Rc::new(Self {
            now: Cell::new(now),
            conditions,
            next_freeze: Cell::new(0),
            events: RefCell::default(),
            sequence: Cell::new(0),
            tasks: RefCell::default(),
            current_task: Cell::new(0),
            ready: Arc::default(),
            target: RefCell::new(target),
            asked: Cell::new(0),
            observations: RefCell::default(),
            open: Cell::new(0),
        });
        WORLD.set(Some(Rc::clone(&world)));
        WorldGuard(world)
    }

    /// Returns the world of this thread.
    pub fn current() -> Option<Rc<Self>> {
        WORLD.with_borrow(Clone::clone)
    }

    /// Returns the virtual time.
    pub fn now(&self) -> Nanos {
        self.now.get()
    }

    /// Takes the observations of the engine's connections so far, in order.
    pub fn take_observations(&self) -> Vec<Observation> {
        self.observations.take()
    }

    /// Returns the number of connections that are open or being opened.
    pub fn open(&self) -> usize {
        self.open.get()
    }

    /// Spawns a task.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        let mut tasks = self.tasks.borrow_mut();
        let waker = Arc::new(TaskWaker {
            number: tasks.len(),
            is_ready: AtomicBool::new(false),
            ready: Arc::clone(&self.ready),
        });
        waker.wake_by_ref();
        tasks.push(Task {
            future: Some(Box::pin(task)),
            waker,
        });
    }

    /// Runs `main` to completion. Calls `at_rest` whenever no task is ready.
    ///
    /// # Errors
    /// Returns [`Stuck`] if it does not complete.
    pub fn run(
        self: &Rc<Self>,
        main: impl Future<Output = ()> + 'static,
        mut at_rest: impl FnMut(Nanos),
    ) -> Result<(), Stuck> {
        let is_done = Rc::new(Cell::new(false));
        let done = Rc::clone(&is_done);
        self.spawn(async move {
            main.await;
            done.set(true);
        });
        let mut polls = 0;
        loop {
            self.catch_up();
            if let Some(task) = self.next_ready() {
                polls += 1;
                if polls > MAX_POLLS {
                    return Err(Stuck::Spinning);
                }
                self.poll(task);
                self.now.set(self.now.get() + self.conditions.poll_cost);
                continue;
            }
            if is_done.get() {
                return Ok(());
            }
            at_rest(self.now.get());
            let next = self.next_event();
            let next = next.ok_or(Stuck::Deadlock)?;
            self.now.set(next);
            polls = 0;
        }
    }

    /// Schedules `happening` at `at`. An instant in the past means immediately.
    fn schedule(&self, at: Nanos, happening: impl FnOnce(&Rc<Self>, Nanos) + 'static) {
        let sequence = self.sequence.get();
        self.sequence.set(sequence + 1);
        let mut events = self.events.borrow_mut();
        events.insert((at, sequence), Box::new(happening));
    }

    /// Executes all events that are due, and the freeze that starts now.
    fn catch_up(self: &Rc<Self>) {
        loop {
            let now = self.now.get();
            let freeze = self.conditions.freezes.get(self.next_freeze.get());
            if let Some(&(_, length)) = freeze.filter(|(from, _)| *from <= now) {
                self.next_freeze.set(self.next_freeze.get() + 1);
                self.now.set(now + length);
                continue;
            }
            if self.next_event().is_none_or(|at| at > now) {
                return;
            }
            let first = self.events.borrow_mut().pop_first();
            let ((at, _), happening) = first.expect("there is one");
            happening(self, at);
        }
    }

    fn next_event(&self) -> Option<Nanos> {
        let events = self.events.borrow();
        events.first_key_value().map(|((at, _), _)| *at)
    }

    fn next_ready(&self) -> Option<usize> {
        self.ready.lock().expect("not poisoned").pop_front()
    }

    fn poll(&self, number: usize) {
        let (future, waker) = {
            let task = &mut self.tasks.borrow_mut()[number];
            (task.future.take(), Arc::clone(&task.waker))
        };
        let Some(mut future) = future else {
            return;
        };
        self.current_task.set(number);
        waker.is_ready.store(false, Ordering::Relaxed);
        let waker = Waker::from(waker);
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_pending() {
            self.tasks.borrow_mut()[number].future = Some(future);
        }
    }
}

/// The time a thread spends in a world.
pub struct WorldGuard(Rc<World>);

impl WorldGuard {
    /// Returns the world.
    pub fn world(&self) -> &Rc<World> {
        &self.0
    }
}

impl Drop for WorldGuard {
    fn drop(&mut self) {
        // Breaks the reference cycle: tasks and events hold the world, which holds them.
        drop(std::mem::take(&mut *self.0.tasks.borrow_mut()));
        drop(std::mem::take(&mut *self.0.events.borrow_mut()));
        WORLD.set(None);
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_ready.swap(true, Ordering::Relaxed) {
            self.ready
                .lock()
                .expect("not poisoned")
                .push_back(self.number);
        }
    }
}
