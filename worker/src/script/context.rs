//! A QuickJS context with `pm` in it, and the limits within which scripts run.
//!
//! A context serves one iteration or several in sequence ([`Lifetime`]). What an iteration leaves behind is
//! removed at its end. A context that must not serve another iteration, because it exceeded its time, memory
//! or stack or cannot be cleaned, reports that it is unfit and its owner discards it. Nothing here blocks:
//! [`Waits`] says what a script waits for.

mod calls;
mod direct;
mod limits;
mod make;

use std::cell::{RefCell, RefMut};
use std::rc::Rc;
use std::sync::Arc;

use rquickjs::promise::PromiseState;
use rquickjs::{CatchResultExt, Context, Ctx, Function, Persistent, Promise, Value};
use vayu_shared::units::{MILLISECOND, Nanos};

use super::error::ScriptError;
use super::isolation::Lifetime;
use super::state::Shared;
use super::state::State;
use super::watchdog::ScriptDeadline;
use crate::clock;
use calls::{Calls, Rejection, called, caught};
use direct::DirectScript;

pub use limits::ScriptLimits;

/// Maximum iterations of one context. It is then replaced, whatever its state.
const MAX_ITERATIONS: u32 = 100_000;

/// Iterations after which a context has loaded everything its scripts need: libraries, tables.
const WARM_UP_ITERATIONS: u32 = 2;

/// What remains to be done for a script that has returned.
#[derive(Clone, Debug, PartialEq)]
pub enum Advance {
    /// The script is done.
    Done,
    /// The script waits for something.
    Waits(Waits),
}

/// What a script waits for: requests that it sent, or a time on the monotonic clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Waits {
    /// Requests to send, in addition to those it already waits for: number, and the request as JSON.
    pub sends: Vec<(u32, String)>,
    /// When its next timer is due, on the monotonic clock.
    pub until: Option<Nanos>,
}

/// A context for the scripts of one request. See the module documentation.
pub struct ScriptContext {
    // Dropped before the context they belong to.
    whole: Option<Rc<DirectScript>>,
    calls: Calls,
    running: Option<Persistent<Promise<'static>>>,
    scripts: [Option<Persistent<Function<'static>>>; 2],
    context: Context,
    shared: Shared,
    deadline: Arc<ScriptDeadline>,
    rejections: Rc<RefCell<Vec<Rejection>>>,
    limits: ScriptLimits,
    /// Requests that a script sent and that have no outcome yet.
    outstanding: usize,
    iterations: u32,
    is_fit: bool,
    lifetime: Lifetime,
    patched: bool,
    waited: bool,
    mentions_null: bool,
}

impl ScriptContext {
    /// Returns the state of its scripts. The borrow must not be held while a script runs.
    pub fn state(&self) -> RefMut<'_, State> {
        self.shared.borrow_mut()
    }

    /// Returns whether the context may run another iteration.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        self.is_fit && self.iterations < MAX_ITERATIONS
    }

    /// Returns whether the scripts changed built-ins or libraries. Set after a trial.
    #[must_use]
    pub fn patched(&self) -> bool {
        self.patched
    }

    /// Returns whether a script run by [`Self::run_to_completion`] waited for something, which is dropped.
    #[must_use]
    pub fn waited(&self) -> bool {
        self.waited
    }

    /// Runs the pre-request script, if there is one.
    ///
    /// # Errors
    /// Returns an error if the script throws.
    pub fn run_pre(&mut self, iteration: u64) -> Result<Advance, ScriptError> {
        let Some(script) = self.scripts[0].clone() else {
            return Ok(Advance::Done);
        };
        let call = self.calls.pre.clone();
        self.enter(iteration);
        self.begin(|ctx| {
            let script = script.restore(ctx)?;
            called(ctx, call, (script,))
        })
    }

    /// Runs the test script, if there is one. `response` is the status and the duration in milliseconds,
    /// `None` if there was no response.
    ///
    /// # Errors
    /// Returns an error if the script throws.
    pub fn run_test(
        &mut self,
        iteration: u64,
        response: Option<(u16, f64)>,
    ) -> Result<Advance, ScriptError> {
        let Some(script) = self.scripts[1].clone() else {
            return Ok(Advance::Done);
        };
        let call = self.calls.test.clone();
        let (status, time) = response.unzip();
        self.enter(iteration);
        let ran = self.begin(|ctx| {
            let script = script.restore(ctx)?;
            called(ctx, call, (script, status, time))
        });
        // The tests that it recorded count, even if it then failed or still waits.
        self.finish()?;
        ran
    }

    /// Begins an event whose test results the caller takes.
    fn enter(&mut self, iteration: u64) {
        self.begin_event(iteration);
        self.state().keeps_tests = false;
    }

    /// Begins an event and returns its number.
    fn begin_event(&self, iteration: u64) -> u64 {
        let mut state = self.state();
        state.enter(iteration);
        if let Some(heap) = state.changed_heap_limit() {
            self.context.runtime().set_memory_limit(heap);
        }
        state.event
    }

    /// Returns the request as JSON if the pre-request script may have changed it.
    ///
    /// # Errors
    /// Returns an error if the changed request is invalid.
    pub fn changed_request(&mut self) -> Result<Option<String>, ScriptError> {
        let call = self.calls.changed.clone();
        self.timed(|ctx| called(ctx, call, ()))
    }

    /// Passes a script the outcome of a request that it sent, as the JSON that `pm/send.js` reads.
    ///
    /// # Errors
    /// Returns an error if the callback throws.
    pub fn sent(&mut self, number: u32, outcome: &str) -> Result<Advance, ScriptError> {
        self.outstanding = self.outstanding.saturating_sub(1);
        let call = self.calls.sent.clone();
        self.timed(|ctx| called::<_, ()>(ctx, call, (number, outcome)))?;
        self.advance()
    }

    /// Calls the timers that are due.
    ///
    /// # Errors
    /// Returns an error if one of them throws.
    pub fn fire(&mut self) -> Result<Advance, ScriptError> {
        let call = self.calls.fire.clone();
        self.timed(|ctx| called::<_, ()>(ctx, call, ()))?;
        self.advance()
    }

    /// Returns whether the context holds something that lasts until the end of the iteration, or is unfit.
    pub fn holds_iteration_state(&self) -> bool {
        !self.is_fit || self.state().holds || self.may_have_leftovers()
    }

    fn may_have_leftovers(&self) -> bool {
        self.context.with(|ctx| self.calls.may_have_leftovers(&ctx))
    }

    /// Returns what a script waits for after the step that returned `came`, `None` when it is done. What it
    /// started before it failed, such as timers, continues. The first error is kept.
    pub fn waits(
        &mut self,
        mut came: Result<Advance, ScriptError>,
        first_error: &mut Option<ScriptError>,
    ) -> Option<Waits> {
        if let Err(error) = came {
            first_error.get_or_insert(error);
            if !self.is_fit() {
                return None;
            }
            came = self.advance();
        }
        match came {
            Ok(Advance::Waits(waits)) => Some(waits),
            Ok(Advance::Done) | Err(_) => None,
        }
    }

    /// Ends an iteration and removes what it left.
    pub fn end(&mut self) {
        if self.lifetime == Lifetime::Trial {
            let call = self.calls.has_changes.clone();
            let changed = self.timed(|ctx| called::<_, bool>(ctx, call, ()));
            self.patched = changed.unwrap_or(true);
        }
        self.iterations += 1;
        self.outstanding = 0;
        self.running = None;
        self.rejections.borrow_mut().clear();
        let call = self.calls.end.clone();
        let is_clean = self.timed(|ctx| called::<_, bool>(ctx, call, ()));
        let has_jobs = self.context.runtime().is_job_pending();
        let is_shared = self.lifetime == Lifetime::Shared;
        self.is_fit &= is_shared && is_clean.unwrap_or(false) && !has_jobs;
        let mut state = self.state();
        state.scopes.end_iteration();
        state.sends.clear();
        state.skip = false;
        state.touched = false;
        drop(state);
        self.release();
    }

    /// Records that nothing of the iteration is held any more, and whether its script made the context unfit.
    fn release(&mut self) {
        let mut state = self.state();
        state.holds = false;
        let unfit = state.unfit;
        drop(state);
        self.is_fit &= !unfit;
    }

    /// Records the results of the legacy `tests` object.
    fn finish(&mut self) -> Result<(), ScriptError> {
        let call = self.calls.finish.clone();
        self.timed(|ctx| called(ctx, call, ()))
    }

    /// Calls a script, which may return a promise.
    fn begin(
        &mut self,
        script: impl for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<Value<'js>>,
    ) -> Result<Advance, ScriptError> {
        let promise = self.timed(|ctx| {
            let value = script(ctx)?;
            let promise = value.into_promise();
            Ok(promise.map(|promise| Persistent::save(ctx, promise)))
        })?;
        self.running = promise;
        self.advance()
    }

    /// Runs the pending jobs and returns what the script waits for.
    fn advance(&mut self) -> Result<Advance, ScriptError> {
        // All jobs together share the time limit of one script, because each may queue another.
        let deadline = clock::now().saturating_add(self.limits.time);
        while self.context.runtime().is_job_pending() {
            if clock::now() > deadline {
                return Err(self.out_of_time());
            }
            self.deadline.begin(deadline);
            let done = self.context.runtime().execute_pending_job();
            if self.was_stopped() {
                return Err(self.out_of_time());
            }
            if let Err(failed) = done {
                let error = failed.0.with(|ctx| ScriptError::caught(&ctx));
                return Err(self.classify_error(error));
            }
        }
        self.check_rejections()?;
        let due = self.calls.due.clone();
        let due: f64 = self.timed(|ctx| called(ctx, due, ()))?;
        let sends = std::mem::take(&mut self.state().sends);
        self.outstanding += sends.len();
        // Rounded up: a timer that fires early would have to be waited for again.
        let until = (due >= 0.0).then(|| (due * MILLISECOND as f64).ceil() as Nanos);
        if self.outstanding == 0 && until.is_none() {
            return Ok(Advance::Done);
        }
        Ok(Advance::Waits(Waits { sends, until }))
    }

    /// Returns an error if a promise of the script was rejected.
    fn check_rejections(&mut self) -> Result<(), ScriptError> {
        let running = self.running.clone();
        if let Some(promise) = running {
            let rejected = self.context.with(|ctx| {
                let promise = promise.restore(&ctx).ok()?;
                if promise.state() != PromiseState::Rejected {
                    return None;
                }
                let result = promise.result::<Value<'_>>()?;
                result.err().map(|_| ScriptError::caught(&ctx))
            });
            if let Some(error) = rejected {
                self.rejections.borrow_mut().clear();
                self.running = None;
                return Err(self.classify_error(error));
            }
        }
        let rejected = self.rejections.borrow_mut().drain(..).next();
        match rejected {
            Some(rejection) => Err(self.classify_error(rejection.error)),
            None => Ok(()),
        }
    }

    /// Ends the deadline that [`ScriptDeadline::begin`] started. Returns whether the watchdog stopped the script.
    fn was_stopped(&self) -> bool {
        let is_late = self.deadline.end();
        if is_late {
            let runtime = self.context.runtime();
            runtime.set_max_stack_size(self.limits.stack);
            runtime.set_memory_limit(self.limits.memory);
        }
        is_late
    }

    /// Calls into the context within the time limit.
    fn timed<T>(
        &mut self,
        work: impl for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<T>,
    ) -> Result<T, ScriptError> {
        let deadline = clock::now().saturating_add(self.limits.time);
        self.deadline.begin(deadline);
        let done = self
            .context
            .with(|ctx| work(&ctx).catch(&ctx).map_err(caught));
        if self.was_stopped() {
            return Err(self.out_of_time());
        }
        done.map_err(|error| {
            let is_over = clock::now() > deadline;
            let error = if is_over { self.out_of_time() } else { error };
            self.classify_error(error)
        })
    }
}

impl Drop for ScriptContext {
    /// Drops the rejections while their runtime exists. Its tracker shares the list, so the order of fields does not
    /// suffice.
    fn drop(&mut self) {
        self.rejections.borrow_mut().clear();
    }
}

#[cfg(test)]
mod assertion_tests;
#[cfg(test)]
mod direct_tests;
#[cfg(test)]
mod isolation_tests;
#[cfg(test)]
mod memory_tests;
#[cfg(test)]
pub(super) mod tests;
