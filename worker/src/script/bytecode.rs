//! The engine's own JavaScript, compiled once per process: most of the time a context takes to be made is QuickJS
//! reading source text, and QuickJS reads its own bytecode in a fraction of that.
//!
//! Only what this process compiled itself is read; QuickJS does not check bytecode.

use std::ffi::CString;
use std::sync::OnceLock;

use rquickjs::qjs::{self, JSContext, JSValue};
use rquickjs::{Ctx, Error, FromJs, Function, Result, Value};

const FLAGS: u32 =
    qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_STRICT | qjs::JS_EVAL_FLAG_COMPILE_ONLY;

/// A place for the bytecode of one module.
#[derive(Default)]
pub struct Compiled(OnceLock<Box<[u8]>>);

impl Compiled {
    /// Of a module that nobody has compiled yet.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The function that the source text of the module evaluates to; the text is asked for where there is no bytecode
    /// yet. `name` is what errors call the module.
    ///
    /// # Errors
    /// When there is no memory, or the text is no JavaScript.
    pub fn function<'js>(
        &self,
        ctx: &Ctx<'js>,
        name: &str,
        source: impl FnOnce() -> String,
    ) -> Result<Function<'js>> {
        let raw = ctx.as_raw().as_ptr();
        // SAFETY: the context is alive; the bytecode is QuickJS's own. `JS_EvalFunction` takes what it evaluates.
        let value = unsafe {
            let code = match self.0.get() {
                Some(bytes) => read(raw, bytes)?,
                None => {
                    let code = compiled(raw, name, source())?;
                    match written(raw, code) {
                        // Two threads may have compiled it at the same time, to the same.
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
/// The context is alive. The value is the caller's to give away, as of the others here.
unsafe fn compiled(ctx: *mut JSContext, name: &str, source: String) -> Result<JSValue> {
    let (name, length) = (CString::new(name)?, source.len());
    let source = CString::new(source)?;
    // SAFETY: as said; QuickJS copies both texts.
    checked(unsafe { qjs::JS_Eval(ctx, source.as_ptr(), length as _, name.as_ptr(), FLAGS as _) })
}

/// # Safety
/// The context is alive, and the bytes are of [`written`].
unsafe fn read(ctx: *mut JSContext, bytes: &[u8]) -> Result<JSValue> {
    let flags = qjs::JS_READ_OBJ_BYTECODE as _;
    // SAFETY: as said; QuickJS copies what it keeps.
    checked(unsafe { qjs::JS_ReadObject(ctx, bytes.as_ptr(), bytes.len() as _, flags) })
}

/// # Safety
/// The context is alive, and the value is of [`compiled`].
unsafe fn written(ctx: *mut JSContext, code: JSValue) -> Result<Box<[u8]>> {
    let mut length = 0;
    // SAFETY: as said; the buffer has so many bytes and is freed once.
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
    // SAFETY: only the tag is looked at.
    let is_exception = unsafe { qjs::JS_IsException(value) };
    if is_exception {
        Err(Error::Exception)
    } else {
        Ok(value)
    }
}
