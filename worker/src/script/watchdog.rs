//! Stops scripts that QuickJS's own interrupt handler stops too late: QuickJS calls the handler after
//! thousands of steps, and one step may be a native function that takes many milliseconds.
//!
//! One thread checks all contexts every few milliseconds. If a script is late, the thread takes stack and
//! memory away from QuickJS: every further call and allocation throws, so that the script ends or soon
//! reaches the next call of the handler. A single native call is not interrupted. If one does not return for
//! seconds, its thread loses its seat as a shard.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use rquickjs::Ctx;
use rquickjs::qjs::{self, JSContext, JSRuntime};
use vayu_shared::units::{MILLISECOND, Nanos, SECOND};

use crate::clock;
use crate::seat::Seat;

/// Interval between two checks.
const PERIOD: Duration = Duration::from_millis(10);
/// Time that QuickJS has to detect by itself that a script is late.
const GRACE: Nanos = 10 * MILLISECOND;

/// A size that puts QuickJS's stack bound, which is the stack top minus the size, 1 GiB above the top. The
/// top is where the runtime was created, and later calls may run above it.
const NO_STACK: usize = 0_usize.wrapping_sub(1 << 30);

/// A limit under which QuickJS allocates nothing. 0 would mean unlimited.
const NO_MEMORY: usize = 1;

/// A limit under which QuickJS allocates any amount.
const UNLIMITED: usize = 0;

/// Maximum number of calls by which [`ScriptDeadline::shift_clock`] moves the next call of the interrupt handler.
const MAX_SHIFT: u64 = 64;

/// No call runs.
const IDLE: u64 = u64::MAX;
/// The watchdog is changing the runtime.
const REVOKING: u64 = u64::MAX - 1;
/// The call must end: the watchdog has taken stack and memory away, or the interrupt handler found it late.
const REVOKED: u64 = u64::MAX - 2;
/// The watchdog has retired the thread.
const RETIRED: u64 = u64::MAX - 3;

/// Processor time after which a late call without stack and memory is considered stuck. Wall-clock time would
/// retire shards of a machine that is merely busy.
const STUCK: Nanos = 2 * SECOND;

/// The deadline of the call that runs in one context.
///
/// The thread of the context sets and clears it. In between, the watchdog may replace it by [`REVOKING`], and
/// then by [`REVOKED`]; if that does not help, by [`RETIRED`].
pub struct ScriptDeadline {
    state: AtomicU64,
    runtime: AtomicPtr<JSRuntime>,
    context: AtomicPtr<JSContext>,
    /// Number of interruptions of the current call.
    interrupts: AtomicU64,
    /// Seat of the thread that created the context, if the thread is a shard.
    seat: Option<Arc<Seat>>,
}

/// A context that the watchdog checks.
struct Watched {
    deadline: Arc<ScriptDeadline>,
    /// Processor time of the thread when stack and memory were first found to be taken away. `None` while
    /// they are not.
    revoked_at: Option<Nanos>,
}

static WATCHED: LazyLock<Sender<Arc<ScriptDeadline>>> = LazyLock::new(|| {
    let (sender, receiver) = unbounded();
    let thread = std::thread::Builder::new().name("vayu-watchdog".into());
    // Without the thread, scripts only have QuickJS's interrupt handler.
    let _ = thread.spawn(move || watch(&receiver));
    sender
});

/// Starts the thread, on the cores of the caller.
pub fn start() {
    LazyLock::force(&WATCHED);
}

impl ScriptDeadline {
    /// Creates the deadline of a context. It must outlive the context. The watchdog checks it until the
    /// watchdog holds the last reference.
    pub fn watched(ctx: &Ctx<'_>) -> Arc<Self> {
        // SAFETY: the context is alive.
        let runtime = unsafe { qjs::JS_GetRuntime(ctx.as_raw().as_ptr()) };
        let deadline = Arc::new(Self {
            state: AtomicU64::new(IDLE),
            runtime: AtomicPtr::new(runtime),
            context: AtomicPtr::new(ctx.as_raw().as_ptr()),
            interrupts: AtomicU64::new(0),
            seat: Seat::current(),
        });
        // Without the thread, nothing checks the deadline.
        let _ = WATCHED.send(Arc::clone(&deadline));
        deadline
    }

    /// Begins a call that must end by `deadline`.
    pub fn begin(&self, deadline: Nanos) {
        self.state
            .store(deadline.min(RETIRED - 1), Ordering::Release);
    }

    /// Ends the call. Returns whether the watchdog has taken stack and memory away, which the caller must
    /// restore.
    ///
    /// # Panics
    /// Panics if the thread was retired: another thread is the shard by now, and this one must end.
    pub fn end(&self) -> bool {
        let deadline = self.state.load(Ordering::Acquire);
        if deadline == IDLE {
            return false;
        }
        if deadline < RETIRED && self.replace(deadline, IDLE) {
            return false;
        }
        while self.state.load(Ordering::Acquire) == REVOKING {
            std::hint::spin_loop();
        }
        assert!(self.replace(REVOKED, IDLE), "the shard was retired");
        self.interrupts.store(0, Ordering::Relaxed);
        true
    }

    fn replace(&self, before: u64, after: u64) -> bool {
        self.state
            .compare_exchange(before, after, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Returns whether the running script has to end. QuickJS calls this on the thread of the script.
    ///
    /// A script cannot catch the error with which QuickJS then stops it, but QuickJS has to allocate that error.
    /// Without memory it throws `null` instead, which a script can catch. So the memory is restored before the error
    /// is made. The stack is not, because `Error.prepareStackTrace` of the script must not run for this error.
    pub fn interrupts(&self) -> bool {
        loop {
            match self.state.load(Ordering::Acquire) {
                IDLE => return false,
                RETIRED => return true,
                REVOKING => std::hint::spin_loop(),
                REVOKED => break,
                deadline if clock::now() <= deadline => return false,
                deadline => {
                    if self.replace(deadline, REVOKED) {
                        break;
                    }
                }
            }
        }
        let runtime = self.runtime.load(Ordering::Relaxed);
        // SAFETY: the runtime is alive, as it calls this, and the watchdog has done its work.
        unsafe {
            qjs::JS_SetMaxStackSize(runtime, NO_STACK as _);
            qjs::JS_SetMemoryLimit(runtime, UNLIMITED as _);
        }
        self.shift_clock();
        true
    }

    /// Moves the point at which QuickJS calls the handler again. Some calls discard even an error that cannot be
    /// caught: those of `Error.prepareStackTrace`, and of an iterator's `return` while another error is pending.
    /// QuickJS calls the handler at every 10,000th call or jump, which in a loop can be such a call each time.
    fn shift_clock(&self) {
        let context = self.context.load(Ordering::Relaxed);
        let calls = self.interrupts.fetch_add(1, Ordering::Relaxed) % MAX_SHIFT;
        for _ in 0..calls {
            // SAFETY: the context is alive, as its runtime calls this. QuickJS counts a call of a value that is not a
            // function, and throws. A pending exception may be freed here: the interruption replaces it.
            unsafe {
                qjs::JS_Call(
                    context,
                    qjs::JS_UNDEFINED,
                    qjs::JS_UNDEFINED,
                    0,
                    ptr::null_mut(),
                );
                qjs::JS_FreeValue(context, qjs::JS_GetException(context));
            }
        }
    }

    /// Takes stack and memory away if the call is late.
    fn check(&self, now: Nanos) {
        let deadline = self.state.load(Ordering::Acquire);
        if deadline >= RETIRED || now <= deadline.saturating_add(GRACE) {
            return;
        }
        if !self.replace(deadline, REVOKING) {
            return;
        }
        let runtime = self.runtime.load(Ordering::Relaxed);
        // SAFETY: the runtime is alive: the thread that could free it waits until `REVOKING` ends. QuickJS
        // keeps each bound in one word and reads it anew for each call and allocation; it has no copy that
        // this could contradict.
        unsafe {
            qjs::JS_SetMaxStackSize(runtime, NO_STACK as _);
            qjs::JS_SetMemoryLimit(runtime, NO_MEMORY as _);
        }
        self.state.store(REVOKED, Ordering::Release);
    }
}

impl Watched {
    fn check(&mut self, now: Nanos) {
        self.deadline.check(now);
        let Some(seat) = &self.deadline.seat else {
            return;
        };
        if self.deadline.state.load(Ordering::Acquire) != REVOKED {
            self.revoked_at = None;
            return;
        }
        let Some(used) = seat.cpu_time() else {
            return;
        };
        let since = *self.revoked_at.get_or_insert(used);
        // If the call returns at this moment, one of the two exchanges comes first, and the other thread sees
        // it.
        if used.saturating_sub(since) > STUCK && self.deadline.replace(REVOKED, RETIRED) {
            seat.retire();
        }
    }
}

fn watch(contexts: &Receiver<Arc<ScriptDeadline>>) {
    let mut watched: Vec<Watched> = Vec::new();
    loop {
        let next = if watched.is_empty() {
            contexts.recv().map_err(RecvTimeoutError::from)
        } else {
            contexts.recv_timeout(PERIOD)
        };
        match next {
            Ok(deadline) => watched.push(Watched {
                deadline,
                revoked_at: None,
            }),
            Err(RecvTimeoutError::Timeout) => {
                watched.retain(|context| Arc::strong_count(&context.deadline) > 1);
                let now = clock::now();
                watched.iter_mut().for_each(|context| context.check(now));
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_late_loses_stack_and_memory() {
        let far = u64::MAX / 2;
        for (state, now, after) in [
            (IDLE, far, IDLE),
            (far, far, far),
            (far, far + GRACE, far),
            (far, far + GRACE + 1, REVOKED),
            (REVOKED, far, REVOKED),
        ] {
            let runtime = rquickjs::Runtime::new().expect("a runtime");
            let context = rquickjs::Context::full(&runtime).expect("a context");
            let deadline = context.with(|ctx| ScriptDeadline::watched(&ctx));
            deadline.state.store(state, Ordering::Release);
            deadline.check(now);
            assert_eq!(
                deadline.state.load(Ordering::Acquire),
                after,
                "{state} {now}"
            );
            assert_eq!(deadline.end(), after == REVOKED);
            assert_eq!(deadline.state.load(Ordering::Acquire), IDLE);
        }
    }
}
