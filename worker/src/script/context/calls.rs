//! The functions of a context that the engine calls (`pm/main.js`), and what JavaScript reports besides
//! return values: exceptions and unhandled promise rejections.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::function::IntoArgs;
use rquickjs::object::Filter;
use rquickjs::qjs;
use rquickjs::{Atom, CaughtError, Ctx, FromJs, Function, Object, Persistent, Runtime, Value};

use crate::script::error::ScriptError;
use crate::script::guess::Guess;
use crate::script::host::make_host;
use crate::script::isolation::Lifetime;
use crate::script::modules::boot;
use crate::script::scripts::Scripts;
use crate::script::state::Shared;

/// An unhandled promise rejection.
pub struct Rejection {
    promise: Persistent<Value<'static>>,
    /// The reason of the rejection.
    pub error: ScriptError,
}

/// The functions of `pm/main.js`.
pub struct Calls {
    /// Runs the pre-request script.
    pub pre: ScriptFunction,
    /// Runs the test script.
    pub test: ScriptFunction,
    /// Begins the events of scripts that run to completion.
    pub start_direct: ScriptFunction,
    /// Ends such an event if its script left something.
    pub end_direct: Rc<ScriptFunction>,
    /// The objects that these two work with.
    pub parts: Persistent<Object<'static>>,
    /// Records the results of the legacy `tests` object.
    pub finish: ScriptFunction,
    /// Returns the request as JSON if it may have changed.
    pub changed: ScriptFunction,
    /// Returns when the next timer is due.
    pub due: ScriptFunction,
    /// Calls the timers that are due.
    pub fire: ScriptFunction,
    /// Passes on the outcome of a request.
    pub sent: ScriptFunction,
    /// Ends an iteration.
    pub end: ScriptFunction,
    /// Allocates reserve memory.
    pub reserve: ScriptFunction,
    /// Returns whether scripts changed built-ins or libraries.
    pub has_changes: ScriptFunction,
    isolate: ScriptFunction,
    /// What must be checked after an iteration.
    traces: Traces,
    /// The object that scripts know as `pm`.
    pub pm: Persistent<Value<'static>>,
}

/// Where scripts may leave something for the next iteration.
enum Traces {
    /// Nowhere: everything they can reach is frozen.
    None,
    /// In the global object, which has this number of names and this prototype.
    Names(usize, Persistent<Object<'static>>),
    /// Anywhere.
    All,
}

/// A function of `pm/main.js`.
pub type ScriptFunction = Persistent<Function<'static>>;

/// Calls a function of `pm/main.js`.
///
/// # Errors
/// Returns an error if the function throws.
pub fn called<'js, A, T>(ctx: &Ctx<'js>, call: ScriptFunction, arguments: A) -> rquickjs::Result<T>
where
    A: IntoArgs<'js>,
    T: FromJs<'js>,
{
    call.restore(ctx)?.call(arguments)
}

/// Converts what was thrown to a script error.
pub fn caught(error: CaughtError<'_>) -> ScriptError {
    match error {
        CaughtError::Exception(exception) => ScriptError::of(exception.as_object().as_value()),
        CaughtError::Value(value) => ScriptError::of(&value),
        CaughtError::Error(error) => ScriptError::new(error.to_string()),
    }
}

/// Returns whether the global object has another number of names, another prototype or is no longer
/// extensible.
fn has_changed(ctx: &Ctx<'_>, names: usize, prototype: &Persistent<Object<'static>>) -> bool {
    let (globals, prototype) = (ctx.globals(), prototype.clone().restore(ctx));
    // SAFETY: the context is alive, and so is its global object.
    let is_extensible =
        unsafe { qjs::JS_IsExtensible(ctx.as_raw().as_ptr(), globals.as_value().as_raw()) } == 1;
    !is_extensible
        || names != global_names(ctx)
        || !prototype.is_ok_and(|prototype| globals.get_prototype() == Some(prototype))
}

/// Number of own names of the global object.
fn global_names(ctx: &Ctx<'_>) -> usize {
    let all = Filter::new().string().symbol();
    ctx.globals().own_keys::<Atom<'_>>(all).len()
}

/// Records the reasons of rejections that no handler handles.
pub fn track_rejections(runtime: &Runtime, rejections: &Rc<RefCell<Vec<Rejection>>>) {
    let rejections = Rc::clone(rejections);
    runtime.set_host_promise_rejection_tracker(Some(Box::new(
        move |ctx, promise, reason, is_handled| {
            let mut rejections = rejections.borrow_mut();
            if is_handled {
                rejections.retain(|rejection| {
                    let known = rejection.promise.clone().restore(&ctx);
                    known.is_ok_and(|known| known != promise)
                });
            } else {
                rejections.push(Rejection {
                    error: ScriptError::of(&reason),
                    promise: Persistent::save(&ctx, promise),
                });
            }
        },
    )));
}

impl Calls {
    /// Returns whether a script may have left something in the global object or its built-ins.
    pub fn may_have_leftovers(&self, ctx: &Ctx<'_>) -> bool {
        match &self.traces {
            Traces::None => false,
            Traces::Names(names, prototype) => has_changed(ctx, *names, prototype),
            Traces::All => true,
        }
    }

    /// Sets up a context for these scripts.
    ///
    /// # Errors
    /// Returns an error if memory cannot be allocated.
    pub fn new(
        ctx: &Ctx<'_>,
        shared: &Shared,
        scripts: &Scripts,
        unix_ns: impl Fn() -> u64 + 'static,
    ) -> rquickjs::Result<Self> {
        let host = make_host(ctx, shared, scripts.has_pre(), unix_ns)?;
        let engine = boot(ctx, host)?;
        let call = |name: &str| -> rquickjs::Result<ScriptFunction> {
            let function: Function<'_> = engine.get(name)?;
            Ok(Persistent::save(ctx, function))
        };
        Ok(Self {
            traces: Traces::All,
            pm: Persistent::save(ctx, engine.get::<_, Value<'_>>("pm")?),
            pre: call("pre")?,
            test: call("test")?,
            start_direct: call("startDirect")?,
            end_direct: Rc::new(call("endDirect")?),
            parts: Persistent::save(ctx, engine.get::<_, Object<'_>>("parts")?),
            finish: call("finish")?,
            changed: call("changed")?,
            due: call("due")?,
            fire: call("fire")?,
            sent: call("sent")?,
            end: call("end")?,
            reserve: call("reserve")?,
            has_changes: call("hasChanges")?,
            isolate: call("isolate")?,
        })
    }

    /// Prepares a context for the iterations that it serves, once its script functions exist and before one
    /// runs.
    ///
    /// # Errors
    /// Returns an error if memory cannot be allocated.
    pub fn isolate(
        &mut self,
        ctx: &Ctx<'_>,
        guess: &Guess,
        lifetime: Lifetime,
        scripts: &[Option<ScriptFunction>],
    ) -> rquickjs::Result<()> {
        let how = Object::new(ctx.clone())?;
        how.set("isShared", lifetime == Lifetime::Shared)?;
        how.set("isTrial", lifetime == Lifetime::Trial)?;
        how.set("keepsNames", guess.leaves_names)?;
        how.set("keepsMembers", guess.changes_scopes)?;
        let functions = scripts.iter().flatten().cloned();
        let functions: Result<Vec<_>, _> = functions.map(|call| call.restore(ctx)).collect();
        let _: () = called(ctx, self.isolate.clone(), (how, functions?))?;
        self.traces = match lifetime {
            Lifetime::Shared if guess.changes_scopes => Traces::All,
            Lifetime::Shared if guess.leaves_names => {
                let prototype = ctx.globals().get_prototype();
                let prototype = prototype.ok_or(rquickjs::Error::Unknown)?;
                Traces::Names(global_names(ctx), Persistent::save(ctx, prototype))
            }
            Lifetime::Shared => Traces::None,
            Lifetime::Single | Lifetime::Trial => Traces::All,
        };
        Ok(())
    }
}
