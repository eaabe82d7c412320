//! `pm.test` as a native function, and the list of the test results of an event.
//!
//! Under load the same tests pass in the same order again and again, and recording each result costs more
//! than the test itself. The list of the last event that was kept
//! ([`State::kept_tests`](super::state::State)) therefore stays, and a result is recorded only if this event
//! differs from it.
//!
//! It handles raw values, as [`super::quick`] does and for the same reason.

use std::ffi::c_int;
use std::ptr;

use rquickjs::function::This;
use rquickjs::qjs::{self, JS_MarkFunc, JSContext, JSRuntime, JSValue};
use rquickjs::{Ctx, Error, Function, Object, Result, Value};

use super::budget::charge;
use super::functions::define;
use super::native::{self, argument, data_of, function};
use super::state::Shared;
use super::state::{MAX_TESTS, TestOutcome};

/// The native data of `host.tests`.
pub struct Tests {
    shared: Shared,
    /// Number of tests of this event so far.
    count: usize,
    /// Names of the tests that passed in the last event that was kept, in order. Undefined for a test that
    /// did not pass.
    names: Vec<JSValue>,
    /// Whether this event is kept.
    keeps: bool,
    /// The return value of `pm.test`.
    answer: JSValue,
}

/// Defines `host.tests`, an object with functions that begin an event (`begin(keeps)`), end it (`end()`),
/// count its tests (`count()`), record a result (`passed(name)`, `failed(name, words)`, `skipped(name)`; the
/// strings are well-formed), set the return value of `pm.test` (`answer(value)`), and create `pm.test`
/// (`test(passed, failed, other)`).
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define_tests<'js>(host: &Object<'js>, shared: &Shared) -> Result<()> {
    let tests = new_tests(host.ctx(), shared)?;
    define(&tests, "begin", |list: List<'js>, keeps: bool| {
        with(&list, |tests, _| (tests.keeps, tests.count) = (keeps, 0));
    })?;
    define(&tests, "end", |list: List<'js>| with(&list, Tests::end))?;
    define(&tests, "count", |list: List<'js>| {
        with(&list, |tests, _| tests.count)
    })?;
    define(&tests, "passed", |list: List<'js>, name: Value<'js>| {
        let text: String = name.get()?;
        charge_for(&list, text.len())?;
        with(&list, |tests, ctx| {
            if !tests.counts(ctx, name.as_raw()) {
                tests.tell(ctx, name.as_raw(), text, TestOutcome::Passed);
            }
        });
        Ok::<_, Error>(())
    })?;
    define(
        &tests,
        "failed",
        |list: List<'js>, name: String, words: String| {
            told(&list, name, TestOutcome::Failed(words))
        },
    )?;
    define(&tests, "skipped", |list: List<'js>, name: String| {
        told(&list, name, TestOutcome::Skipped)
    })?;
    define(&tests, "answer", |list: List<'js>, value: Value<'js>| {
        with(&list, |tests, ctx| {
            // SAFETY: both are alive; the reference that the list held is freed.
            unsafe {
                let value = qjs::JS_DupValue(ctx, value.as_raw());
                qjs::JS_FreeValue(ctx, std::mem::replace(&mut tests.answer, value));
            }
        });
    })?;
    define(&tests, "test", make_test)?;
    host.set("tests", tests)
}

/// The list, as `this` of its functions. Scripts cannot reach it.
type List<'js> = This<Value<'js>>;

/// The name of a test that did not pass.
const NO_NAME: JSValue = qjs::JS_UNDEFINED;

/// Calls `work` with the data of a list. `work` must not run script code.
fn with<T>(list: &List<'_>, work: impl FnOnce(&mut Tests, *mut JSContext) -> T) -> T {
    let ctx = list.0.ctx().as_raw().as_ptr();
    // SAFETY: the value is the list, is alive, and there is no other reference to its data.
    unsafe { work(&mut *data_of::<Tests>(list.0.as_raw()), ctx) }
}

/// Records the result of a test that did not pass.
fn told(list: &List<'_>, name: String, outcome: TestOutcome) -> Result<()> {
    let words = match &outcome {
        TestOutcome::Failed(words) => words.len(),
        TestOutcome::Passed | TestOutcome::Skipped => 0,
    };
    charge_for(list, name.len() + words)?;
    with(list, |tests, ctx| tests.tell(ctx, NO_NAME, name, outcome));
    Ok(())
}

/// Counts a recorded result against the memory limit of the script.
fn charge_for(list: &List<'_>, bytes: usize) -> Result<()> {
    let shared = with(list, |tests, _| Shared::clone(&tests.shared));
    charge(list.0.ctx(), &shared, bytes)
}

fn make_test<'js>(
    ctx: Ctx<'js>,
    list: List<'js>,
    passed: Function<'js>,
    failed: Function<'js>,
    other: Function<'js>,
) -> Result<Value<'js>> {
    let [passed, failed, other] = [passed, failed, other].map(Function::into_value);
    function(&ctx, test, 0, &[list.0, passed, failed, other])
}

fn new_tests<'js>(ctx: &Ctx<'js>, shared: &Shared) -> Result<Object<'js>> {
    let definition = qjs::JSClassDef {
        class_name: c"Tests".as_ptr(),
        finalizer: Some(finalize),
        gc_mark: Some(mark),
        call: None,
        exotic: ptr::null_mut(),
    };
    let class = native::new_class(ctx, &definition, &Object::new(ctx.clone())?)?;
    let tests = || Tests {
        shared: Shared::clone(shared),
        count: 0,
        names: Vec::new(),
        keeps: false,
        answer: qjs::JS_UNDEFINED,
    };
    // SAFETY: the context is alive, and the class has a finalizer for this data.
    let object = unsafe { native::new_value(ctx, class, tests)? };
    object.into_object().ok_or(Error::Unknown)
}

unsafe extern "C" fn finalize(runtime: *mut JSRuntime, tests: JSValue) {
    // SAFETY: QuickJS calls this once for an object of the class.
    unsafe {
        if let Some(tests) = native::free_data::<Tests>(runtime, tests) {
            qjs::JS_FreeValueRT(runtime, tests.answer);
            for name in tests.names {
                qjs::JS_FreeValueRT(runtime, name);
            }
        }
    }
}

/// Names need no mark, because strings reference no other values.
unsafe extern "C" fn mark(runtime: *mut JSRuntime, tests: JSValue, mark: JS_MarkFunc) {
    // SAFETY: QuickJS calls this for an object of the class, which has no data while it is being created.
    unsafe {
        if let Some(tests) = data_of::<Tests>(tests).as_ref() {
            qjs::JS_MarkValue(runtime, tests.answer, mark);
        }
    }
}

/// The context passed is always the context of the names, and a name passed is alive.
impl Tests {
    /// Counts a passed test if the last event had one with the same name at this position. Returns whether it
    /// had.
    fn counts(&mut self, ctx: *mut JSContext, name: JSValue) -> bool {
        let known = self.names.get(self.count).filter(|_| self.keeps);
        // SAFETY: both are alive; comparing strings runs no script code.
        let is_known = known.is_some_and(|known| unsafe {
            qjs::JS_IsString(name) && qjs::JS_IsStrictEqual(ctx, *known, name)
        });
        self.count += usize::from(is_known);
        is_known
    }

    /// Records the result of the next test. `known` is its name if it passed.
    fn tell(&mut self, ctx: *mut JSContext, known: JSValue, name: String, outcome: TestOutcome) {
        self.cut(ctx);
        self.shared.borrow_mut().add_test(name, outcome);
        if self.keeps && self.names.len() < MAX_TESTS {
            // SAFETY: the name is alive.
            self.names.push(unsafe { qjs::JS_DupValue(ctx, known) });
        }
        self.count += 1;
    }

    /// Drops the rest of the last event's list, from which this event now differs.
    fn cut(&mut self, ctx: *mut JSContext) {
        if !self.keeps || self.names.len() <= self.count {
            return;
        }
        self.shared.borrow_mut().kept_tests.truncate(self.count);
        for name in self.names.drain(self.count..) {
            // SAFETY: the list owned this reference.
            unsafe { qjs::JS_FreeValue(ctx, name) };
        }
    }

    /// Ends an event. If the event is kept, the list then has its tests only.
    pub fn end(&mut self, ctx: *mut JSContext) {
        self.cut(ctx);
        self.count = 0;
    }
}

/// `pm.test(name, body)`. Created with the list, `passed(name)`, `failed(name, error)`, and the function for
/// a test that has no body or whose body has a parameter.
unsafe extern "C" fn test(
    ctx: *mut JSContext,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    _magic: c_int,
    data: *mut JSValue,
) -> JSValue {
    // SAFETY: QuickJS passes a live context, live values and `count` arguments; `data` has the four values.
    // The list is not borrowed while script code runs. Every value received is freed or passed on.
    unsafe {
        let tests = data_of::<Tests>(*data);
        let (name, body) = (argument(count, arguments, 0), argument(count, arguments, 1));
        let mut parameters = 1;
        if qjs::JS_IsFunction(ctx, body) && qjs::JS_GetLength(ctx, body, &raw mut parameters) < 0 {
            return qjs::JS_EXCEPTION;
        }
        if parameters > 0 {
            return qjs::JS_Call(ctx, *data.add(3), this, count, arguments);
        }
        let result = qjs::JS_Call(ctx, body, qjs::JS_UNDEFINED, 0, ptr::null_mut());
        let mut words = [name, qjs::JS_UNDEFINED];
        let told = if qjs::JS_IsException(result) {
            words[1] = qjs::JS_GetException(ctx);
            if qjs::JS_IsUncatchableError(words[1]) {
                return qjs::JS_Throw(ctx, words[1]);
            }
            qjs::JS_Call(ctx, *data.add(2), qjs::JS_UNDEFINED, 2, words.as_mut_ptr())
        } else if (*tests).counts(ctx, name) {
            qjs::JS_UNDEFINED
        } else {
            qjs::JS_Call(ctx, *data.add(1), qjs::JS_UNDEFINED, 1, words.as_mut_ptr())
        };
        qjs::JS_FreeValue(ctx, result);
        qjs::JS_FreeValue(ctx, words[1]);
        if qjs::JS_IsException(told) {
            return told;
        }
        qjs::JS_FreeValue(ctx, told);
        qjs::JS_DupValue(ctx, (*tests).answer)
    }
}
