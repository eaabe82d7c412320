//! A shard allocates no memory per request: a run with twice as many requests makes the same number of
//! allocations.
//!
//! The engine runs in this process, so that a counting allocator can replace the system's. What a run
//! allocates at its start and once per interval is not counted against requests, because the short run has it
//! as well.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use vayu_control::contract::{Defaults, run_spec};
use vayu_control::run::{PreparedRun, StopSwitch, execute};
use vayu_control::server::start_engine;
use vayu_shared::units::MILLISECOND;
use vayu_tests::{Origin, print_line};
use vayu_worker::{Driver, Engine, Fence};

/// Allocations of the shard threads.
static COUNT: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Whether this thread is a shard, once that is known.
    static IS_SHARD: Cell<Option<bool>> = const { Cell::new(None) };
}

struct Counting;

// SAFETY: the system allocator does all the work; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller upholds the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds the contract.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller upholds the contract.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() {
    // At the very end of a thread, its thread-local value is gone.
    let is_shard = IS_SHARD.try_with(|known| {
        known.get().unwrap_or_else(|| {
            let is_shard = is_shard();
            // A thread gets its name only after it has started.
            known.set(is_shard.then_some(true));
            is_shard
        })
    });
    if is_shard.unwrap_or(false) {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
}

/// Decides by the kernel's name of this thread.
fn is_shard() -> bool {
    let mut name = [0_u8; 16];
    // SAFETY: PR_GET_NAME writes 16 bytes at most (prctl(2)).
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    name.starts_with(b"vayu-shard-")
}

/// Returns the requests of a run, and the allocations of the shard during it.
fn allocations(engine: &Engine, body: &Value) -> (u64, u64) {
    let spec = run_spec(body, &Defaults::default()).expect("a legal run");
    let order = PreparedRun::new(spec).expect("a run that can be made");
    let before = COUNT.load(Ordering::Relaxed);
    let stop = StopSwitch::default();
    let outcome = execute(engine, &order, 100 * MILLISECOND, &stop, || {}, &mut []);
    assert_eq!(outcome.failure, None, "{body}");
    let answered = outcome.summary.accounting.answered;
    (answered, COUNT.load(Ordering::Relaxed) - before)
}

#[test]
fn a_request_allocates_nothing_on_its_shard() {
    let engine = start_engine(&[0], Driver::IoUring, Fence::default()).expect("an engine");
    let origin = Origin::start();
    let loads: [fn(u64) -> Value; 2] = [
        |half| json!({"mode": "iterations", "iterations": 20_000 * half, "concurrency": 16}),
        // A machine that stalls briefly must not create more virtual users than before.
        |half| json!({"mode": "constant", "targetRps": 10_000, "duration": half, "maxConnections": 16}),
    ];
    for load in loads {
        let run = |half: u64| {
            let mut body = load(half);
            body["request"] = json!({"method": "GET", "url": origin.url("/")});
            body["success_sample_rate"] = json!(0);
            allocations(&engine, &body)
        };
        // Allocates what is created once per process.
        run(1);
        let ((few, once), (many, twice)) = (run(1), run(2));
        print_line(&format!(
            "{}: {few} requests, {once} allocations; {many} requests, {twice}",
            load(1)
        ));
        assert!(many > few + 5_000, "{few} and {many} requests");
        let each = twice.saturating_sub(once) as f64 / (many - few) as f64;
        assert!(each < 0.01, "{each} allocations for each request more");
    }
}
