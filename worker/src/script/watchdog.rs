//! Ends scripts that QuickJS's own clock does not: it asks for the time after thousands of steps, and a step may be a
//! native function of many milliseconds.
//!
//! One thread looks at all contexts every few milliseconds. Where a script is late it takes stack and memory away from
//! QuickJS: every further call and allocation throws, so that the script ends, or comes to the next look at the clock
//! quickly. A single native call is not ended; where one does not return for seconds, the thread's seat as a shard is
//! taken from it.

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

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(10);
/// How long QuickJS has to find out by itself that a script is late.
const PATIENCE: Nanos = 10 * MILLISECOND;

/// A size that puts QuickJS's bound of the stack, which is its top less the size, a GiB above the top: the top is
/// where the runtime was made, and not above all that runs later.
const NO_STACK: usize = 0_usize.wrapping_sub(1 << 30);

/// A limit under which QuickJS allocates nothing; 0 would mean none.
const NO_MEMORY: usize = 1;

/// A limit under which QuickJS allocates all it is asked for.
const UNLIMITED: usize = 0;

/// Calls by which the clock of QuickJS is shifted at most.
const MAX_SHIFT: u64 = 64;

/// Nothing runs.
const IDLE: u64 = u64::MAX;
/// The watchdog is at work on the runtime.
const AT_WORK: u64 = u64::MAX - 1;
/// What runs has to end: the watchdog has taken stack and memory away, or QuickJS's own clock has found it late.
const TAKEN: u64 = u64::MAX - 2;
/// It has retired the thread.
const RETIRED: u64 = u64::MAX - 3;

/// Processor time after which a call that is late and has no stack and memory will not return. Time on the clock would
/// retire shards of a machine that is merely busy.
const STUCK: Nanos = 2 * SECOND;

/// The deadline of what runs in one context.
///
/// It is set and taken back by the thread of the context. In between, the watchdog may put [`AT_WORK`] in its place,
/// and then [`TAKEN`]; if that does not help, [`RETIRED`].
pub struct Deadline {
    state: AtomicU64,
    runtime: AtomicPtr<JSRuntime>,
    context: AtomicPtr<JSContext>,
    /// How often what runs was interrupted since it was late.
    interrupts: AtomicU64,
    /// Of the thread that made the context, where it is a shard.
    seat: Option<Arc<Seat>>,
}

/// A context that is looked at.
struct Watched {
    deadline: Arc<Deadline>,
    /// The thread's processor time when stack and memory were found taken away, while they are.
    taken_at: Option<Nanos>,
}

static WATCHED: LazyLock<Sender<Arc<Deadline>>> = LazyLock::new(|| {
    let (sender, receiver) = unbounded();
    let thread = std::thread::Builder::new().name("vayu-watchdog".into());
    // Without it, scripts have QuickJS's own clock.
    let _ = thread.spawn(move || watch(&receiver));
    sender
});

/// Starts the thread, on the cores of whoever calls.
pub fn start() {
    LazyLock::force(&WATCHED);
}

impl Deadline {
    /// Of a context, which it has to outlive; the watchdog looks at it until it is the last to have it.
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
        // Without a thread nobody looks.
        let _ = WATCHED.send(Arc::clone(&deadline));
        deadline
    }

    /// Something begins that has to end by then.
    pub fn begin(&self, deadline: Nanos) {
        self.interrupts.store(0, Ordering::Relaxed);
        self.state
            .store(deadline.min(RETIRED - 1), Ordering::Release);
    }

    /// It has ended; whether the watchdog had taken stack and memory away, which the
    /// context has to get back.
    ///
    /// # Panics
    /// When the thread was retired: another is the shard by now, and this one has to end.
    pub fn end(&self) -> bool {
        let deadline = self.state.load(Ordering::Acquire);
        if deadline == IDLE {
            return false;
        }
        if deadline < RETIRED && self.replace(deadline, IDLE) {
            return false;
        }
        while self.state.load(Ordering::Acquire) == AT_WORK {
            std::hint::spin_loop();
        }
        assert!(self.replace(TAKEN, IDLE), "the shard was retired");
        true
    }

    fn replace(&self, before: u64, after: u64) -> bool {
        self.state
            .compare_exchange(before, after, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Returns whether the running script has to end. QuickJS calls this on the thread of the script.
    ///
    /// The error with which QuickJS then ends the script cannot be caught, but QuickJS has to allocate it; without
    /// memory it throws `null` instead, which `catch` accepts. So the memory is given back before the error is made.
    /// The stack is not: `Error.prepareStackTrace` of the script must not run for this error.
    pub fn interrupts(&self) -> bool {
        loop {
            match self.state.load(Ordering::Acquire) {
                IDLE => return false,
                RETIRED => return true,
                AT_WORK => std::hint::spin_loop(),
                TAKEN => break,
                deadline if clock::now() <= deadline => return false,
                deadline => {
                    if self.replace(deadline, TAKEN) {
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

    /// Moves the place at which QuickJS asks again. Some places drop even an error that cannot be caught: a call of
    /// `Error.prepareStackTrace`, or of an iterator's `return` while another error is pending. QuickJS asks at every
    /// ten-thousandth call or jump, which in a loop can be such a place each time.
    fn shift_clock(&self) {
        let context = self.context.load(Ordering::Relaxed);
        let calls = self.interrupts.fetch_add(1, Ordering::Relaxed) % MAX_SHIFT;
        for _ in 0..calls {
            // SAFETY: the context is alive, as its runtime calls this. A call of what is no function is counted and
            // throws. The exception that is freed with it would be replaced by that of the interruption.
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

    /// Takes stack and memory away, if something is late.
    fn look(&self, now: Nanos) {
        let deadline = self.state.load(Ordering::Acquire);
        if deadline >= RETIRED || now <= deadline.saturating_add(PATIENCE) {
            return;
        }
        if !self.replace(deadline, AT_WORK) {
            return;
        }
        let runtime = self.runtime.load(Ordering::Relaxed);
        // SAFETY: the runtime is alive: whoever could free it waits for `AT_WORK` to end. QuickJS keeps each bound in
        // one word and reads it anew for each call and allocation; it has no copy that this could contradict.
        unsafe {
            qjs::JS_SetMaxStackSize(runtime, NO_STACK as _);
            qjs::JS_SetMemoryLimit(runtime, NO_MEMORY as _);
        }
        self.state.store(TAKEN, Ordering::Release);
    }
}

impl Watched {
    fn look(&mut self, now: Nanos) {
        self.deadline.look(now);
        let Some(seat) = &self.deadline.seat else {
            return;
        };
        if self.deadline.state.load(Ordering::Acquire) != TAKEN {
            self.taken_at = None;
            return;
        }
        let Some(used) = seat.cpu_time() else {
            return;
        };
        let since = *self.taken_at.get_or_insert(used);
        // Where the call returns at this moment, one of the two is first, and the other sees it.
        if used.saturating_sub(since) > STUCK && self.deadline.replace(TAKEN, RETIRED) {
            seat.retire();
        }
    }
}

fn watch(contexts: &Receiver<Arc<Deadline>>) {
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
                taken_at: None,
            }),
            Err(RecvTimeoutError::Timeout) => {
                watched.retain(|context| Arc::strong_count(&context.deadline) > 1);
                let now = clock::now();
                watched.iter_mut().for_each(|context| context.look(now));
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
            (far, far + PATIENCE, far),
            (far, far + PATIENCE + 1, TAKEN),
            (TAKEN, far, TAKEN),
        ] {
            let runtime = rquickjs::Runtime::new().expect("a runtime");
            let context = rquickjs::Context::full(&runtime).expect("a context");
            let deadline = context.with(|ctx| Deadline::watched(&ctx));
            deadline.state.store(state, Ordering::Release);
            deadline.look(now);
            assert_eq!(
                deadline.state.load(Ordering::Acquire),
                after,
                "{state} {now}"
            );
            assert_eq!(deadline.end(), after == TAKEN);
            assert_eq!(deadline.state.load(Ordering::Acquire), IDLE);
        }
    }
}
