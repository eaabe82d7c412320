//! Members of parsed JSON that are made when a script reads them: until then each is an accessor over
//! its text. Everything but what looks at the property's descriptor, or changes it in part, finds what
//! `JSON.parse` would have put there.
//!
//! The accessor is one object of QuickJS's that is both getter (called without a value) and setter
//! (called with one). It handles bare values, as [`super::super::assertion`] does and for the same reason.

use std::ffi::c_int;
use std::ptr;

use rquickjs::qjs::{self, JSAtom, JSClassID, JSContext, JSRuntime, JSValue};
use rquickjs::{Ctx, Error, Exception, Function, Object, Result, Value};

use super::LazyJson;
use crate::script::native;

/// What `JSON.parse` gives a member.
const PLAIN: c_int =
    (qjs::JS_PROP_CONFIGURABLE | qjs::JS_PROP_WRITABLE | qjs::JS_PROP_ENUMERABLE) as c_int;

/// What stands behind an accessor.
struct Member {
    name: JSAtom,
    /// Its JSON text, and its value once that is made.
    held: JSValue,
    is_made: bool,
}

/// A class of accessors. Once per context.
///
/// # Errors
/// When there is no memory.
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

/// Whether a value is such an accessor.
pub fn is_accessor(value: &Value<'_>, class: JSClassID) -> bool {
    // SAFETY: the value is alive.
    unsafe { !qjs::JS_GetOpaque(value.as_raw(), class).is_null() }
}

/// Gives an object a member whose JSON text is parsed when it is read.
///
/// # Errors
/// When there is no memory.
pub fn define_later(object: &Object<'_>, name: &str, text: &str, class: JSClassID) -> Result<()> {
    let ctx = object.ctx().as_raw().as_ptr();
    // SAFETY: the context and the object are alive. The accessor has its class's kind of data behind it from
    // the start; both references to it go to the property, and it frees what it holds.
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

/// Calls an accessor: without a value to read the member, with one to assign it.
unsafe extern "C" fn call(
    ctx: *mut JSContext,
    accessor: JSValue,
    this: JSValue,
    count: c_int,
    arguments: *mut JSValue,
    _flags: c_int,
) -> JSValue {
    let mut class = 0;
    // SAFETY: QuickJS calls this for an object of the class, which its caller keeps alive; no reference
    // to the data is held while anything else is called.
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
/// The context, the member and `this` are alive.
unsafe fn read(
    ctx: *mut JSContext,
    member: *mut Member,
    this: JSValue,
    class: JSClassID,
) -> JSValue {
    // SAFETY: as said; see `call`.
    unsafe {
        if !(*member).is_made {
            let value = made(ctx, (*member).held, class);
            if qjs::JS_IsException(value) {
                return value;
            }
            keep(ctx, member, value);
            // In a sealed object this fails, and the accessor stays in its place.
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
/// As of [`read`]; the value is alive.
unsafe fn assign(
    ctx: *mut JSContext,
    member: *mut Member,
    this: JSValue,
    value: JSValue,
) -> JSValue {
    // SAFETY: as said; see `call`.
    unsafe {
        if !qjs::JS_IsObject(this) {
            return qjs::JS_UNDEFINED;
        }
        let done = put(ctx, member, this, value);
        if done < 0 {
            return qjs::JS_EXCEPTION;
        }
        if done == 0 {
            // It was sealed or frozen: only what is sealed takes other values.
            match is_frozen(ctx, this) {
                Ok(true) => {}
                Ok(false) => keep(ctx, member, qjs::JS_DupValue(ctx, value)),
                Err(error) => return raised(ctx, &error),
            }
        }
        qjs::JS_UNDEFINED
    }
}

/// Makes the property a plain one; 0 where that is not allowed, -1 for an exception.
///
/// # Safety
/// As of [`assign`].
unsafe fn put(ctx: *mut JSContext, member: *mut Member, this: JSValue, value: JSValue) -> c_int {
    // SAFETY: the value is given with a reference of its own.
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

/// The accessor answers this from now on, which is given to it.
///
/// # Safety
/// As of [`assign`].
unsafe fn keep(ctx: *mut JSContext, member: *mut Member, value: JSValue) {
    // SAFETY: what was there is freed last.
    unsafe {
        let before = std::mem::replace(&mut (*member).held, value);
        (*member).is_made = true;
        qjs::JS_FreeValue(ctx, before);
    }
}

/// The value of a text, the caller's to free.
///
/// # Safety
/// The context and the text are alive.
unsafe fn made(raw: *mut JSContext, text: JSValue, class: JSClassID) -> JSValue {
    // SAFETY: as said; the reference to the value is given on.
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

/// Throws an error that is not thrown yet: QuickJS expects one wherever there is an exception.
///
/// # Safety
/// The context is alive.
unsafe fn raised(raw: *mut JSContext, error: &Error) -> JSValue {
    if !error.is_exception() {
        // SAFETY: as said.
        let (ctx, _) = unsafe { safe(raw, qjs::JS_UNDEFINED) };
        Exception::throw_message(&ctx, &error.to_string());
    }
    qjs::JS_EXCEPTION
}

/// What `Object.isFrozen` says.
///
/// # Safety
/// The context and the object are alive.
unsafe fn is_frozen(raw: *mut JSContext, object: JSValue) -> Result<bool> {
    // SAFETY: as said.
    let (ctx, object) = unsafe { safe(raw, object) };
    let built_in: Object<'_> = ctx.globals().get("Object")?;
    let is_frozen: Function<'_> = built_in.get("isFrozen")?;
    is_frozen.call((object,))
}

/// A context, and a value with a reference of its own, as rquickjs has them.
///
/// # Safety
/// Both are alive.
unsafe fn safe<'js>(raw: *mut JSContext, value: JSValue) -> (Ctx<'js>, Value<'js>) {
    // SAFETY: as said.
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

/// Tells the collector of cycles what an accessor holds.
unsafe extern "C" fn mark(runtime: *mut JSRuntime, accessor: JSValue, mark: qjs::JS_MarkFunc) {
    // SAFETY: as in `finalize`; marking calls nothing of a script's.
    unsafe {
        if let Some(member) = native::data_of::<Member>(accessor).as_ref() {
            qjs::JS_MarkValue(runtime, member.held, mark);
        }
    }
}
