//! Fast checks of assertion methods. A check runs no script code, such as getters, so nothing changes while
//! it runs. If it cannot decide, or if the assertion fails, the function in `js/chai` decides.

use std::ffi::c_int;

use rquickjs::qjs::{self, JSContext, JSValue};

use super::parts::{next_of, own_of, parts_of};
use crate::script::quick::ask;
use crate::script::state::State;

/// The fast check of an assertion method.
pub trait FastCheck {
    /// Evaluates the check.
    ///
    /// # Safety
    /// The caller must keep the context and the values alive during the call.
    unsafe fn evaluate(at: Operands) -> CheckResult;
}

/// The operands of a check.
#[derive(Clone, Copy)]
pub struct Operands {
    ctx: *mut JSContext,
    /// The value that the assertion is about.
    object: JSValue,
    /// The only argument of the method.
    argument: JSValue,
    /// The second value that the method was created with.
    given: JSValue,
}

/// The result of a check.
#[derive(Clone, Copy, PartialEq)]
pub enum CheckResult {
    /// The assertion holds.
    Holds,
    /// The assertion does not hold.
    Fails,
    /// The check cannot decide.
    Unclear,
    /// The check threw an exception, for example because memory ran out.
    Threw,
}

impl CheckResult {
    /// Returns `Holds` if `is_so`, otherwise `Unclear`.
    fn holds_if(is_so: bool) -> Self {
        if is_so { Self::Holds } else { Self::Unclear }
    }

    /// Returns `Holds` if `is_so`, otherwise `Fails`.
    fn of(is_so: bool) -> Self {
        if is_so { Self::Holds } else { Self::Fails }
    }
}

/// An assertion method, created with the function that decides when the check cannot.
pub unsafe extern "C" fn method<C: FastCheck>(
    ctx: *mut JSContext,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    class: c_int,
    data: *mut JSValue,
) -> JSValue {
    // SAFETY: QuickJS passes live values: `this`, `count` arguments, and the two values of `data` that the
    // method was created with. No reference to the parts is held during a call. The object is retained
    // meanwhile, because the assertion may be given another one.
    unsafe {
        let (slow, given) = (*data, *data.add(1));
        if count == 1
            && let Some(parts) = parts_of(this, class)
            && qjs::JS_IsNull(parts.flags)
        {
            let negate = parts.negate;
            let object = qjs::JS_DupValue(ctx, parts.object);
            let argument = *arguments;
            let at = Operands {
                ctx,
                object,
                argument,
                given,
            };
            let seen = C::evaluate(at);
            qjs::JS_FreeValue(ctx, object);
            match seen {
                CheckResult::Threw => return qjs::JS_EXCEPTION,
                CheckResult::Holds if !negate => return next_of(ctx, this, class),
                CheckResult::Fails if negate => return next_of(ctx, this, class),
                _ => {}
            }
        }
        let target = own_of(ctx, this, class);
        if qjs::JS_IsException(target) {
            return target;
        }
        let result = qjs::JS_Call(ctx, slow, target, count, arguments);
        let goes_on = qjs::JS_IsObject(result) && qjs::JS_IsStrictEqual(ctx, result, target);
        let next = if goes_on {
            let next = next_of(ctx, target, class);
            qjs::JS_FreeValue(ctx, result);
            next
        } else {
            result
        };
        qjs::JS_FreeValue(ctx, target);
        next
    }
}

/// `include` and its aliases. They are created with the function that decides in all other cases and also
/// sets the flag, with `indexOf` of strings, and with the flags for an assertion that had none.
pub unsafe extern "C" fn include(
    ctx: *mut JSContext,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    class: c_int,
    data: *mut JSValue,
) -> JSValue {
    // SAFETY: as in `method`, with three values in `data`. `indexOf` of a string runs no script code when its
    // argument is a string as well, so the object stays alive.
    unsafe {
        let (slow, index_of, flags) = (*data, *data.add(1), *data.add(2));
        if count == 1
            && let Some(parts) = parts_of(this, class)
            && qjs::JS_IsNull(parts.flags)
            && !parts.negate
            && qjs::JS_IsString(parts.object)
            && qjs::JS_IsString(*arguments)
        {
            let place = qjs::JS_Call(ctx, index_of, parts.object, count, arguments);
            if qjs::JS_IsException(place) {
                return place;
            }
            if qjs::JS_IsInt(place) && qjs::JS_VALUE_GET_INT(place) >= 0 {
                let target = own_of(ctx, this, class);
                if let Some(parts) = parts_of(target, class) {
                    parts.flags = qjs::JS_DupValue(ctx, flags);
                }
                let next = next_of(ctx, target, class);
                qjs::JS_FreeValue(ctx, target);
                return next;
            }
            qjs::JS_FreeValue(ctx, place);
        }
        qjs::JS_Call(ctx, slow, this, count, arguments)
    }
}

/// A check that never decides.
pub struct Never;

impl FastCheck for Never {
    unsafe fn evaluate(_: Operands) -> CheckResult {
        CheckResult::Unclear
    }
}

/// `===`.
pub struct Equal;

impl FastCheck for Equal {
    unsafe fn evaluate(at: Operands) -> CheckResult {
        // SAFETY: both are alive.
        CheckResult::of(unsafe { qjs::JS_IsStrictEqual(at.ctx, at.object, at.argument) })
    }
}

/// The same value (`Object.is`), which is deeply equal to itself; `+0` and `-0` are not the same value. The
/// method is created with a list that is not empty if a custom comparison must be called.
pub struct Identical;

impl FastCheck for Identical {
    unsafe fn evaluate(at: Operands) -> CheckResult {
        // SAFETY: all are alive; the list belongs to the library and has plain elements.
        unsafe {
            let comparison = qjs::JS_GetPropertyUint32(at.ctx, at.given, 0);
            let is_own = !qjs::JS_IsUndefined(comparison);
            qjs::JS_FreeValue(at.ctx, comparison);
            CheckResult::holds_if(!is_own && qjs::JS_IsSameValue(at.ctx, at.object, at.argument))
        }
    }
}

/// Compares two numbers in one of four ways.
pub struct OrderCheck<const WAY: u8>;

impl OrderCheck<0> {
    pub const ABOVE: u8 = 0;
    pub const LEAST: u8 = 1;
    pub const BELOW: u8 = 2;
    pub const MOST: u8 = 3;
}

impl<const WAY: u8> FastCheck for OrderCheck<WAY> {
    unsafe fn evaluate(at: Operands) -> CheckResult {
        // SAFETY: both are alive.
        let (Some(object), Some(limit)) = (unsafe { (number(at.object), number(at.argument)) })
        else {
            return CheckResult::Unclear;
        };
        CheckResult::of(match WAY {
            OrderCheck::ABOVE => object > limit,
            OrderCheck::LEAST => object >= limit,
            OrderCheck::BELOW => object < limit,
            _ => object <= limit,
        })
    }
}

/// Returns the value of a number, `None` for a value of any other type.
///
/// # Safety
/// The caller must pass a live value.
unsafe fn number(value: JSValue) -> Option<f64> {
    // SAFETY: the tag says what there is.
    unsafe {
        if qjs::JS_IsInt(value) {
            Some(f64::from(qjs::JS_VALUE_GET_INT(value)))
        } else {
            let tag = qjs::JS_VALUE_GET_TAG(value);
            qjs::JS_TAG_IS_FLOAT64(tag).then(|| qjs::JS_VALUE_GET_FLOAT64(value))
        }
    }
}

/// One of the first elements of an array.
pub struct OneOf;

/// Number of elements that [`OneOf`] compares.
const MAX_ONE_OF_ELEMENTS: u32 = 16;

impl FastCheck for OneOf {
    unsafe fn evaluate(at: Operands) -> CheckResult {
        // SAFETY: all are alive.
        unsafe {
            if !qjs::JS_IsArray(at.argument) {
                return CheckResult::Unclear;
            }
            for place in 0..MAX_ONE_OF_ELEMENTS {
                let Some(item) = plain_element(at.ctx, at.argument, place) else {
                    return CheckResult::Unclear;
                };
                let is_it = qjs::JS_IsStrictEqual(at.ctx, item, at.object);
                qjs::JS_FreeValue(at.ctx, item);
                if is_it {
                    return CheckResult::Holds;
                }
            }
        }
        CheckResult::Unclear
    }
}

/// Returns an own element of an array. Returns `None` if it is missing or a getter, which must not be called.
/// The caller must free the value.
///
/// # Safety
/// The caller must pass a live context and a live array.
unsafe fn plain_element(ctx: *mut JSContext, array: JSValue, place: u32) -> Option<JSValue> {
    let mut found = qjs::JSPropertyDescriptor {
        flags: 0,
        value: qjs::JS_UNDEFINED,
        getter: qjs::JS_UNDEFINED,
        setter: qjs::JS_UNDEFINED,
    };
    // SAFETY: the array is alive; the atom of a small integer needs no free. Everything found is freed except
    // the value that is returned.
    unsafe {
        let name = qjs::JS_NewAtomUInt32(ctx, place);
        if qjs::JS_GetOwnProperty(ctx, &raw mut found, array, name) <= 0 {
            return None;
        }
        qjs::JS_FreeValue(ctx, found.getter);
        qjs::JS_FreeValue(ctx, found.setter);
        if found.flags & qjs::JS_PROP_GETSET as c_int != 0 {
            qjs::JS_FreeValue(ctx, found.value);
            return None;
        }
        Some(found.value)
    }
}

/// The engine's response has this status. The method is created with that response.
pub struct StatusCheck;

impl FastCheck for StatusCheck {
    unsafe fn evaluate(at: Operands) -> CheckResult {
        // SAFETY: all are alive. `code` is always a plain member of that response.
        unsafe {
            if !qjs::JS_IsInt(at.argument) || !qjs::JS_IsStrictEqual(at.ctx, at.object, at.given) {
                return CheckResult::Unclear;
            }
            let code = qjs::JS_GetPropertyStr(at.ctx, at.object, c"code".as_ptr());
            if qjs::JS_IsException(code) {
                return CheckResult::Threw;
            }
            let is_it = qjs::JS_IsStrictEqual(at.ctx, code, at.argument);
            qjs::JS_FreeValue(at.ctx, code);
            CheckResult::holds_if(is_it)
        }
    }
}

/// The engine's response has this header, and the script has not received the header list, so it cannot have
/// changed it. The method is created with a list of that response and `host.direct`.
pub struct HeaderCheck;

impl FastCheck for HeaderCheck {
    unsafe fn evaluate(at: Operands) -> CheckResult {
        // SAFETY: all are alive; the list belongs to the engine and has plain elements.
        unsafe {
            if !qjs::JS_IsString(at.argument) {
                return CheckResult::Unclear;
            }
            let response = qjs::JS_GetPropertyUint32(at.ctx, at.given, 0);
            let is_response = qjs::JS_IsStrictEqual(at.ctx, at.object, response);
            qjs::JS_FreeValue(at.ctx, response);
            if !is_response {
                return CheckResult::Unclear;
            }
            let direct = qjs::JS_GetPropertyUint32(at.ctx, at.given, 1);
            let mut len = 0;
            let name = qjs::JS_ToCStringLen(at.ctx, &raw mut len, at.argument);
            if name.is_null() {
                qjs::JS_FreeValue(at.ctx, direct);
                return CheckResult::Threw;
            }
            // A name with an unpaired surrogate is never a header name.
            let text = std::str::from_utf8(std::slice::from_raw_parts(name.cast(), len));
            let is_there = text.is_ok_and(|name| {
                let has =
                    |state: &State| !state.exposed_headers && state.response.header(name).is_some();
                ask(direct, has).unwrap_or(false)
            });
            qjs::JS_FreeCString(at.ctx, name);
            qjs::JS_FreeValue(at.ctx, direct);
            CheckResult::holds_if(is_there)
        }
    }
}
