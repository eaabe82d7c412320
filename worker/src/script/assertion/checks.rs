//! Methods of assertions that see at a glance whether they hold. A check tells no more
//! than it can without running anything of a script's; where it cannot tell, or where the
//! assertion fails, the function in `js/chai` decides.

use std::ffi::c_int;

use rquickjs::qjs::{self, JSContext, JSValue};

use super::parts::{own_of, parts_of};

/// What a method asserts.
pub trait Check {
    /// Whether it is so of this object and this argument; nothing where that takes a
    /// longer look. `given` is the second value the method was made with.
    ///
    /// # Safety
    /// The context and the values are alive.
    unsafe fn holds(
        ctx: *mut JSContext,
        object: JSValue,
        argument: JSValue,
        given: JSValue,
    ) -> Option<bool>;
}

/// A method of an assertion, made with the function that decides where the check does not.
pub unsafe extern "C" fn method<C: Check>(
    ctx: *mut JSContext,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    class: c_int,
    data: *mut JSValue,
) -> JSValue {
    // SAFETY: QuickJS gives live values: `this`, the arguments it counts, and the two values
    // of `data` the method was made with. No parts are held while anything is called.
    unsafe {
        let (slow, given) = (*data, *data.add(1));
        if count == 1
            && let Some(parts) = parts_of(this, class)
            && qjs::JS_IsNull(parts.flags)
        {
            let (object, wanted) = (parts.object, Some(!parts.negate));
            if C::holds(ctx, object, *arguments, given) == wanted {
                if let Some(parts) = parts_of(this, class) {
                    parts.after_word = false;
                }
                return qjs::JS_DupValue(ctx, this);
            }
        }
        let target = own_of(ctx, this, class);
        if qjs::JS_IsException(target) {
            return target;
        }
        let result = qjs::JS_Call(ctx, slow, target, count, arguments);
        qjs::JS_FreeValue(ctx, target);
        result
    }
}

/// `include` and its other names, made with: the function that decides elsewhere, which
/// also sets the flag; `indexOf` of texts; and the flags of an assertion that had none.
pub unsafe extern "C" fn include(
    ctx: *mut JSContext,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    class: c_int,
    data: *mut JSValue,
) -> JSValue {
    // SAFETY: as in `method`, with three values in `data`. `indexOf` of a text runs nothing
    // of a script's when its argument is a text, too.
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
            if qjs::JS_IsInt(place) && qjs::JS_VALUE_GET_INT(place) >= 0 {
                let found = own_of(ctx, this, class);
                if let Some(parts) = parts_of(found, class) {
                    parts.flags = qjs::JS_DupValue(ctx, flags);
                }
                return found;
            }
            passed_over(ctx, place);
        }
        qjs::JS_Call(ctx, slow, this, count, arguments)
    }
}

/// Of which nothing can be told at a glance.
pub struct Never;

impl Check for Never {
    unsafe fn holds(_: *mut JSContext, _: JSValue, _: JSValue, _: JSValue) -> Option<bool> {
        None
    }
}

/// `===`.
pub struct Equal;

impl Check for Equal {
    unsafe fn holds(
        ctx: *mut JSContext,
        object: JSValue,
        argument: JSValue,
        _: JSValue,
    ) -> Option<bool> {
        // SAFETY: both are alive.
        Some(unsafe { qjs::JS_IsStrictEqual(ctx, object, argument) })
    }
}

/// The same value, which is deeply equal to itself. (`+0` and `-0` are not.)
pub struct Identical;

impl Check for Identical {
    unsafe fn holds(
        ctx: *mut JSContext,
        object: JSValue,
        argument: JSValue,
        _: JSValue,
    ) -> Option<bool> {
        // SAFETY: both are alive.
        unsafe { qjs::JS_IsSameValue(ctx, object, argument) }.then_some(true)
    }
}

/// Numbers in order, one of the four ways.
pub struct Order<const WAY: u8>;

impl Order<0> {
    pub const ABOVE: u8 = 0;
    pub const LEAST: u8 = 1;
    pub const BELOW: u8 = 2;
    pub const MOST: u8 = 3;
}

impl<const WAY: u8> Check for Order<WAY> {
    unsafe fn holds(
        _: *mut JSContext,
        object: JSValue,
        argument: JSValue,
        _: JSValue,
    ) -> Option<bool> {
        // SAFETY: both are alive.
        let (object, limit) = unsafe { (number(object)?, number(argument)?) };
        Some(match WAY {
            Order::ABOVE => object > limit,
            Order::LEAST => object >= limit,
            Order::BELOW => object < limit,
            _ => object <= limit,
        })
    }
}

/// A number; nothing of any other kind.
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

/// One of the first values of a list.
pub struct OneOf;

/// Of which so many are looked at.
const FIRST: u32 = 16;

impl Check for OneOf {
    unsafe fn holds(
        ctx: *mut JSContext,
        object: JSValue,
        argument: JSValue,
        _: JSValue,
    ) -> Option<bool> {
        // SAFETY: all are alive. An element may be a getter that makes the assertion let go
        // of its object, so that is kept.
        unsafe {
            if !qjs::JS_IsArray(argument) || qjs::JS_IsUndefined(object) {
                return None;
            }
            let object = qjs::JS_DupValue(ctx, object);
            let is_there = is_among_first(ctx, object, argument);
            qjs::JS_FreeValue(ctx, object);
            is_there.then_some(true)
        }
    }
}

/// Whether a list begins with so many values of which this is one.
///
/// # Safety
/// The context and the values are alive.
unsafe fn is_among_first(ctx: *mut JSContext, object: JSValue, list: JSValue) -> bool {
    for place in 0..FIRST {
        // SAFETY: the list is alive; an element is freed when it was looked at.
        unsafe {
            let item = qjs::JS_GetPropertyUint32(ctx, list, place);
            if qjs::JS_IsUndefined(item) || qjs::JS_IsException(item) {
                passed_over(ctx, item);
                return false;
            }
            let is_it = qjs::JS_IsStrictEqual(ctx, item, object);
            qjs::JS_FreeValue(ctx, item);
            if is_it {
                return true;
            }
        }
    }
    false
}

/// Frees what a step gave that told nothing, with what it threw: the function in JavaScript
/// takes the same step again.
///
/// # Safety
/// The context and the value are alive.
unsafe fn passed_over(ctx: *mut JSContext, value: JSValue) {
    // SAFETY: as above.
    unsafe {
        let threw = qjs::JS_IsException(value);
        let value = if threw {
            qjs::JS_GetException(ctx)
        } else {
            value
        };
        qjs::JS_FreeValue(ctx, value);
    }
}

/// The engine's response has this status; it is what the method was made with.
pub struct Status;

impl Check for Status {
    unsafe fn holds(
        ctx: *mut JSContext,
        object: JSValue,
        argument: JSValue,
        given: JSValue,
    ) -> Option<bool> {
        // SAFETY: all are alive. `code` is a plain member of that response, for good.
        unsafe {
            if !qjs::JS_IsInt(argument) || !qjs::JS_IsStrictEqual(ctx, object, given) {
                return None;
            }
            let code = qjs::JS_GetPropertyStr(ctx, object, c"code".as_ptr());
            let is_it = qjs::JS_IsStrictEqual(ctx, code, argument);
            qjs::JS_FreeValue(ctx, code);
            is_it.then_some(true)
        }
    }
}

/// The engine's response has this header; the method was made with that response and a
/// function that knows.
pub struct Header;

impl Check for Header {
    unsafe fn holds(
        ctx: *mut JSContext,
        object: JSValue,
        argument: JSValue,
        given: JSValue,
    ) -> Option<bool> {
        // SAFETY: all are alive, and so is what is in the list for as long as that.
        unsafe {
            if !qjs::JS_IsString(argument) {
                return None;
            }
            let response = qjs::JS_GetPropertyUint32(ctx, given, 0);
            let is_response = qjs::JS_IsStrictEqual(ctx, object, response);
            qjs::JS_FreeValue(ctx, response);
            if !is_response {
                return None;
            }
            let knows = qjs::JS_GetPropertyUint32(ctx, given, 1);
            let mut name = argument;
            let there = qjs::JS_Call(ctx, knows, qjs::JS_UNDEFINED, 1, &raw mut name);
            qjs::JS_FreeValue(ctx, knows);
            let is_there = qjs::JS_IsBool(there) && qjs::JS_VALUE_GET_BOOL(there);
            passed_over(ctx, there);
            is_there.then_some(true)
        }
    }
}
