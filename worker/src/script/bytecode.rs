//! The engine's own JavaScript, compiled once per process. Parsing source text takes most of the time to
//! create a context; reading bytecode takes a fraction of that.
//!
//! Only bytecode that this process compiled is read, because QuickJS does not validate bytecode.

use std::ffi::CString;
use std::sync::OnceLock;

use rquickjs::qjs::{self, JSContext, JSValue};
use rquickjs::{Ctx, Error, FromJs, Function, Result, Value};

const FLAGS: u32 =
    qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_STRICT | qjs::JS_EVAL_FLAG_COMPILE_ONLY;

/// The cached bytecode of one module.
#[derive(Default)]
pub struct Compiled(OnceLock<Box<[u8]>>);

impl Compiled {
    /// Creates the cache of a module that is not compiled yet.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Returns the function that the source of the module evaluates to. `source` is called only if there is
    /// no bytecode yet. `name` is the module's name in error messages.
    ///
    /// # Errors
    /// Returns an error if memory cannot be allocated or the source is not valid JavaScript.
    pub fn function<'js>(
        &self,
        ctx: &Ctx<'js>,
        name: &str,
        source: impl FnOnce() -> String,
    ) -> Result<Function<'js>> {
        let raw = ctx.as_raw().as_ptr();
        // SAFETY: the context is alive; QuickJS wrote the bytecode. `JS_EvalFunction` takes ownership of its
        // argument.
        let value = unsafe {
            let code = match self.0.get() {
                Some(bytes) => read(raw, bytes)?,
                None => {
                    let code = compiled(raw, name, source())?;
                    match written(raw, code) {
                        // Two threads may compile it at the same time, with the same result.
                        Ok(bytes) => drop(self.0.set(bytes)),
                        Err(error) => {
                            qjs::JS_FreeValue(raw, code);
                            return Err(error);
                        }
                    }
                    code
                }
            };
            Value::from_raw(ctx.clone(), checked(qjs::JS_EvalFunction(raw, code))?)
        };
        Function::from_js(ctx, value)
    }
}

/// # Safety
/// The caller must pass a live context. The caller owns the result, as with the other functions here.
unsafe fn compiled(ctx: *mut JSContext, name: &str, source: String) -> Result<JSValue> {
    let (name, length) = (CString::new(name)?, source.len());
    let source = CString::new(source)?;
    // SAFETY: see above; QuickJS copies both strings.
    checked(unsafe { qjs::JS_Eval(ctx, source.as_ptr(), length as _, name.as_ptr(), FLAGS as _) })
}

/// # Safety
/// The caller must pass a live context and bytes that [`written`] returned.
unsafe fn read(ctx: *mut JSContext, bytes: &[u8]) -> Result<JSValue> {
    let flags = qjs::JS_READ_OBJ_BYTECODE as _;
    // SAFETY: see above; QuickJS copies what it keeps.
    checked(unsafe { qjs::JS_ReadObject(ctx, bytes.as_ptr(), bytes.len() as _, flags) })
}

/// # Safety
/// The caller must pass a live context and a value that [`compiled`] returned.
unsafe fn written(ctx: *mut JSContext, code: JSValue) -> Result<Box<[u8]>> {
    let mut length = 0;
    // SAFETY: see above; the buffer is `length` bytes long and is freed once.
    unsafe {
        let flags = qjs::JS_WRITE_OBJ_BYTECODE as _;
        let buffer = qjs::JS_WriteObject(ctx, &raw mut length, code, flags);
        if buffer.is_null() {
            return Err(Error::Exception);
        }
        let bytes = Box::from(std::slice::from_raw_parts(buffer, length as usize));
        qjs::js_free(ctx, buffer.cast());
        Ok(bytes)
    }
}

fn checked(value: JSValue) -> Result<JSValue> {
    // SAFETY: only the tag is read.
    let is_exception = unsafe { qjs::JS_IsException(value) };
    if is_exception {
        Err(Error::Exception)
    } else {
        Ok(value)
    }
}
