//! The `text` method of the engine's response as a native function. It handles the common case and leaves all
//! others to a function in `js/`.
//!
//! It handles raw values, as [`super::assertion`] does and for the same reason: a call through rquickjs's
//! functions costs more than the work done here.

use std::ffi::c_int;
use std::ptr;

use rquickjs::qjs::{self, JSContext, JSRuntime, JSValue};
use rquickjs::{Ctx, Function, Object, Result, Value};

use super::functions::define;
use super::native::{self, data_of, function};
use super::state::Shared;
use super::state::State;

/// The native data of `host.direct`.
struct Direct {
    shared: Shared,
    /// Text of the response, cached for the event with the number `event`.
    text: JSValue,
    event: u64,
}

/// Defines `host.direct`, which gives native functions access to the state, and `host.quickText(direct,
/// response, other)`, which creates `pm.response.text`.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define_quick<'js>(host: &Object<'js>, shared: &Shared) -> Result<()> {
    host.set("direct", new_direct(host.ctx(), shared)?)?;
    define(
        host,
        "quickText",
        |ctx: Ctx<'js>, direct: Value<'js>, response: Value<'js>, other: Function<'js>| {
            function(&ctx, text, 0, &[direct, response, other.into_value()])
        },
    )
}

fn new_direct<'js>(ctx: &Ctx<'js>, shared: &Shared) -> Result<Value<'js>> {
    let definition = qjs::JSClassDef {
        class_name: c"Direct".as_ptr(),
        finalizer: Some(finalize),
        gc_mark: None,
        call: None,
        exotic: ptr::null_mut(),
    };
    let class = native::new_class(ctx, &definition, &Object::new(ctx.clone())?)?;
    let direct = || Direct {
        shared: Shared::clone(shared),
        text: qjs::JS_UNDEFINED,
        event: 0,
    };
    // SAFETY: the context is alive, and the class has a finalizer for this data.
    unsafe { native::new_value(ctx, class, direct) }
}

/// Returns what `ask` reads from the state, `None` while the state is borrowed for a change.
///
/// # Safety
/// The caller must pass `host.direct`, alive, and an `ask` that runs no script code.
pub unsafe fn ask<T>(direct: JSValue, ask: impl FnOnce(&State) -> T) -> Option<T> {
    // SAFETY: see above.
    let shared = unsafe { &(*data_of::<Direct>(direct)).shared };
    shared.try_borrow().ok().map(|state| ask(&state))
}

unsafe extern "C" fn finalize(runtime: *mut JSRuntime, direct: JSValue) {
    // SAFETY: QuickJS calls this once for an object of the class.
    unsafe {
        if let Some(direct) = native::free_data::<Direct>(runtime, direct) {
            qjs::JS_FreeValueRT(runtime, direct.text);
        }
    }
}

/// `response.text()` of the engine's response, unless a script has replaced the response. Created with
/// `host.direct`, that response, and the function for all other cases.
unsafe extern "C" fn text(
    ctx: *mut JSContext,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    _magic: c_int,
    data: *mut JSValue,
) -> JSValue {
    // SAFETY: QuickJS passes a live context, live values and `count` arguments; `data` has the three values.
    unsafe {
        let (direct, response, other) = (*data, *data.add(1), *data.add(2));
        if qjs::JS_IsStrictEqual(ctx, this, response) {
            let kept = data_of::<Direct>(direct);
            let told = ask(direct, |state| {
                if state.replaced {
                    return None;
                }
                if state.event == (*kept).event {
                    return Some(qjs::JS_DupValue(ctx, (*kept).text));
                }
                let text = state.response.text();
                let text = qjs::JS_NewStringLen(ctx, text.as_ptr().cast(), text.len() as _);
                if !qjs::JS_IsException(text) {
                    let before = std::mem::replace(&mut (*kept).text, qjs::JS_DupValue(ctx, text));
                    qjs::JS_FreeValue(ctx, before);
                    (*kept).event = state.event;
                }
                Some(text)
            });
            if let Some(Some(text)) = told {
                return text;
            }
        }
        qjs::JS_Call(ctx, other, this, count, arguments)
    }
}
