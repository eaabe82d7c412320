//! State shared by connections: per origin and per executor.
//!
//! Executors share only constants and atomics. Frequently updated counters are in a block per executor, on
//! separate cache lines.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::arrivals::{self, ArrivalLog};
use crate::counters::{CounterBlock, Counters};
use crate::fixed::FixedResponse;
use crate::freeze::Freeze;
use crate::queue::Queue;

/// The state of the whole origin.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) fixed: FixedResponse,
    pub(crate) freeze: Freeze,
    epoch: Instant,
    records_arrivals: AtomicBool,
    executors: Box<[ExecutorState]>,
}

/// Aligned to two cache lines because CPUs prefetch lines in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct ExecutorState {
    counters: CounterBlock,
    arrivals: ArrivalLog,
}

impl Shared {
    pub(crate) fn new(body_size: usize, executors: usize) -> Self {
        let epoch = Instant::now();
        let executor = |_| ExecutorState {
            counters: CounterBlock::new(),
            arrivals: ArrivalLog::default(),
        };
        Self {
            fixed: FixedResponse::new(body_size),
            freeze: Freeze::new(epoch),
            epoch,
            records_arrivals: AtomicBool::new(false),
            executors: (0..executors).map(executor).collect(),
        }
    }

    /// Returns the sum of all executors' counters.
    pub(crate) fn counters(&self) -> Counters {
        Counters::sum(self.executors.iter().map(|executor| &executor.counters))
    }

    pub(crate) fn reset_counters(&self) {
        for executor in &self.executors {
            executor.counters.reset();
        }
    }

    /// Restarts the recording of arrivals on all executors.
    pub(crate) fn start_arrivals(&self) {
        for executor in &self.executors {
            executor.arrivals.start();
        }
        self.records_arrivals.store(true, Relaxed);
    }

    pub(crate) fn arrivals_report(&self) -> Value {
        arrivals::report(self.executors.iter().map(|executor| &executor.arrivals))
    }
}

/// The state as seen by one executor.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) shared: Arc<Shared>,
    executor: usize,
    queue: RefCell<Queue>,
}

impl Local {
    /// Creates the view of executor `executor`, which must exist.
    pub(crate) fn new(shared: Arc<Shared>, executor: usize) -> Self {
        let queue = RefCell::default();
        Self {
            shared,
            executor,
            queue,
        }
    }

    pub(crate) fn counters(&self) -> &CounterBlock {
        &self.shared.executors[self.executor].counters
    }

    /// Enqueues a request in the executor's queue now. Returns when it departs.
    pub(crate) fn join_queue(&self, mean_service: Duration) -> Instant {
        let epoch = self.shared.epoch;
        let mut queue = self.queue.borrow_mut();
        epoch + queue.join(epoch.elapsed(), mean_service)
    }

    /// Records an arrival at `/` if recording is on.
    pub(crate) fn record_arrival(&self) {
        if self.shared.records_arrivals.load(Relaxed) {
            let at_ns = self.shared.epoch.elapsed().as_nanos() as u64;
            self.shared.executors[self.executor].arrivals.record(at_ns);
        }
    }
}
