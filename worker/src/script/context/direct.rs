//! Runs the test script of an event synchronously: sets its response, calls the script, counts its tests, and
//! checks that the response can still be set. Nothing here waits. `pm/main.js` removes what a script leaves,
//! if it says that there is something.
//!
//! It handles raw values: a call through rquickjs and the engine's own JavaScript makes a script that does
//! nothing three times as expensive.

use std::ptr;
use std::rc::Rc;

use rquickjs::qjs::{self, JSAtom, JSRuntime, JSValue};
use rquickjs::{Ctx, Error, Function, Object, Value};

use super::calls::called;
use super::{ScriptContext, WARM_UP_ITERATIONS};
use crate::script::error::ScriptError;
use crate::script::native::data_of;
use crate::script::pm_test::Tests;

/// The values of a run to completion. See the module documentation. Must be dropped before the context.
pub struct DirectScript {
    runtime: *mut JSRuntime,
    script: JSValue,
    /// `pm.response` and its source (`HostResponse` in `pm/pm.js`).
    response: JSValue,
    source: JSValue,
    /// The list of its tests, [`Tests`].
    tests: JSValue,
    /// Property names.
    code: JSAtom,
    response_time: JSAtom,
    turn: JSAtom,
}

/// Status and duration in milliseconds of a response. `None` if there was no response.
pub type ResponseInfo = Option<(u16, f64)>;

impl DirectScript {
    /// Creates it for a script and the parts that `pm/main.js` provides.
    ///
    /// # Errors
    /// Returns an error if memory cannot be allocated.
    pub fn new<'js>(script: &Function<'js>, parts: &Object<'js>) -> rquickjs::Result<Self> {
        let ctx = script.ctx().as_raw().as_ptr();
        let atom = |name: &str| {
            // SAFETY: the context is alive; QuickJS copies the name.
            let atom = unsafe { qjs::JS_NewAtomLen(ctx, name.as_ptr().cast(), name.len() as _) };
            (atom != qjs::JS_ATOM_NULL)
                .then_some(atom)
                .ok_or(Error::Allocation)
        };
        let part = |name: &str| parts.get::<_, Value<'js>>(name);
        let (response, source, tests) = (part("response")?, part("source")?, part("tests")?);
        let (code, response_time, turn) = (atom("code")?, atom("responseTime")?, atom("turn")?);
        // SAFETY: the values are alive; `drop` frees the references taken here.
        unsafe {
            Ok(Self {
                runtime: qjs::JS_GetRuntime(ctx),
                script: qjs::JS_DupValue(ctx, script.as_raw()),
                response: qjs::JS_DupValue(ctx, response.as_raw()),
                source: qjs::JS_DupValue(ctx, source.as_raw()),
                tests: qjs::JS_DupValue(ctx, tests.as_raw()),
                code,
                response_time,
                turn,
            })
        }
    }

    /// Runs the script on the response of the event with this number.
    ///
    /// # Errors
    /// Returns an error if the script throws.
    pub fn run(&self, ctx: &Ctx<'_>, event: u64, told: ResponseInfo) -> rquickjs::Result<()> {
        let raw = ctx.as_raw().as_ptr();
        // SAFETY: the context is alive and owns all values.
        unsafe {
            let turn = qjs::JS_NewNumber(raw, event as f64);
            if qjs::JS_SetProperty(raw, self.source, self.turn, turn) < 0
                || !self.set_response(ctx, told)
            {
                return Err(Error::Exception);
            }
            let result = qjs::JS_Call(raw, self.script, qjs::JS_UNDEFINED, 0, ptr::null_mut());
            if qjs::JS_IsException(result) {
                return Err(Error::Exception);
            }
            qjs::JS_FreeValue(raw, result);
        }
        Ok(())
    }

    /// Ends the event. Returns whether another response can be set, which is not the case if the script froze
    /// this one.
    pub fn end(&self, ctx: &Ctx<'_>, told: ResponseInfo) -> bool {
        // SAFETY: the context and the list are alive, and there is no other reference to the list.
        unsafe { (*data_of::<Tests>(self.tests)).end(ctx.as_raw().as_ptr()) };
        let is_open = self.set_response(ctx, told);
        if !is_open {
            drop(ctx.catch());
        }
        is_open
    }

    /// Writes the members of the response. Returns false, with a pending exception, if they cannot be
    /// written.
    fn set_response(&self, ctx: &Ctx<'_>, told: ResponseInfo) -> bool {
        let raw = ctx.as_raw().as_ptr();
        // SAFETY: as in `run`; QuickJS takes ownership of the numbers.
        unsafe {
            let (code, time) = match told {
                Some((code, time)) => (
                    qjs::JS_NewNumber(raw, f64::from(code)),
                    qjs::JS_NewNumber(raw, time),
                ),
                None => (qjs::JS_UNDEFINED, qjs::JS_UNDEFINED),
            };
            qjs::JS_SetProperty(raw, self.response, self.code, code) >= 0
                && qjs::JS_SetProperty(raw, self.response, self.response_time, time) >= 0
        }
    }
}

impl ScriptContext {
    /// Runs the test script to completion and ends the iteration, synchronously. For scripts that wait for
    /// nothing ([`Guess::waits`](crate::script::Guess::waits)). Variables of the iteration may or may not be
    /// removed afterwards: the caller must end them.
    /// [`State::kept_tests`](crate::script::state::State::kept_tests) then holds the test results.
    ///
    /// # Errors
    /// Returns an error if the script throws.
    pub fn run_to_completion(
        &mut self,
        iteration: u64,
        response: ResponseInfo,
    ) -> Result<(), ScriptError> {
        let Some(whole) = self.whole.clone() else {
            return Ok(());
        };
        let ran = self.call_to_completion(&whole, iteration, response);
        self.drop_pending();
        match ran {
            Ok(()) if self.may_have_leftovers() => {
                self.end();
                Ok(())
            }
            Ok(()) => {
                self.iterations += 1;
                if self.iterations == WARM_UP_ITERATIONS {
                    let call = self.calls.reserve.clone();
                    let reserved = self.timed(|ctx| called::<_, ()>(ctx, call, ()));
                    self.is_fit &= reserved.is_ok();
                }
                self.release();
                Ok(())
            }
            Err(error) => {
                // Tests recorded before the failure count.
                let finished = self.finish();
                if finished.is_err() {
                    // They may belong to the previous iteration.
                    self.state().kept_tests.clear();
                    self.is_fit = false;
                }
                self.end();
                finished.and(Err(error))
            }
        }
    }

    /// Calls the script of an event, and ends the event if the script threw nothing.
    fn call_to_completion(
        &mut self,
        whole: &DirectScript,
        iteration: u64,
        response: ResponseInfo,
    ) -> Result<(), ScriptError> {
        let event = self.begin_event(iteration);
        let goes_on = std::mem::replace(&mut self.state().keeps_tests, true);
        if !goes_on {
            let call = self.calls.start_direct.clone();
            self.timed(|ctx| called::<_, ()>(ctx, call, ()))?;
        }
        let (shared, end) = (Rc::clone(&self.shared), Rc::clone(&self.calls.end_direct));
        let is_open = self.timed(|ctx| {
            whole.run(ctx, event, response)?;
            if std::mem::take(&mut shared.borrow_mut().touched) {
                let () = called(ctx, (*end).clone(), ())?;
            }
            Ok(whole.end(ctx, response))
        })?;
        self.is_fit &= is_open;
        Ok(())
    }

    /// Drops what a script that ran to completion still waits for, so that it does not reach the next
    /// iteration.
    fn drop_pending(&mut self) {
        let has_jobs = self.context.runtime().is_job_pending();
        let has_rejections = !self.rejections.borrow().is_empty();
        let has_sends = !self.state().sends.is_empty();
        if !(has_jobs || has_rejections || has_sends || self.state().waited) {
            return;
        }
        self.waited = true;
        self.is_fit &= !has_jobs;
        self.rejections.borrow_mut().clear();
        let mut state = self.state();
        state.sends.clear();
        state.waited = false;
    }
}

impl Drop for DirectScript {
    fn drop(&mut self) {
        // SAFETY: the context is alive, and this value owns these references.
        unsafe {
            for value in [self.script, self.response, self.source, self.tests] {
                qjs::JS_FreeValueRT(self.runtime, value);
            }
            for atom in [self.code, self.response_time, self.turn] {
                qjs::JS_FreeAtomRT(self.runtime, atom);
            }
        }
    }
}
