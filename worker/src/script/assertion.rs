//! What `pm.expect()` makes, in QuickJS's own terms. Under load nearly every check is an
//! assertion that plainly holds; made and tested in JavaScript it costs twice as much.
//!
//! An assertion is an object of a class of its own with four [parts](parts::Parts) behind it, which
//! JavaScript finds as `_obj`, `_message`, `_negate` and `_flags`. Its methods look at
//! once whether they hold ([`checks`]) and leave all else, as every failure and its
//! message, to the functions in `js/chai`. Nothing here makes a check fail.
//!
//! rquickjs has classes and functions, too, but a call through them is 700 instructions
//! more than one through QuickJS's C interface, and this is where they count. So this is
//! the one place of the scripts that handles bare values: a [`JSValue`] here is borrowed
//! from the caller unless a function says that it gives one away.

mod checks;
mod parts;

use std::ffi::c_int;

use rquickjs::qjs::{self, JSClassID, JSContext, JSValue};
use rquickjs::{Ctx, Error, Exception, Function, Object, Result, Value};

use super::functions::define;
use super::native::{Native, argument, function};
use checks::{Equal, Header, Identical, Never, OneOf, Order, Status};
use parts::{Link, new_assertion, new_class, next_of, own_of, parts_of};

/// Puts `assertions(prototype)` into `host`, which makes the prototype that of all
/// assertions and gives the functions that make and change them. Once per context.
///
/// # Errors
/// When there is no memory.
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
                // Getters: a word between, and an assertion on `this`.
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

/// A method that is `slow` but where its check holds at a glance; `given` is what that
/// takes to know.
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
        "above" => checks::method::<Order<{ Order::ABOVE }>>,
        "least" => checks::method::<Order<{ Order::LEAST }>>,
        "below" => checks::method::<Order<{ Order::BELOW }>>,
        "most" => checks::method::<Order<{ Order::MOST }>>,
        "oneOf" => checks::method::<OneOf>,
        "header" => checks::method::<Header>,
        "status" => checks::method::<Status>,
        _ => return Err(Exception::throw_message(ctx, "there is no such check")),
    };
    function(ctx, native, class, &[slow.into_value(), given])
}

/// Getters and setters of the parts: pairs, by name.
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
    // SAFETY: QuickJS gives a live context and as many arguments as it says.
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

/// The getter of a word between.
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

/// `next(assertion)`: what a member gives that goes on with it.
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

/// A getter that gives an assertion on what has it, as `to` of responses.
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

/// The getter of a part. Of what is no assertion, as the prototype, it is what a new one
/// has.
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

/// The setter of a part; it does nothing to what is no assertion.
unsafe extern "C" fn set_part<const PART: u8>(
    ctx: *mut JSContext,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    class: c_int,
    _data: *mut JSValue,
) -> JSValue {
    // SAFETY: as in `expect`. What was there is freed last, when the parts are in order:
    // that may run anything.
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
