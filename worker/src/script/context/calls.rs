//! The functions of a context that the engine calls (`pm/main.js`), and what comes
//! back from JavaScript beside values: exceptions, and promises nobody listens to.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::function::IntoArgs;
use rquickjs::object::Filter;
use rquickjs::{Atom, CaughtError, Ctx, FromJs, Function, Object, Persistent, Runtime, Value};

use crate::script::assertion::define_assertions;
use crate::script::error::ScriptError;
use crate::script::libraries::define_libraries;
use crate::script::modules::boot;
use crate::script::pm_host::{Shared, define_pm};
use crate::script::schema::define_schema;
use crate::script::source::Scripts;
use crate::script::xml::define_xml;

/// A promise that was rejected while nobody listened.
pub struct Rejection {
    promise: Persistent<Value<'static>>,
    /// What it was rejected with.
    pub error: ScriptError,
}

/// The functions of `pm/main.js`.
pub struct Calls {
    /// Runs the script before the request.
    pub pre: Call,
    /// Runs the script after the response.
    pub test: Call,
    /// Runs the script after the response and ends the iteration, but for [`Self::has_news`].
    pub whole: Call,
    /// Records results of the old kind.
    pub finish: Call,
    /// The request as JSON, where it may have changed.
    pub changed: Call,
    /// When the next timer is due.
    pub due: Call,
    /// Calls the timers that are due.
    pub fire: Call,
    /// Tells the outcome of a request.
    pub sent: Call,
    /// Ends an iteration.
    pub end: Call,
    /// Takes memory in reserve.
    pub reserve: Call,
    /// What has to be looked at after an iteration.
    traces: Traces,
    /// What scripts know as `pm`.
    pub pm: Persistent<Value<'static>>,
}

/// Where scripts may leave something for the next iteration.
enum Traces {
    /// Nowhere.
    None,
    /// In the global object, which has so many names.
    Names(usize),
    /// Anywhere.
    All,
}

/// One of them.
pub type Call = Persistent<Function<'static>>;

/// Calls one of them.
///
/// # Errors
/// What it throws.
pub fn called<'js, A, T>(ctx: &Ctx<'js>, call: Call, arguments: A) -> rquickjs::Result<T>
where
    A: IntoArgs<'js>,
    T: FromJs<'js>,
{
    call.restore(ctx)?.call(arguments)
}

/// What was thrown, as an error of a script.
pub fn caught(error: CaughtError<'_>) -> ScriptError {
    match error {
        CaughtError::Exception(exception) => ScriptError::of(exception.as_object().as_value()),
        CaughtError::Value(value) => ScriptError::of(&value),
        CaughtError::Error(error) => ScriptError::new(error.to_string()),
    }
}

/// How many names the global object has itself.
fn global_names(ctx: &Ctx<'_>) -> usize {
    let all = Filter::new().string().symbol();
    ctx.globals().own_keys::<Atom<'_>>(all).len()
}

/// Keeps what promises are rejected with while nobody listens to them.
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
    /// Whether a script may have left something in the global object or its built-ins.
    pub fn has_news(&self, ctx: &Ctx<'_>) -> bool {
        match self.traces {
            Traces::None => false,
            Traces::Names(names) => names != global_names(ctx),
            Traces::All => true,
        }
    }

    /// Makes a context what these scripts expect.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn new(
        ctx: &Ctx<'_>,
        shared: &Shared,
        scripts: &Scripts,
        unix_ns: impl Fn() -> u64 + 'static,
    ) -> rquickjs::Result<Self> {
        let host = Object::new(ctx.clone())?;
        define_assertions(&host)?;
        define_pm(&host, shared, unix_ns)?;
        define_libraries(&host)?;
        define_xml(&host)?;
        define_schema(&host)?;
        host.set("hasPre", scripts.has_pre())?;
        let engine = boot(ctx, host)?;
        let (wary, plugins) = (scripts.may_change_built_ins(), scripts.may_change_chai());
        let watch: Function<'_> = engine.get("watch")?;
        let _: () = watch.call((wary, plugins))?;
        let call = |name: &str| -> rquickjs::Result<Call> {
            let function: Function<'_> = engine.get(name)?;
            Ok(Persistent::save(ctx, function))
        };
        Ok(Self {
            traces: if wary || plugins || scripts.may_change_pm() {
                Traces::All
            } else if scripts.may_leave_names() {
                Traces::Names(global_names(ctx))
            } else {
                Traces::None
            },
            pm: Persistent::save(ctx, engine.get::<_, Value<'_>>("pm")?),
            pre: call("pre")?,
            test: call("test")?,
            whole: call("whole")?,
            finish: call("finish")?,
            changed: call("changed")?,
            due: call("due")?,
            fire: call("fire")?,
            sent: call("sent")?,
            end: call("end")?,
            reserve: call("reserve")?,
        })
    }
}
