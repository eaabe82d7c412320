//! Creates a context: a runtime with its limits, `pm`, the script functions, and the isolation of its
//! iterations. No script runs here.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rquickjs::{CatchResultExt, Context, Ctx, Persistent, Runtime};

use super::calls::{Calls, ScriptFunction, caught, track_rejections};
use super::direct::DirectScript;
use super::{ScriptContext, ScriptLimits};
use crate::script::error::ScriptError;
use crate::script::guess::Guess;
use crate::script::isolation::Lifetime;
use crate::script::scripts::Scripts;
use crate::script::source::compile;
use crate::script::state::Shared;
use crate::script::watchdog::ScriptDeadline;
use crate::script::wrapper::NAMES;

impl ScriptContext {
    /// Creates a context for one execution of these scripts.
    ///
    /// # Errors
    /// Returns the name of the script that is not valid JavaScript and the reason, or the reason why no
    /// context was created.
    pub fn new(
        scripts: &Scripts,
        limits: ScriptLimits,
        unix_ns: impl Fn() -> u64 + 'static,
    ) -> Result<Self, (&'static str, ScriptError)> {
        let guess = Guess::of(scripts);
        Self::with_lifetime(scripts, limits, unix_ns, Lifetime::Single, &guess)
    }

    /// Creates a context for these scripts and the guess about them, which is the same for all contexts of a
    /// run.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub fn with_lifetime(
        scripts: &Scripts,
        limits: ScriptLimits,
        unix_ns: impl Fn() -> u64 + 'static,
        lifetime: Lifetime,
        guess: &Guess,
    ) -> Result<Self, (&'static str, ScriptError)> {
        let internal = |error: rquickjs::Error| {
            (
                NAMES[0],
                ScriptError::new(format!("the script context could not be created: {error}")),
            )
        };
        let runtime = Runtime::new().map_err(internal)?;
        let context = Context::full(&runtime).map_err(internal)?;
        let shared = Shared::default();
        let deadline = context.with(|ctx| ScriptDeadline::watched(&ctx));
        let rejections = Rc::new(RefCell::new(Vec::new()));
        runtime.set_max_stack_size(limits.stack);
        runtime.set_interrupt_handler(Some(Box::new({
            let deadline = Arc::clone(&deadline);
            move || deadline.interrupts()
        })));
        track_rejections(&runtime, &rejections);
        let (calls, scripts, whole) = context.with(|ctx| {
            let internal = |error| (NAMES[0], caught(error));
            let calls = Calls::new(&ctx, &shared, scripts, unix_ns);
            let mut calls = calls.catch(&ctx).map_err(internal)?;
            let compiled = |place: usize, text: &str| {
                if text.trim().is_empty() {
                    return Ok(None);
                }
                let pm = calls.pm.clone().restore(&ctx);
                let pm = pm.catch(&ctx).map_err(internal)?;
                let function = compile(&ctx, NAMES[place], text, &pm);
                let function = function.map_err(|error| (NAMES[place], error))?;
                Ok(Some(Persistent::save(&ctx, function)))
            };
            let scripts = [compiled(0, &scripts.pre)?, compiled(1, &scripts.test)?];
            let isolated = calls.isolate(&ctx, guess, lifetime, &scripts);
            isolated.catch(&ctx).map_err(internal)?;
            let whole = match &scripts[1] {
                Some(script) => Some(whole(&ctx, script, &calls).catch(&ctx).map_err(internal)?),
                None => None,
            };
            Ok((calls, scripts, whole))
        })?;
        // The memory of the context itself counts against the limit.
        runtime.set_memory_limit(limits.memory);
        shared.borrow_mut().memory = limits.memory;
        shared.borrow_mut().heap = limits.memory;
        Ok(Self {
            whole,
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
            lifetime,
            patched: false,
            waited: false,
            mentions_null: guess.mentions_null,
        })
    }
}

fn whole(
    ctx: &Ctx<'_>,
    script: &ScriptFunction,
    calls: &Calls,
) -> rquickjs::Result<Rc<DirectScript>> {
    let script = script.clone().restore(ctx)?;
    let parts = calls.parts.clone().restore(ctx)?;
    Ok(Rc::new(DirectScript::new(&script, &parts)?))
}
