//! Members of parsed JSON that are created when a script reads them. Until then each is an accessor over its
//! text. All code finds what `JSON.parse` would have created, except code that inspects the property's
//! descriptor or changes part of it.
//!
//! The accessor is one QuickJS object that is both getter (called without a value) and setter (called with
//! one). It handles raw values, as [`super::super::assertion`] does and for the same reason.

use std::ffi::c_int;
use std::ptr;

use rquickjs::qjs::{self, JSAtom, JSClassID, JSContext, JSRuntime, JSValue};
use rquickjs::{Ctx, Error, Exception, Function, Object, Result, Value};

use super::LazyJson;
use crate::script::native;

/// Property flags of a member that `JSON.parse` creates.
const PLAIN: c_int =
    (qjs::JS_PROP_CONFIGURABLE | qjs::JS_PROP_WRITABLE | qjs::JS_PROP_ENUMERABLE) as c_int;

/// The native data of an accessor.
struct Member {
    name: JSAtom,
    /// Its JSON text, or its value once that is created.
    held: JSValue,
    is_made: bool,
}

/// Creates the class of accessors. Called once per context.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn new_class(ctx: &Ctx<'_>) -> Result<JSClassID> {
    let definition = qjs::JSClassDef {
        class_name: c"Member".as_ptr(),
        finalizer: Some(finalize),
        gc_mark: Some(mark),
        call: Some(call),
        exotic: ptr::null_mut(),
    };
    let function: Object<'_> = ctx.globals().get("Function")?;
    native::new_class(ctx, &definition, &function.get("prototype")?)
}

/// Returns whether a value is such an accessor.
pub fn is_accessor(value: &Value<'_>, class: JSClassID) -> bool {
    // SAFETY: the value is alive.
    unsafe { !qjs::JS_GetOpaque(value.as_raw(), class).is_null() }
}

/// Defines a member whose JSON text is parsed when it is read.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define_lazy(object: &Object<'_>, name: &str, text: &str, class: JSClassID) -> Result<()> {
    let ctx = object.ctx().as_raw().as_ptr();
    // SAFETY: the context and the object are alive. The accessor has the data of its class from the start.
    // The property takes both references to it, and the accessor frees what it holds.
    let defined = unsafe {
        let accessor = native::new_object(ctx, class, || Member {
            name: qjs::JS_NewAtomLen(ctx, name.as_ptr().cast(), name.len() as _),
            held: qjs::JS_NewStringLen(ctx, text.as_ptr().cast(), text.len() as _),
            is_made: false,
        });
        if qjs::JS_IsException(accessor) {
            return Err(Error::Exception);
        }
        let member = native::data_of::<Member>(accessor);
        let name = (*member).name;
        if name == qjs::JS_ATOM_NULL || qjs::JS_IsException((*member).held) {
            qjs::JS_FreeValue(ctx, accessor);
            return Err(Error::Exception);
        }
        let flags = (qjs::JS_PROP_CONFIGURABLE | qjs::JS_PROP_ENUMERABLE) as c_int;
        let setter = qjs::JS_DupValue(ctx, accessor);
        qjs::JS_DefinePropertyGetSet(
            ctx,
            object.as_value().as_raw(),
            name,
            accessor,
            setter,
            flags,
        )
    };
    if defined < 0 {
        Err(Error::Exception)
    } else {
        Ok(())
    }
}

/// Calls an accessor: without an argument to read the member, with one to assign it.
unsafe extern "C" fn call(
    ctx: *mut JSContext,
    accessor: JSValue,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    _flags: c_int,
) -> JSValue {
    let mut class = 0;
    // SAFETY: QuickJS calls this for an object of the class, which its caller keeps alive; no reference to
    // the data is held during another call.
    unsafe {
        let member = qjs::JS_GetAnyOpaque(accessor, &raw mut class).cast::<Member>();
        if count == 0 {
            read(ctx, member, this, class)
        } else {
            assign(ctx, member, this, *arguments)
        }
    }
}

/// # Safety
/// The caller must pass a live context, a live member and a live `this`.
unsafe fn read(
    ctx: *mut JSContext,
    member: *mut Member,
    this: JSValue,
    class: JSClassID,
) -> JSValue {
    // SAFETY: see above and `call`.
    unsafe {
        if !(*member).is_made {
            let value = made(ctx, (*member).held, class);
            if qjs::JS_IsException(value) {
                return value;
            }
            keep(ctx, member, value);
            // In a sealed object this fails, and the accessor stays.
            if qjs::JS_IsObject(this) {
                let has = qjs::JS_GetOwnProperty(ctx, ptr::null_mut(), this, (*member).name);
                let put = if has > 0 {
                    put(ctx, member, this, value)
                } else {
                    has
                };
                if put < 0 {
                    return qjs::JS_EXCEPTION;
                }
            }
        }
        qjs::JS_DupValue(ctx, (*member).held)
    }
}

/// # Safety
/// See [`read`]; the value must be alive as well.
unsafe fn assign(
    ctx: *mut JSContext,
    member: *mut Member,
    this: JSValue,
    value: JSValue,
) -> JSValue {
    // SAFETY: see above and `call`.
    unsafe {
        if !qjs::JS_IsObject(this) {
            return qjs::JS_UNDEFINED;
        }
        let done = put(ctx, member, this, value);
        if done < 0 {
            return qjs::JS_EXCEPTION;
        }
        if done == 0 {
            // The object is sealed or frozen. Only a sealed one accepts other values.
            match is_frozen(ctx, this) {
                Ok(true) => {}
                Ok(false) => keep(ctx, member, qjs::JS_DupValue(ctx, value)),
                Err(error) => return raised(ctx, &error),
            }
        }
        qjs::JS_UNDEFINED
    }
}

/// Replaces the accessor by a plain property. Returns 0 if that is not allowed, -1 for an exception.
///
/// # Safety
/// See [`assign`].
unsafe fn put(ctx: *mut JSContext, member: *mut Member, this: JSValue, value: JSValue) -> c_int {
    // SAFETY: the value is passed with a reference of its own.
    unsafe {
        qjs::JS_DefinePropertyValue(
            ctx,
            this,
            (*member).name,
            qjs::JS_DupValue(ctx, value),
            PLAIN,
        )
    }
}

/// Makes the accessor return this value from now on. Takes ownership of the value.
///
/// # Safety
/// See [`assign`].
unsafe fn keep(ctx: *mut JSContext, member: *mut Member, value: JSValue) {
    // SAFETY: the old value is freed last.
    unsafe {
        let before = std::mem::replace(&mut (*member).held, value);
        (*member).is_made = true;
        qjs::JS_FreeValue(ctx, before);
    }
}

/// Parses a text. The caller must free the value.
///
/// # Safety
/// The caller must pass a live context and a live text.
unsafe fn made(raw: *mut JSContext, text: JSValue, class: JSClassID) -> JSValue {
    // SAFETY: see above; the caller owns the reference to the value.
    unsafe {
        let (ctx, text) = safe(raw, text);
        let parsed = text
            .get()
            .and_then(|text: String| LazyJson { class }.parse(&ctx, text.as_bytes()));
        match parsed {
            Ok(value) => qjs::JS_DupValue(raw, value.as_raw()),
            Err(error) => raised(raw, &error),
        }
    }
}

/// Throws an error that is not thrown yet: QuickJS expects a pending exception whenever one is returned.
///
/// # Safety
/// The caller must pass a live context.
unsafe fn raised(raw: *mut JSContext, error: &Error) -> JSValue {
    if !error.is_exception() {
        // SAFETY: see above.
        let (ctx, _) = unsafe { safe(raw, qjs::JS_UNDEFINED) };
        Exception::throw_message(&ctx, &error.to_string());
    }
    qjs::JS_EXCEPTION
}

/// Returns the result of `Object.isFrozen`.
///
/// # Safety
/// The caller must pass a live context and a live object.
unsafe fn is_frozen(raw: *mut JSContext, object: JSValue) -> Result<bool> {
    // SAFETY: see above.
    let (ctx, object) = unsafe { safe(raw, object) };
    let built_in: Object<'_> = ctx.globals().get("Object")?;
    let is_frozen: Function<'_> = built_in.get("isFrozen")?;
    is_frozen.call((object,))
}

/// Converts a raw context and a raw value to rquickjs types. The value gets a reference of its own.
///
/// # Safety
/// The caller must pass a live context and a live value.
unsafe fn safe<'js>(raw: *mut JSContext, value: JSValue) -> (Ctx<'js>, Value<'js>) {
    // SAFETY: see above.
    unsafe {
        let ctx = Ctx::from_raw(ptr::NonNull::new_unchecked(raw));
        let value = Value::from_raw(ctx.clone(), qjs::JS_DupValue(raw, value));
        (ctx, value)
    }
}

/// Frees the data of an accessor.
unsafe extern "C" fn finalize(runtime: *mut JSRuntime, accessor: JSValue) {
    // SAFETY: QuickJS calls this once for an object of the class.
    unsafe {
        if let Some(member) = native::free_data::<Member>(runtime, accessor) {
            qjs::JS_FreeAtomRT(runtime, member.name);
            qjs::JS_FreeValueRT(runtime, member.held);
        }
    }
}

/// Marks the values of an accessor for the cycle collector.
unsafe extern "C" fn mark(runtime: *mut JSRuntime, accessor: JSValue, mark: qjs::JS_MarkFunc) {
    // SAFETY: as in `finalize`; marking runs no script code.
    unsafe {
        if let Some(member) = native::data_of::<Member>(accessor).as_ref() {
            qjs::JS_MarkValue(runtime, member.held, mark);
        }
    }
}
