//! The object that `pm.expect()` returns, as a native QuickJS class. Under load nearly every check is an
//! assertion that trivially holds; creating and testing it in JavaScript costs twice as much.
//!
//! An assertion is an object of its own class with four [parts](parts::Parts), which JavaScript sees as
//! `_obj`, `_message`, `_negate` and `_flags`. Its methods first try a fast check ([`checks`]) and delegate
//! everything else, including every failure and its message, to the functions in `js/chai`. Nothing here
//! makes a check fail.
//!
//! rquickjs also provides classes and functions, but a call through them costs 700 instructions more than one
//! through QuickJS's C interface, and these calls are hot. This module therefore handles raw values: a
//! [`JSValue`] here is borrowed from the caller unless a function says that it passes on ownership.

mod checks;
mod parts;

use std::ffi::c_int;

use rquickjs::qjs::{self, JSClassID, JSContext, JSValue};
use rquickjs::{Ctx, Error, Exception, Function, Object, Result, Value};

use super::functions::define;
use super::native::{Native, argument, function};
use checks::{Equal, HeaderCheck, Identical, Never, OneOf, OrderCheck, StatusCheck};
use parts::{Link, new_assertion, new_class, next_of, own_of, parts_of};

/// Defines `host.assertions(prototype)`, which makes `prototype` the prototype of all assertions and returns
/// the functions that create and change them. Called once per context.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define_assertions<'js>(host: &Object<'js>) -> Result<()> {
    define(
        host,
        "assertions",
        |ctx: Ctx<'js>, prototype: Object<'js>| {
            let class = new_class(&ctx, &prototype)?;
            let made = Object::new(ctx.clone())?;
            let functions: [(&str, Native); 5] = [
                ("expect", expect),
                ("own", own),
                ("next", next),
                // Getters: a language chain such as `to` or `be`, and an assertion about `this`.
                ("word", word),
                ("subject", subject),
            ];
            for (name, native) in functions {
                made.set(name, function(&ctx, native, class, &[])?)?;
            }
            made.set("parts", parts_accessors(&ctx, class)?)?;
            define(&made, "method", move |ctx, kind, slow, given| {
                method_of(&ctx, class, kind, slow, given)
            })?;
            define(&made, "include", move |ctx, slow, index_of, flags| {
                function(&ctx, checks::include, class, &[slow, index_of, flags])
            })?;
            Ok::<_, Error>(made)
        },
    )
}

/// Returns a method that calls `slow` unless its fast check decides. `given` is the extra value that the
/// check needs.
fn method_of<'js>(
    ctx: &Ctx<'js>,
    class: JSClassID,
    kind: String,
    slow: Function<'js>,
    given: Value<'js>,
) -> Result<Value<'js>> {
    let native: Native = match kind.as_str() {
        "" => checks::method::<Never>,
        "equal" => checks::method::<Equal>,
        "eql" => checks::method::<Identical>,
        "above" => checks::method::<OrderCheck<{ OrderCheck::ABOVE }>>,
        "least" => checks::method::<OrderCheck<{ OrderCheck::LEAST }>>,
        "below" => checks::method::<OrderCheck<{ OrderCheck::BELOW }>>,
        "most" => checks::method::<OrderCheck<{ OrderCheck::MOST }>>,
        "oneOf" => checks::method::<OneOf>,
        "header" => checks::method::<HeaderCheck>,
        "status" => checks::method::<StatusCheck>,
        _ => return Err(Exception::throw_message(ctx, "there is no such check")),
    };
    function(ctx, native, class, &[slow.into_value(), given])
}

/// Creates the getter and the setter of each part, keyed by name.
fn parts_accessors<'js>(ctx: &Ctx<'js>, class: JSClassID) -> Result<Object<'js>> {
    let accessors = Object::new(ctx.clone())?;
    let all: [(&str, Native, Native); 4] = [
        ("_obj", get_part::<OBJECT>, set_part::<OBJECT>),
        ("_message", get_part::<MESSAGE>, set_part::<MESSAGE>),
        ("_negate", get_part::<NEGATE>, set_part::<NEGATE>),
        ("_flags", get_part::<FLAGS>, set_part::<FLAGS>),
    ];
    for (name, get, set) in all {
        let accessor = Object::new(ctx.clone())?;
        accessor.set("get", function(ctx, get, class, &[])?)?;
        accessor.set("set", function(ctx, set, class, &[])?)?;
        accessors.set(name, accessor)?;
    }
    Ok(accessors)
}

/// `expect(object, message)`.
unsafe extern "C" fn expect(
    ctx: *mut JSContext,
    _this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    class: c_int,
    _data: *mut JSValue,
) -> JSValue {
    // SAFETY: QuickJS passes a live context and `count` arguments.
    unsafe {
        let (object, message) = (argument(count, arguments, 0), argument(count, arguments, 1));
        new_assertion(
            ctx,
            class,
            object,
            message,
            qjs::JS_NULL,
            false,
            Link::First,
        )
    }
}

/// `own(assertion)`.
unsafe extern "C" fn own(
    ctx: *mut JSContext,
    _this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    class: c_int,
    _data: *mut JSValue,
) -> JSValue {
    // SAFETY: as in `expect`.
    unsafe { own_of(ctx, argument(count, arguments, 0), class) }
}

/// Getter of a language chain such as `to`.
unsafe extern "C" fn word(
    ctx: *mut JSContext,
    this: JSValue,
    _count: c_int,
    _arguments: *mut JSValue,
    class: c_int,
    _data: *mut JSValue,
) -> JSValue {
    // SAFETY: as in `expect`; `this` is alive.
    unsafe { next_of(ctx, this, class) }
}

/// `next(assertion)`: returns what a member returns to continue the chain.
unsafe extern "C" fn next(
    ctx: *mut JSContext,
    _this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    class: c_int,
    _data: *mut JSValue,
) -> JSValue {
    // SAFETY: as in `expect`.
    unsafe { next_of(ctx, argument(count, arguments, 0), class) }
}

/// Getter that returns an assertion about `this`, such as `to` of responses.
unsafe extern "C" fn subject(
    ctx: *mut JSContext,
    this: JSValue,
    _count: c_int,
    _arguments: *mut JSValue,
    class: c_int,
    _data: *mut JSValue,
) -> JSValue {
    // SAFETY: as in `expect`; `this` is alive.
    unsafe {
        new_assertion(
            ctx,
            class,
            this,
            qjs::JS_UNDEFINED,
            qjs::JS_NULL,
            false,
            Link::Fresh,
        )
    }
}

const OBJECT: u8 = 0;
const MESSAGE: u8 = 1;
const NEGATE: u8 = 2;
const FLAGS: u8 = 3;

/// Getter of a part. For a value that is not an assertion, such as the prototype, it returns the value of a
/// new assertion.
unsafe extern "C" fn get_part<const PART: u8>(
    ctx: *mut JSContext,
    this: JSValue,
    _count: c_int,
    _arguments: *mut JSValue,
    class: c_int,
    _data: *mut JSValue,
) -> JSValue {
    // SAFETY: as in `expect`; `this` is alive.
    unsafe {
        match (PART, parts_of(this, class)) {
            (OBJECT, Some(parts)) => qjs::JS_DupValue(ctx, parts.object),
            (MESSAGE, Some(parts)) => qjs::JS_DupValue(ctx, parts.message),
            (FLAGS, Some(parts)) => qjs::JS_DupValue(ctx, parts.flags),
            (FLAGS, None) => qjs::JS_NULL,
            (NEGATE, Some(parts)) if parts.negate => qjs::JS_TRUE,
            (NEGATE, _) => qjs::JS_FALSE,
            _ => qjs::JS_UNDEFINED,
        }
    }
}

/// Setter of a part. It does nothing for a value that is not an assertion.
unsafe extern "C" fn set_part<const PART: u8>(
    ctx: *mut JSContext,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    class: c_int,
    _data: *mut JSValue,
) -> JSValue {
    // SAFETY: as in `expect`. The old value is freed last, when the parts are consistent: freeing it may run
    // arbitrary code.
    unsafe {
        let value = argument(count, arguments, 0);
        let Some(parts) = parts_of(this, class) else {
            return qjs::JS_UNDEFINED;
        };
        let place = match PART {
            OBJECT => &mut parts.object,
            MESSAGE => &mut parts.message,
            FLAGS => &mut parts.flags,
            _ => {
                parts.negate = qjs::JS_ToBool(ctx, value) > 0;
                return qjs::JS_UNDEFINED;
            }
        };
        let before = std::mem::replace(place, qjs::JS_DupValue(ctx, value));
        qjs::JS_FreeValue(ctx, before);
        qjs::JS_UNDEFINED
    }
}
