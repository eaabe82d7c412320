//! Compiles scripts, and checks that a text is valid JavaScript.

use rquickjs::context::EvalOptions;
use rquickjs::{Coerced, Context, Ctx, Function, Runtime, Value};
use vayu_shared::units::{Nanos, SECOND};

use super::error::ScriptError;
use super::guess::assigns_to;
use super::scripts::Scripts;
use super::wrapper::{ASYNC, END, END_OF_ALL, NAMES, PLAIN, SYNC, WITH_PM};
use crate::clock;

/// Limits of the compilation in a check.
const CHECK_TIME: Nanos = SECOND;
const CHECK_MEMORY: usize = 64 * 1024 * 1024;

/// Compiles a script to a function that has `pm` in scope. The function is `async` only if the text is not
/// valid JavaScript otherwise, as with a top-level `await`.
///
/// # Errors
/// Returns an error if the text is not valid JavaScript, with the position.
pub fn compile<'js>(
    ctx: &Ctx<'js>,
    name: &str,
    text: &str,
    pm: &Value<'js>,
) -> Result<Function<'js>, ScriptError> {
    wrapped(ctx, name, text, pm, SYNC).or_else(|error| {
        if text.contains("await") {
            wrapped(ctx, name, text, pm, ASYNC).map_err(|_| error)
        } else {
            Err(error)
        }
    })
}

fn wrapped<'js>(
    ctx: &Ctx<'js>,
    name: &str,
    text: &str,
    pm: &Value<'js>,
    head: &str,
) -> Result<Function<'js>, ScriptError> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name.to_owned());
    // An assignment to `pm` must not fail.
    let outer = if assigns_to(text, "pm") {
        PLAIN
    } else {
        WITH_PM
    };
    let source = format!("{outer}{head}{text}{END}{END_OF_ALL}");
    let around = ctx.eval_with_options::<Function<'js>, _>(source.as_str(), options);
    let function = around.and_then(|around| around.call::<_, Function<'js>>((pm.clone(),)));
    let function = function.map_err(|_| ScriptError::caught(ctx))?;
    // A text that closes the function around it contains more than a function body.
    let shown = function.as_value().get::<Coerced<String>>();
    let whole = &source[outer.len()..source.len() - END_OF_ALL.len()];
    if shown.is_ok_and(|shown| whole == shown.0) {
        Ok(function)
    } else {
        Err(ScriptError::new("SyntaxError: unmatched closing brace"))
    }
}

/// Checks that the scripts are valid JavaScript.
///
/// # Errors
/// Returns the name from [`NAMES`] of the first invalid script, and the error with its position.
pub fn check(scripts: &Scripts) -> Result<(), (&'static str, ScriptError)> {
    if scripts.is_empty() {
        return Ok(());
    }
    let internal = |error: rquickjs::Error| (NAMES[0], ScriptError::new(error.to_string()));
    let runtime = Runtime::new().map_err(internal)?;
    let context = Context::full(&runtime).map_err(internal)?;
    runtime.set_memory_limit(CHECK_MEMORY);
    let deadline = clock::now().saturating_add(CHECK_TIME);
    runtime.set_interrupt_handler(Some(Box::new(move || clock::now() > deadline)));
    context.with(|ctx| {
        for (name, text) in NAMES.into_iter().zip([&scripts.pre, &scripts.test]) {
            compile(&ctx, name, text, &Value::new_undefined(ctx.clone()))
                .map_err(|error| (name, error))?;
        }
        Ok(())
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A test script without a pre-request script.
    pub fn test_script(text: &str) -> Scripts {
        Scripts {
            test: text.to_owned(),
            ..Scripts::default()
        }
    }

    #[test]
    fn syntax_errors_have_a_place() {
        for (text, place) in [("let a = ;", (1, 9)), ("ok();\n  let b = ];", (2, 11))] {
            let (name, error) = check(&test_script(text)).expect_err("no JavaScript");
            assert_eq!(name, NAMES[1]);
            assert!(error.message.starts_with("SyntaxError"), "{error}");
            assert_eq!(error.place, Some(place), "{text}: {error}");
        }
    }

    #[test]
    fn a_script_stays_within_its_function() {
        for text in ["})(", "}); (function(){", "}, () => { for (;;) {}"] {
            let (_, error) = check(&test_script(text)).expect_err("more than a body");
            assert!(error.message.starts_with("SyntaxError"), "{text}: {error}");
        }
    }

    #[test]
    fn what_collections_write_is_javascript() {
        for text in [
            "return 1",
            "await pm.sendRequest('x')",
            "x = 1; // end",
            "if (a) { return }",
            "let {a} = b",
        ] {
            assert_eq!(check(&test_script(text)), Ok(()), "{text}");
        }
    }
}
