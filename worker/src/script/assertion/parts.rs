//! An assertion as an object of QuickJS: what stands behind it, how it is made, and how it
//! ends. What JavaScript sees of it is defined one level up.

use std::ffi::c_int;
use std::ptr;

use rquickjs::qjs::{self, JSClassID, JSContext, JSRuntime, JSValue};
use rquickjs::{Ctx, Object, Result};

use crate::script::native;

/// What stands behind an assertion.
pub struct Parts {
    /// What is asserted about: `_obj`.
    pub object: JSValue,
    /// What its messages begin with, or undefined: `_message`.
    pub message: JSValue,
    /// An object with the other flags, or null: `_flags`.
    pub flags: JSValue,
    /// Whether the opposite is asserted: `_negate`.
    pub negate: bool,
    /// Where in a chain it is.
    pub link: Link,
}

/// In chai every member gives a copy: of a word between, as `to`, and of a method. So what
/// follows changes that, and a flag that is read from an assertion, or a method that changes
/// what it is about, changes the assertion itself. Making a copy each time costs more than
/// most checks. Here the first member of a chain gives one, and the others go on with it, but
/// for those that change it when it is not plain that nobody else has it.
#[derive(Clone, Copy, PartialEq)]
pub enum Link {
    /// What `expect` gave. A script may keep it.
    First,
    /// What a member of that gave, or a copy.
    Fresh,
    /// The same, after it has been given on by a member of its own.
    Passed,
}

/// A class of which this is the prototype. Once per context.
///
/// # Errors
/// When there is no memory.
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

/// The parts of an assertion; none of any other value. They live as long as the assertion
/// does: what may free it, as a call of JavaScript, ends their use.
///
/// # Safety
/// The value is alive, and nobody else uses its parts meanwhile.
pub unsafe fn parts_of<'a>(value: JSValue, class: c_int) -> Option<&'a mut Parts> {
    // SAFETY: an object of this class has parts behind it, or nothing while it is made.
    unsafe {
        qjs::JS_GetOpaque(value, class as JSClassID)
            .cast::<Parts>()
            .as_mut()
    }
}

/// A new assertion, or an exception where there is no memory; the caller's to give away.
///
/// # Safety
/// The context and the values are alive.
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

/// The same again.
///
/// # Safety
/// As of [`new_assertion`].
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

/// What a member works on that changes its assertion. The caller's to free.
///
/// # Safety
/// As of [`new_assertion`].
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

/// What a member gives that goes on with its assertion. The caller's to give away.
///
/// # Safety
/// As of [`new_assertion`].
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

/// Tells the collector of cycles what an assertion holds.
unsafe extern "C" fn mark(runtime: *mut JSRuntime, assertion: JSValue, mark: qjs::JS_MarkFunc) {
    // SAFETY: as in `finalize`; marking calls nothing of a script's.
    unsafe {
        if let Some(parts) = native::data_of::<Parts>(assertion).as_ref() {
            for value in [parts.object, parts.message, parts.flags] {
                qjs::JS_MarkValue(runtime, value, mark);
            }
        }
    }
}
