//! Gives functions of the engine to JavaScript.

use rquickjs::function::IntoJsFunc;
use rquickjs::{Ctx, Error, Exception, Function, Object, Result};

/// Puts a function into an object.
///
/// # Errors
/// When there is no memory.
pub fn define<'js, P>(
    object: &Object<'js>,
    name: &str,
    function: impl IntoJsFunc<'js, P> + 'js,
) -> Result<()> {
    let ctx = object.ctx().clone();
    object.set(name, Function::new(ctx, function)?)
}

/// An `Error` with these words, thrown.
pub fn throw(ctx: &Ctx<'_>, words: &str) -> Error {
    Exception::throw_message(ctx, words)
}

/// Bytes of a text that has one letter for each.
pub fn bytes_of(text: &str) -> Vec<u8> {
    // Letters beyond a byte do not come from the engine's own modules.
    text.chars().map(|letter| letter as u32 as u8).collect()
}

/// A text with one letter for each byte.
pub fn text_of(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
