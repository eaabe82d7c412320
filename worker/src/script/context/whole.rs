//! The script after a response, called at once: its response is told, it runs, its tests are counted, and the
//! response is looked at again. Nothing here waits; what a script leaves is taken away by `pm/main.js`, where it says
//! that there is something.
//!
//! It handles bare values: called through rquickjs and JavaScript of the engine's own, a script that does nothing
//! costs three times as much.

use std::ptr;
use std::rc::Rc;

use rquickjs::qjs::{self, JSAtom, JSRuntime, JSValue};
use rquickjs::{Ctx, Error, Function, Object, Value};

use super::calls::called;
use super::{SETTLED, ScriptContext};
use crate::script::error::ScriptError;
use crate::script::native::data_of;
use crate::script::pm_test::Tests;

/// See the module. To be dropped before the context.
pub struct Whole {
    runtime: *mut JSRuntime,
    script: JSValue,
    /// `pm.response` and what it asks (`HostResponse` in `pm/pm.js`).
    response: JSValue,
    source: JSValue,
    /// The list of its tests, [`Tests`].
    tests: JSValue,
    /// Names of members.
    code: JSAtom,
    response_time: JSAtom,
    turn: JSAtom,
}

/// What a response is told to be: its status and the milliseconds it took. Without them there was none.
pub type Told = Option<(u16, f64)>;

impl Whole {
    /// Of a script, and what `pm/main.js` says that it works with.
    ///
    /// # Errors
    /// When there is no memory.
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
        // SAFETY: the values are alive; the references taken are freed with this.
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
    /// What the script threw.
    pub fn run(&self, ctx: &Ctx<'_>, event: u64, told: Told) -> rquickjs::Result<()> {
        let raw = ctx.as_raw().as_ptr();
        // SAFETY: the context is alive and has all values.
        unsafe {
            let turn = qjs::JS_NewNumber(raw, event as f64);
            if qjs::JS_SetProperty(raw, self.source, self.turn, turn) < 0 || !self.tell(ctx, told) {
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

    /// Ends the event. Gives whether another response can be told, which it cannot where the script froze this one.
    pub fn end(&self, ctx: &Ctx<'_>, told: Told) -> bool {
        // SAFETY: the context is alive, the list as well, and nobody else works on it.
        unsafe { (*data_of::<Tests>(self.tests)).end(ctx.as_raw().as_ptr()) };
        let is_open = self.tell(ctx, told);
        if !is_open {
            drop(ctx.catch());
        }
        is_open
    }

    /// Writes the members of the response; false, and an exception, where they cannot be written.
    fn tell(&self, ctx: &Ctx<'_>, told: Told) -> bool {
        let raw = ctx.as_raw().as_ptr();
        // SAFETY: as of `run`; QuickJS takes the numbers.
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
    /// Runs the script after the response to its end and ends the iteration, at once:
    /// for scripts that wait for nothing ([`Guess::waits`](crate::script::Guess::waits)). Variables of the iteration
    /// may be gone after it or not: they are the caller's to end. How its tests ended is in
    /// [`State::kept_tests`](crate::script::state::State::kept_tests) then.
    ///
    /// # Errors
    /// What it threw.
    pub fn run_whole(&mut self, iteration: u64, response: Told) -> Result<(), ScriptError> {
        let Some(whole) = self.whole.clone() else {
            return Ok(());
        };
        let ran = self.call_whole(&whole, iteration, response);
        self.cut_off();
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
                self.release();
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

    /// Calls the script of an event, and ends that where it threw nothing.
    fn call_whole(
        &mut self,
        whole: &Whole,
        iteration: u64,
        response: Told,
    ) -> Result<(), ScriptError> {
        let event = self.begin_event(iteration);
        let goes_on = std::mem::replace(&mut self.state().keeps_tests, true);
        if !goes_on {
            let call = self.calls.start_whole.clone();
            self.timed(|ctx| called::<_, ()>(ctx, call, ()))?;
        }
        let (shared, end) = (Rc::clone(&self.shared), Rc::clone(&self.calls.end_whole));
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

    /// Drops what a script that was run whole left to wait for, so that it does not reach the
    /// next iteration.
    fn cut_off(&mut self) {
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

impl Drop for Whole {
    fn drop(&mut self) {
        // SAFETY: the context is alive, and these are references of this one's own.
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
