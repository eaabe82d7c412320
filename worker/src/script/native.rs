//! QuickJS's C interface as the scripts' native functions and objects use it: functions that QuickJS calls directly,
//! and classes of objects with Rust data. What they do stands with them.
//!
//! A [`JSValue`] here is borrowed from the caller unless a function says that it gives one away.

use std::ffi::{c_int, c_void};

use rquickjs::qjs::{self, JSClassDef, JSClassID, JSContext, JSRuntime, JSValue};
use rquickjs::{Ctx, Error, Object, Result, Value};

/// A function as QuickJS calls it: context, `this`, arguments, the number it was made with, and the values it was
/// made with.
pub type Native = unsafe extern "C" fn(
    *mut JSContext,
    JSValue,
    c_int,
    *mut JSValue,
    c_int,
    *mut JSValue,
) -> JSValue;

/// A function of JavaScript that is this one, made with a number and values.
///
/// # Errors
/// When there is no memory.
pub fn function<'js>(
    ctx: &Ctx<'js>,
    native: Native,
    number: JSClassID,
    given: &[Value<'js>],
) -> Result<Value<'js>> {
    let mut data: Vec<JSValue> = given.iter().map(Value::as_raw).collect();
    // SAFETY: the context is alive and has all values; QuickJS keeps references of its own
    // to those given. The new value is handed to `Value`.
    unsafe {
        let value = qjs::JS_NewCFunctionData(
            ctx.as_raw().as_ptr(),
            Some(native),
            0,
            number as c_int,
            data.len() as c_int,
            data.as_mut_ptr(),
        );
        if qjs::JS_IsException(value) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), value))
    }
}

/// An argument, or undefined where there are fewer.
///
/// # Safety
/// `arguments` has `count` values.
pub unsafe fn argument(count: c_int, arguments: *mut JSValue, place: c_int) -> JSValue {
    if place < count {
        // SAFETY: it is one of them.
        unsafe { *arguments.offset(place as isize) }
    } else {
        qjs::JS_UNDEFINED
    }
}

/// A new class, whose objects have this prototype. Once per context.
///
/// # Errors
/// When there is no memory.
pub fn new_class<'js>(
    ctx: &Ctx<'js>,
    definition: &JSClassDef,
    prototype: &Object<'js>,
) -> Result<JSClassID> {
    let raw = ctx.as_raw().as_ptr();
    let mut class = 0;
    // SAFETY: the context is alive. QuickJS copies the definition; the prototype is given
    // to it with a reference of its own.
    unsafe {
        let runtime = qjs::JS_GetRuntime(raw);
        qjs::JS_NewClassID(runtime, &raw mut class);
        if qjs::JS_NewClass(runtime, class, definition) < 0 {
            return Err(Error::Allocation);
        }
        let prototype = qjs::JS_DupValue(raw, prototype.as_value().as_raw());
        qjs::JS_SetClassProto(raw, class, prototype);
    }
    Ok(class)
}

/// A new object of a class with this data, or an exception where there is no memory; the caller's to give away. The
/// data is in QuickJS's memory, so that it counts against the limit of scripts; it is made only when there is some.
///
/// # Safety
/// The context is alive. `T` is the data of the class, whose finalizer calls [`free_data`].
pub unsafe fn new_object<T>(
    ctx: *mut JSContext,
    class: JSClassID,
    data: impl FnOnce() -> T,
) -> JSValue {
    // SAFETY: the memory is large enough, and aligned for anything.
    unsafe {
        let object = qjs::JS_NewObjectClass(ctx, class);
        if qjs::JS_IsException(object) {
            return object;
        }
        let place = qjs::js_malloc(ctx, size_of::<T>() as _).cast::<T>();
        if place.is_null() {
            qjs::JS_FreeValue(ctx, object);
            return qjs::JS_EXCEPTION;
        }
        place.write(data());
        qjs::JS_SetOpaque(object, place.cast::<c_void>());
        object
    }
}

/// The same as a value.
///
/// # Safety
/// As of [`new_object`].
///
/// # Errors
/// When there is no memory.
pub unsafe fn new_value<'js, T>(
    ctx: &Ctx<'js>,
    class: JSClassID,
    data: impl FnOnce() -> T,
) -> Result<Value<'js>> {
    // SAFETY: as said; the object is handed to `Value`.
    unsafe {
        let object = new_object(ctx.as_raw().as_ptr(), class, data);
        if qjs::JS_IsException(object) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), object))
    }
}

/// The data of an object of [`new_object`]; null while it is made. It lives as long as the object does.
///
/// # Safety
/// The object is alive, or being finalized, and of a class whose data is `T`.
pub unsafe fn data_of<T>(object: JSValue) -> *mut T {
    let mut class = 0;
    // SAFETY: as said.
    unsafe { qjs::JS_GetAnyOpaque(object, &raw mut class).cast() }
}

/// Takes the data of an object that is finalized and frees its memory; `None` where it never had any. Values in
/// the data are the caller's to free.
///
/// # Safety
/// As of [`data_of`]; called once, by the finalizer.
pub unsafe fn free_data<T>(runtime: *mut JSRuntime, object: JSValue) -> Option<T> {
    // SAFETY: as said; what is read here is not used there again.
    unsafe {
        let place = data_of::<T>(object);
        if place.is_null() {
            return None;
        }
        let data = place.read();
        qjs::js_free_rt(runtime, place.cast::<c_void>());
        Some(data)
    }
}
