//! The identity of a shard's thread, until the thread is retired because a script does not return.
//!
//! The consequences of a retirement are not handled here (`engine::supervisor`).

use std::cell::RefCell;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use vayu_shared::units::Nanos;

thread_local! {
    static SEAT: RefCell<Option<Arc<Seat>>> = const { RefCell::new(None) };
}

/// Links a shard to the thread that runs it.
pub struct Seat {
    shard: usize,
    /// Kernel thread id; 0 before the thread has taken the seat.
    tid: AtomicU32,
    retired: AtomicBool,
    on_retired: Box<dyn Fn(usize) + Send + Sync>,
}

impl Seat {
    /// Creates the seat of shard number `shard`. `on_retired` is called with that number.
    pub fn new(shard: usize, on_retired: impl Fn(usize) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            shard,
            tid: AtomicU32::new(0),
            retired: AtomicBool::new(false),
            on_retired: Box::new(on_retired),
        })
    }

    /// Makes the calling thread the thread of the shard.
    pub fn take(self: &Arc<Self>) {
        let tid = rustix::thread::gettid().as_raw_nonzero().get();
        self.tid.store(tid.unsigned_abs(), Ordering::Relaxed);
        SEAT.set(Some(Arc::clone(self)));
    }

    /// Returns the seat of the calling thread, if it is a shard's thread.
    pub fn current() -> Option<Arc<Self>> {
        SEAT.with_borrow(Clone::clone)
    }

    /// Retires the thread: it is no longer the shard's thread.
    pub fn retire(&self) {
        if !self.retired.swap(true, Ordering::AcqRel) {
            (self.on_retired)(self.shard);
        }
    }

    /// Returns whether the thread was retired.
    pub fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// Returns the kernel thread id.
    pub fn tid(&self) -> u32 {
        self.tid.load(Ordering::Relaxed)
    }

    /// Returns the CPU time of the thread, or `None` if it cannot be read.
    pub fn cpu_time(&self) -> Option<Nanos> {
        let path = format!("/proc/self/task/{}/schedstat", self.tid());
        let text = fs::read_to_string(path).ok()?;
        text.split_whitespace().next()?.parse().ok()
    }
}
