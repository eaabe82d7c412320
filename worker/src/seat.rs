//! The seat of a shard: which thread is the shard, until it is retired because a script does not
//! give it back.
//!
//! What is told to whom then is not known here (`engine::supervisor`).

use std::cell::RefCell;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use vayu_shared::units::Nanos;

thread_local! {
    static SEAT: RefCell<Option<Arc<Seat>>> = const { RefCell::new(None) };
}

/// See the module.
pub struct Seat {
    shard: usize,
    /// The kernel's number of the thread; 0 before it sits.
    tid: AtomicU32,
    retired: AtomicBool,
    on_retired: Box<dyn Fn(usize) + Send + Sync>,
}

impl Seat {
    /// Of a shard by its number; `on_retired` is told that number.
    pub fn new(shard: usize, on_retired: impl Fn(usize) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            shard,
            tid: AtomicU32::new(0),
            retired: AtomicBool::new(false),
            on_retired: Box::new(on_retired),
        })
    }

    /// The calling thread is the shard from now on.
    pub fn take(self: &Arc<Self>) {
        let tid = rustix::thread::gettid().as_raw_nonzero().get();
        self.tid.store(tid.unsigned_abs(), Ordering::Relaxed);
        SEAT.set(Some(Arc::clone(self)));
    }

    /// That of the calling thread, if it is a shard.
    pub fn current() -> Option<Arc<Self>> {
        SEAT.with_borrow(Clone::clone)
    }

    /// The thread is the shard no more.
    pub fn retire(&self) {
        if !self.retired.swap(true, Ordering::AcqRel) {
            (self.on_retired)(self.shard);
        }
    }

    /// Whether it is not.
    pub fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// The kernel's number of the thread.
    pub fn tid(&self) -> u32 {
        self.tid.load(Ordering::Relaxed)
    }

    /// How long the thread was on a core; none where that cannot be read.
    pub fn cpu_time(&self) -> Option<Nanos> {
        let path = format!("/proc/self/task/{}/schedstat", self.tid());
        let text = fs::read_to_string(path).ok()?;
        text.split_whitespace().next()?.parse().ok()
    }
}
