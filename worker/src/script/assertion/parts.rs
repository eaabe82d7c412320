//! An assertion as a QuickJS object: its native data, how it is created and how it is freed. The parent
//! module defines what JavaScript sees of it.

use std::ffi::c_int;
use std::ptr;

use rquickjs::qjs::{self, JSClassID, JSContext, JSRuntime, JSValue};
use rquickjs::{Ctx, Object, Result};

use crate::script::native;

/// The native data of an assertion.
pub struct Parts {
    /// The value that the assertion is about: `_obj`.
    pub object: JSValue,
    /// The prefix of its messages, or undefined: `_message`.
    pub message: JSValue,
    /// An object with the other flags, or null: `_flags`.
    pub flags: JSValue,
    /// Whether the assertion is negated: `_negate`.
    pub negate: bool,
    /// Its position in a chain.
    pub link: Link,
}

/// Position of an assertion in a chain, which decides when it is copied.
///
/// In chai every member returns a copy: language chains such as `to`, and methods. What follows therefore
/// changes the copy, while reading a flag of an assertion, or calling a method that changes what it is about,
/// changes the assertion itself. Making a copy each time costs more than most checks. Here the first member
/// of a chain returns a copy, and the others continue with it. Members that change the assertion copy it only
/// if another reference to it may exist.
#[derive(Clone, Copy, PartialEq)]
pub enum Link {
    /// Returned by `expect`. A script may keep it.
    First,
    /// Returned by a member of a `First`, or a copy.
    Fresh,
    /// A `Fresh` one after a member of its own has returned it.
    Passed,
}

/// Creates the class of assertions, with this prototype. Called once per context.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn new_class<'js>(ctx: &Ctx<'js>, prototype: &Object<'js>) -> Result<JSClassID> {
    let definition = qjs::JSClassDef {
        class_name: c"Assertion".as_ptr(),
        finalizer: Some(finalize),
        gc_mark: Some(mark),
        call: None,
        exotic: ptr::null_mut(),
    };
    native::new_class(ctx, &definition, prototype)
}

/// Returns the parts of an assertion, `None` for any other value. They live as long as the assertion: they
/// must not be used after anything that may free it, such as a call of JavaScript.
///
/// # Safety
/// The caller must pass a live value and hold no other reference to its parts.
pub unsafe fn parts_of<'a>(value: JSValue, class: c_int) -> Option<&'a mut Parts> {
    // SAFETY: an object of this class has parts as its opaque data, or null while it is being created.
    unsafe {
        qjs::JS_GetOpaque(value, class as JSClassID)
            .cast::<Parts>()
            .as_mut()
    }
}

/// Creates an assertion. Returns an exception if memory cannot be allocated. The caller owns the result.
///
/// # Safety
/// The caller must pass a live context and live values.
pub unsafe fn new_assertion(
    ctx: *mut JSContext,
    class: c_int,
    object: JSValue,
    message: JSValue,
    flags: JSValue,
    negate: bool,
    link: Link,
) -> JSValue {
    // SAFETY: the context and the values are alive.
    unsafe {
        native::new_object(ctx, class as JSClassID, || Parts {
            object: qjs::JS_DupValue(ctx, object),
            message: qjs::JS_DupValue(ctx, message),
            flags: qjs::JS_DupValue(ctx, flags),
            negate,
            link,
        })
    }
}

/// Creates a copy of an assertion.
///
/// # Safety
/// See [`new_assertion`].
unsafe fn copy_of(ctx: *mut JSContext, class: c_int, parts: &Parts) -> JSValue {
    let Parts {
        object,
        message,
        flags,
        negate,
        ..
    } = *parts;
    // SAFETY: the parts are alive.
    unsafe { new_assertion(ctx, class, object, message, flags, negate, Link::Fresh) }
}

/// Returns the assertion that a member modifies: the assertion itself or a copy. The caller must free it.
///
/// # Safety
/// See [`new_assertion`].
pub unsafe fn own_of(ctx: *mut JSContext, assertion: JSValue, class: c_int) -> JSValue {
    // SAFETY: the assertion is alive, and the parts are used before anything is called.
    unsafe {
        match parts_of(assertion, class) {
            Some(parts) if parts.link == Link::Passed => {
                parts.link = Link::Fresh;
                copy_of(ctx, class, parts)
            }
            _ => qjs::JS_DupValue(ctx, assertion),
        }
    }
}

/// Returns the assertion that a member returns to continue the chain. The caller owns the result.
///
/// # Safety
/// See [`new_assertion`].
pub unsafe fn next_of(ctx: *mut JSContext, assertion: JSValue, class: c_int) -> JSValue {
    // SAFETY: as in `own_of`.
    unsafe {
        match parts_of(assertion, class) {
            Some(parts) if parts.link == Link::First => copy_of(ctx, class, parts),
            Some(parts) => {
                parts.link = Link::Passed;
                qjs::JS_DupValue(ctx, assertion)
            }
            None => qjs::JS_DupValue(ctx, assertion),
        }
    }
}

/// Frees the parts of an assertion.
unsafe extern "C" fn finalize(runtime: *mut JSRuntime, assertion: JSValue) {
    // SAFETY: QuickJS calls this once for an object of the class.
    unsafe {
        if let Some(parts) = native::free_data::<Parts>(runtime, assertion) {
            for value in [parts.object, parts.message, parts.flags] {
                qjs::JS_FreeValueRT(runtime, value);
            }
        }
    }
}

/// Marks the values of an assertion for the cycle collector.
unsafe extern "C" fn mark(runtime: *mut JSRuntime, assertion: JSValue, mark: qjs::JS_MarkFunc) {
    // SAFETY: as in `finalize`; marking runs no script code.
    unsafe {
        if let Some(parts) = native::data_of::<Parts>(assertion).as_ref() {
            for value in [parts.object, parts.message, parts.flags] {
                qjs::JS_MarkValue(runtime, value, mark);
            }
        }
    }
}
