//! QuickJS's C interface for the native functions and objects of scripts: functions that QuickJS calls
//! directly, and classes of objects with Rust data. The modules that use it define what they do.
//!
//! A [`JSValue`] here is borrowed from the caller unless a function says that it passes on ownership.

use std::ffi::{c_int, c_void};

use rquickjs::qjs::{self, JSClassDef, JSClassID, JSContext, JSRuntime, JSValue};
use rquickjs::{Ctx, Error, Object, Result, Value};

/// A function with QuickJS's calling convention: context, `this`, arguments, and the number and the values
/// that it was created with.
pub type Native = unsafe extern "C" fn(
    *mut JSContext,
    JSValue,
    c_int,
    *mut JSValue,
    c_int,
    *mut JSValue,
) -> JSValue;

/// Creates a JavaScript function from a native one, with a number and values that every call receives.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn function<'js>(
    ctx: &Ctx<'js>,
    native: Native,
    number: JSClassID,
    given: &[Value<'js>],
) -> Result<Value<'js>> {
    let mut data: Vec<JSValue> = given.iter().map(Value::as_raw).collect();
    // SAFETY: the context is alive and owns all values; QuickJS keeps references of its own to those given.
    // `Value` takes ownership of the new value.
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

/// Returns an argument, or undefined if there are fewer.
///
/// # Safety
/// The caller must pass `arguments` that hold `count` values.
pub unsafe fn argument(count: c_int, arguments: *mut JSValue, place: c_int) -> JSValue {
    if place < count {
        // SAFETY: the index is less than `count`.
        unsafe { *arguments.offset(place as isize) }
    } else {
        qjs::JS_UNDEFINED
    }
}

/// Creates a class whose objects have this prototype. Called once per context and class.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn new_class<'js>(
    ctx: &Ctx<'js>,
    definition: &JSClassDef,
    prototype: &Object<'js>,
) -> Result<JSClassID> {
    let raw = ctx.as_raw().as_ptr();
    let mut class = 0;
    // SAFETY: the context is alive. QuickJS copies the definition and receives a reference of its own to the
    // prototype.
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

/// Creates an object of a class with this data. Returns an exception if memory cannot be allocated. The
/// caller owns the result. The data is in QuickJS's memory, so that it counts against the limit of scripts;
/// `data` is called only after the allocation.
///
/// # Safety
/// The caller must pass a live context. `T` must be the data of the class, and the finalizer of the class
/// must call [`free_data`].
pub unsafe fn new_object<T>(
    ctx: *mut JSContext,
    class: JSClassID,
    data: impl FnOnce() -> T,
) -> JSValue {
    // SAFETY: the memory is large enough, and aligned for any type.
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

/// Creates an object like [`new_object`], as a rquickjs value.
///
/// # Safety
/// See [`new_object`].
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub unsafe fn new_value<'js, T>(
    ctx: &Ctx<'js>,
    class: JSClassID,
    data: impl FnOnce() -> T,
) -> Result<Value<'js>> {
    // SAFETY: see above; `Value` takes ownership of the object.
    unsafe {
        let object = new_object(ctx.as_raw().as_ptr(), class, data);
        if qjs::JS_IsException(object) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), object))
    }
}

/// Returns the data of an object that [`new_object`] created, null while it is being created. The data lives
/// as long as the object.
///
/// # Safety
/// The caller must pass an object that is alive or being finalized, of a class whose data is `T`.
pub unsafe fn data_of<T>(object: JSValue) -> *mut T {
    let mut class = 0;
    // SAFETY: see above.
    unsafe { qjs::JS_GetAnyOpaque(object, &raw mut class).cast() }
}

/// Takes the data of an object that is being finalized and frees its memory. Returns `None` if the object
/// never had data. The caller must free the values in the data.
///
/// # Safety
/// See [`data_of`]. Must be called once, by the finalizer.
pub unsafe fn free_data<T>(runtime: *mut JSRuntime, object: JSValue) -> Option<T> {
    // SAFETY: see above; the memory is not used after it is read here.
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
