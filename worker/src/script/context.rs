//! A QuickJS context with `pm` in it, and the limits within which scripts run.
//!
//! Scripts of one run share a context, one iteration after the other; what one leaves
//! behind is taken away at its end. A context that cannot be trusted any more (it
//! ran out of time, memory or stack, or cannot be cleaned) says so and is thrown
//! away by whoever has it. Nothing here waits: [`Waits`] says what is waited for.

mod calls;
mod limits;

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;

use rquickjs::promise::PromiseState;
use rquickjs::{CatchResultExt, Context, Ctx, Function, Persistent, Promise, Runtime, Value};
use vayu_shared::units::Nanos;

use super::error::ScriptError;
use super::pm_host::Shared;
use super::source::{NAMES, Scripts, compile};
use super::state::State;
use crate::clock;
use calls::{Calls, Rejection, called, caught, track_rejections};

pub use limits::ScriptLimits;

/// Iterations after which a context is replaced, whatever it looks like.
const MOST_ITERATIONS: u32 = 100_000;

/// Iterations after which a context has all that its scripts need: libraries, tables.
const SETTLED: u32 = 2;

/// What is to be done for a script that has returned.
#[derive(Clone, Debug, PartialEq)]
pub enum Advance {
    /// It is through.
    Done,
    /// It waits for something.
    Waits(Waits),
}

/// What a script waits for: requests it sent, or a moment of the wall clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Waits {
    /// Requests to be made, beside those it waits for already: number, and what to
    /// send as JSON.
    pub sends: Vec<(u32, String)>,
    /// When its next timer is due, in milliseconds since 1970.
    pub until_ms: Option<f64>,
}

/// See the module.
pub struct ScriptContext {
    // Dropped before the context they belong to.
    calls: Calls,
    running: Option<Persistent<Promise<'static>>>,
    scripts: [Option<Persistent<Function<'static>>>; 2],
    context: Context,
    shared: Shared,
    deadline: Rc<Cell<Nanos>>,
    rejections: Rc<RefCell<Vec<Rejection>>>,
    limits: ScriptLimits,
    /// Requests that were asked for and have no outcome yet.
    outstanding: usize,
    iterations: u32,
    is_fit: bool,
    may_throw_null: bool,
}

impl ScriptContext {
    /// A context for these scripts.
    ///
    /// # Errors
    /// The script that is no JavaScript, by its name, and why; or why there is no
    /// context.
    pub fn new(
        scripts: &Scripts,
        limits: ScriptLimits,
        unix_ns: impl Fn() -> u64 + 'static,
    ) -> Result<Self, (&'static str, ScriptError)> {
        let internal = |error: rquickjs::Error| {
            (
                NAMES[0],
                ScriptError::new(format!("there is no context for scripts: {error}")),
            )
        };
        let may_throw_null = scripts.may_throw_null();
        let runtime = Runtime::new().map_err(internal)?;
        let context = Context::full(&runtime).map_err(internal)?;
        let shared = Shared::default();
        let deadline = Rc::new(Cell::new(Nanos::MAX));
        let rejections = Rc::new(RefCell::new(Vec::new()));
        runtime.set_max_stack_size(limits.stack);
        runtime.set_interrupt_handler(Some(Box::new({
            let deadline = Rc::clone(&deadline);
            move || clock::now() > deadline.get()
        })));
        track_rejections(&runtime, &rejections);
        let (calls, scripts) = context.with(|ctx| {
            let calls = Calls::new(&ctx, &shared, scripts, unix_ns);
            let calls = calls
                .catch(&ctx)
                .map_err(|error| (NAMES[0], caught(error)))?;
            let compiled = |place: usize, text: &str| {
                if text.trim().is_empty() {
                    return Ok(None);
                }
                let pm = calls.pm.clone().restore(&ctx);
                let pm = pm.catch(&ctx).map_err(|error| (NAMES[0], caught(error)))?;
                let function = compile(&ctx, NAMES[place], text, &pm);
                let function = function.map_err(|error| (NAMES[place], error))?;
                Ok(Some(Persistent::save(&ctx, function)))
            };
            let scripts = [compiled(0, &scripts.pre)?, compiled(1, &scripts.test)?];
            Ok((calls, scripts))
        })?;
        // What the context itself takes counts, too.
        runtime.set_memory_limit(limits.memory);
        Ok(Self {
            calls,
            running: None,
            scripts,
            context,
            shared,
            deadline,
            rejections,
            limits,
            outstanding: 0,
            iterations: 0,
            is_fit: true,
            may_throw_null,
        })
    }

    /// What its scripts have in hand. Not to be kept while one runs.
    pub fn state(&self) -> RefMut<'_, State> {
        self.shared.borrow_mut()
    }

    /// Whether another iteration may run in it.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        self.is_fit && self.iterations < MOST_ITERATIONS
    }

    /// Runs the script before the request, if there is one.
    ///
    /// # Errors
    /// What it threw.
    pub fn run_pre(&mut self, iteration: u64) -> Result<Advance, ScriptError> {
        let Some(script) = self.scripts[0].clone() else {
            return Ok(Advance::Done);
        };
        let call = self.calls.pre.clone();
        self.enter(iteration, false);
        self.begin(|ctx| {
            let script = script.restore(ctx)?;
            called(ctx, call, (script,))
        })
    }

    /// Runs the script after the response, if there is one; without a status there
    /// was no response. `time_ms` is how long it took.
    ///
    /// # Errors
    /// What it threw.
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
        self.enter(iteration, false);
        let ran = self.begin(|ctx| {
            let script = script.restore(ctx)?;
            called(ctx, call, (script, status, time))
        });
        // What it found counts, also before it failed or while it waits.
        self.finish()?;
        ran
    }

    /// Runs the script after the response to its end and ends the iteration, at once:
    /// for scripts that wait for nothing ([`Scripts::may_wait`]). Variables of the iteration
    /// may be gone after it or not: they are the caller's to end. How its tests ended is in
    /// [`State::kept_tests`] then.
    ///
    /// # Errors
    /// What it threw.
    pub fn run_whole(
        &mut self,
        iteration: u64,
        response: Option<(u16, f64)>,
    ) -> Result<(), ScriptError> {
        let Some(script) = self.scripts[1].clone() else {
            return Ok(());
        };
        let call = self.calls.whole.clone();
        let (status, time) = response.unzip();
        self.enter(iteration, true);
        let ran = self.timed(|ctx| {
            let script = script.restore(ctx)?;
            called::<_, ()>(ctx, call, (script, status, time))
        });
        match ran {
            Ok(()) if self.has_news() => {
                self.end();
                Ok(())
            }
            Ok(()) => {
                self.iterations += 1;
                if self.iterations == SETTLED {
                    let call = self.calls.reserve.clone();
                    let reserved = self.timed(|ctx| called::<_, ()>(ctx, call, ()));
                    self.is_fit &= reserved.is_ok();
                }
                // Jobs nobody foresaw are not let into the next iteration.
                self.is_fit &= !self.context.runtime().is_job_pending();
                Ok(())
            }
            Err(error) => {
                // What it found before it failed counts.
                let finished = self.finish();
                if finished.is_err() {
                    // It may be that of the iteration before.
                    self.state().kept_tests.clear();
                    self.is_fit = false;
                }
                self.end();
                finished.and(Err(error))
            }
        }
    }

    /// Begins an event; `keeps_tests` is which list its tests go to.
    fn enter(&mut self, iteration: u64, keeps_tests: bool) {
        let mut state = self.state();
        state.iteration = iteration;
        state.gave_headers = false;
        state.keeps_tests = keeps_tests;
    }

    /// The request as JSON, if the script before it may have changed it.
    ///
    /// # Errors
    /// What is wrong with what it was made to.
    pub fn changed_request(&mut self) -> Result<Option<String>, ScriptError> {
        let call = self.calls.changed.clone();
        self.timed(|ctx| called(ctx, call, ()))
    }

    /// Gives a script the outcome of a request it sent, as the JSON that
    /// `pm/send.js` reads.
    ///
    /// # Errors
    /// What its callback threw.
    pub fn sent(&mut self, number: u32, outcome: &str) -> Result<Advance, ScriptError> {
        self.outstanding = self.outstanding.saturating_sub(1);
        let call = self.calls.sent.clone();
        self.timed(|ctx| called::<_, ()>(ctx, call, (number, outcome)))?;
        self.advance()
    }

    /// Calls the timers that are due.
    ///
    /// # Errors
    /// What one of them threw.
    pub fn fire(&mut self) -> Result<Advance, ScriptError> {
        let call = self.calls.fire.clone();
        self.timed(|ctx| called::<_, ()>(ctx, call, ()))?;
        self.advance()
    }

    /// Whether there are names in it that were not there before the iteration.
    pub fn leaves_something(&self) -> bool {
        !self.is_fit || self.has_news()
    }

    fn has_news(&self) -> bool {
        self.context.with(|ctx| self.calls.has_news(&ctx))
    }

    /// What a script waits for that has come so far; none when it is through. What it
    /// began before it failed, as timers, goes on; the first error is kept.
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

    /// Ends an iteration: takes away what it left.
    pub fn end(&mut self) {
        self.iterations += 1;
        self.outstanding = 0;
        self.running = None;
        self.rejections.borrow_mut().clear();
        let call = self.calls.end.clone();
        let is_clean = self.timed(|ctx| called::<_, bool>(ctx, call, ()));
        let has_jobs = self.context.runtime().is_job_pending();
        self.is_fit &= is_clean.unwrap_or(false) && !has_jobs;
        let mut state = self.state();
        state.scopes.end_iteration();
        state.sends.clear();
        state.skip = false;
    }

    /// Records what the old way of testing left.
    fn finish(&mut self) -> Result<(), ScriptError> {
        let call = self.calls.finish.clone();
        self.timed(|ctx| called(ctx, call, ()))
    }

    /// Calls a script; what it gives back may be a promise.
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

    /// Lets what is ready run.
    fn advance(&mut self) -> Result<Advance, ScriptError> {
        // All jobs together have the time of one script: each may bring the next.
        let deadline = clock::now().saturating_add(self.limits.time);
        while self.context.runtime().is_job_pending() {
            if clock::now() > deadline {
                return Err(self.out_of_time());
            }
            self.deadline.set(deadline);
            let done = self.context.runtime().execute_pending_job();
            self.deadline.set(Nanos::MAX);
            if let Err(failed) = done {
                let error = failed.0.with(|ctx| ScriptError::caught(&ctx));
                return Err(self.judged(error));
            }
        }
        self.settled()?;
        let due = self.calls.due.clone();
        let due: f64 = self.timed(|ctx| called(ctx, due, ()))?;
        let sends = std::mem::take(&mut self.state().sends);
        self.outstanding += sends.len();
        let until_ms = (due >= 0.0).then_some(due);
        if self.outstanding == 0 && until_ms.is_none() {
            return Ok(Advance::Done);
        }
        Ok(Advance::Waits(Waits { sends, until_ms }))
    }

    /// Looks whether a promise of the script was rejected.
    fn settled(&mut self) -> Result<(), ScriptError> {
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
                return Err(self.judged(error));
            }
        }
        let rejected = self.rejections.borrow_mut().drain(..).next();
        match rejected {
            Some(rejection) => Err(self.judged(rejection.error)),
            None => Ok(()),
        }
    }

    /// Calls into the context within the limit of time.
    fn timed<T>(
        &mut self,
        work: impl for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<T>,
    ) -> Result<T, ScriptError> {
        let deadline = clock::now().saturating_add(self.limits.time);
        self.deadline.set(deadline);
        let done = self
            .context
            .with(|ctx| work(&ctx).catch(&ctx).map_err(caught));
        self.deadline.set(Nanos::MAX);
        done.map_err(|error| {
            let is_over = clock::now() > deadline;
            let error = if is_over { self.out_of_time() } else { error };
            self.judged(error)
        })
    }
}

#[cfg(test)]
mod assertion_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod whole_tests;
