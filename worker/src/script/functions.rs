//! Defines functions of the engine in JavaScript.

use rquickjs::function::IntoJsFunc;
use rquickjs::{Ctx, Error, Exception, Function, Object, Result};

/// Defines a function as a member of an object.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define<'js, P>(
    object: &Object<'js>,
    name: &str,
    function: impl IntoJsFunc<'js, P> + 'js,
) -> Result<()> {
    let ctx = object.ctx().clone();
    object.set(name, Function::new(ctx, function)?)
}

/// Throws an `Error` with this message.
pub fn throw(ctx: &Ctx<'_>, words: &str) -> Error {
    Exception::throw_message(ctx, words)
}

/// Converts a binary string, which has one character per byte, to bytes.
pub fn bytes_of(text: &str) -> Vec<u8> {
    // Characters above 0xFF do not come from the engine's own modules.
    text.chars().map(|letter| letter as u32 as u8).collect()
}

/// Converts bytes to a binary string, which has one character per byte.
pub fn text_of(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
