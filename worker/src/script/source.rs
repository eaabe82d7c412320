//! The scripts of a run: their texts, and whether they are JavaScript at all.

use rquickjs::context::EvalOptions;
use rquickjs::{Coerced, Context, Ctx, Function, Runtime, Value};
use vayu_shared::units::{Nanos, SECOND};

use super::error::ScriptError;
use crate::clock;

/// What scripts are called in stacks: the one before the request, the one after.
pub const NAMES: [&str; 2] = ["pre-request script", "test script"];

// A script is a function within one that gives it `pm` as a variable: it would be looked
// for in the global object otherwise, at each place, for a tenth of the time of a short script.
// All heads have one length.
const WITH_PM: &str = "(function(){const pm=arguments[0];return ";
const PLAIN: &str = "(function(){                        return ";
// With a semicolon, so that `use strict` at the head of a script is none, as in Postman.
const SYNC: &str = "function(){      ;";
const ASYNC: &str = "async function(){;";
const END: &str = "\n}";
const END_OF_ALL: &str = "})";
/// Columns of the first line before the script itself.
pub const WRAPPER_COLUMNS: u32 = (WITH_PM.len() + SYNC.len()) as u32;
/// What compiling may take.
const CHECK_TIME: Nanos = SECOND;
const CHECK_MEMORY: usize = 64 * 1024 * 1024;

/// The two scripts of a request; an empty text is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scripts {
    /// The one before the request.
    pub pre: String,
    /// The one after the response.
    pub test: String,
}

impl Scripts {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.has_pre() && !self.has_test()
    }

    /// Whether there is one before the request.
    #[must_use]
    pub fn has_pre(&self) -> bool {
        !self.pre.trim().is_empty()
    }

    /// Whether there is one after the response.
    #[must_use]
    pub fn has_test(&self) -> bool {
        !self.test.trim().is_empty()
    }

    /// Whether the one after the response may wait for something: also a matter of
    /// words, and one that finds another way has its waiting cut off.
    #[must_use]
    pub fn may_wait(&self) -> bool {
        const WORDS: [&str; 11] = [
            "Promise",
            "async",
            "await",
            "then",
            "setTimeout",
            "setInterval",
            "setImmediate",
            "sendRequest",
            "queueMicrotask",
            "eval",
            "Function",
        ];
        WORDS.iter().any(|word| self.test.contains(word))
    }

    /// Whether they have words that change objects of `pm`: that freeze one, as the response,
    /// which is told of the next iteration's then no more, or put members into a scope.
    #[must_use]
    pub fn may_change_pm(&self) -> bool {
        [&self.pre, &self.test].iter().any(|text| {
            text.contains("freeze")
                || text.contains("seal")
                || SCOPES.iter().any(|scope| is_handled(text, scope))
        })
    }

    /// Whether they have words that change the assertions' library.
    #[must_use]
    pub fn may_change_chai(&self) -> bool {
        const WORDS: [&str; 4] = ["Assertion", "config", ".use", "util"];
        [&self.pre, &self.test]
            .iter()
            .any(|text| text.contains("chai") && WORDS.iter().any(|word| text.contains(word)))
    }

    /// Whether they have the word `null`: those that have not do not throw it.
    #[must_use]
    pub fn may_throw_null(&self) -> bool {
        self.pre.contains("null") || self.test.contains("null")
    }

    /// Whether there is something in them with which names may be left in the global
    /// object. It is a matter of words, too.
    #[must_use]
    pub fn may_leave_names(&self) -> bool {
        may_leave_names(&self.pre) || may_leave_names(&self.test)
    }

    /// Whether there is something in them with which built-ins may be changed.
    /// It is a matter of words: who hides it, hides it from the next iteration's
    /// variables of the same run, and from nobody else's.
    #[must_use]
    pub fn may_change_built_ins(&self) -> bool {
        const WORDS: [&str; 10] = [
            "prototype",
            "__proto__",
            "PrototypeOf",
            "defineProperty",
            "defineProperties",
            "constructor",
            "Reflect",
            "globalThis",
            "eval",
            "Function",
        ];
        const OBJECTS: [&str; 11] = [
            "JSON", "Math", "Date", "Object", "Array", "String", "Number", "Promise", "Symbol",
            "RegExp", "Map",
        ];
        let texts = [&self.pre, &self.test];
        texts.iter().any(|text| {
            WORDS.iter().any(|word| text.contains(word))
                || OBJECTS.iter().any(|name| is_assigned_to(text, name))
        })
    }
}

/// What variables lie in, as members of `pm`.
const SCOPES: [&str; 5] = [
    "environment",
    "globals",
    "collectionVariables",
    "variables",
    "iterationData",
];

/// What scripts do with variables.
const SCOPE_MEMBERS: [&str; 8] = [
    "get",
    "set",
    "has",
    "unset",
    "clear",
    "toObject",
    "toJSON",
    "replaceIn",
];

/// Words with which a script gets at the global object, or may.
const WAYS_TO_GLOBALS: [&str; 6] = ["this", "global", "eval", "Function", "constructor", "with"];

/// Whether a text may leave names in the global object: it reaches the object itself, or
/// assigns to something that may be neither a member nor a variable of its own.
fn may_leave_names(text: &str) -> bool {
    WAYS_TO_GLOBALS.iter().any(|word| text.contains(word))
        || text
            .match_indices('=')
            .any(|(place, _)| is_assignment(text, place) && !is_own(&text[..place]))
        || text
            .match_indices("for")
            .any(|(place, word)| loops_over_name(&text[place + word.len()..]))
}

/// Whether the sign at a place assigns; compares and arrows do not.
fn is_assignment(text: &str, place: usize) -> bool {
    let next = text[place + 1..].chars().next();
    let mut before = text[..place].chars().rev();
    match (before.next(), next) {
        (_, Some('>')) | (Some('=' | '!'), _) => false,
        (mark @ Some('<' | '>'), _) => before.next() == mark,
        (_, next) => next != Some('='),
    }
}

/// Whether what stands before an assignment ends with a member, as in `a.b`, or declares
/// a single variable.
fn is_own(before: &str) -> bool {
    let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    let operators = ['+', '-', '*', '/', '%', '&', '|', '^', '?', '<', '>'];
    let target = before.trim_end_matches(operators).trim_end();
    let head = target.trim_end_matches(is_of_name);
    // Within the line: what stands at the end of the one above may be a comment.
    let words_before = head.trim_end_matches([' ', '\t']);
    let is_member = words_before.ends_with('.') && !words_before.ends_with("..");
    let is_declared = ["const", "let", "var"].iter().any(|word| {
        let rest = words_before.strip_suffix(word);
        rest.is_some_and(|rest| !rest.ends_with(is_of_name))
    });
    head.len() < target.len() && (is_member || is_declared && words_before.len() < head.len())
}

/// Whether a loop, from behind its `for`, puts values into something it does not declare.
fn loops_over_name(rest: &str) -> bool {
    let head = rest.trim_start().strip_prefix('(').map(str::trim_start);
    head.is_some_and(|head| {
        let declares = ["const ", "let ", "var ", ";"];
        !declares.iter().any(|word| head.starts_with(word))
    })
}

/// Whether a member of an object, or the object itself, is assigned to.
fn is_assigned_to(text: &str, name: &str) -> bool {
    let mut places = text.match_indices(name);
    places.any(|(place, _)| {
        let rest = text[place + name.len()..].trim_start();
        let member = rest.strip_prefix('.').map(str::trim_start);
        let rest = match member {
            Some(member) => member.trim_start_matches(|letter: char| {
                letter.is_alphanumeric() || letter == '_' || letter == '$'
            }),
            None => rest,
        };
        let rest = rest.trim_start();
        rest.starts_with('[')
            || rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>")
    })
}

/// Whether a text has a scope's name without a call of one of its members after it: it may do
/// anything with it then.
fn is_handled(text: &str, scope: &str) -> bool {
    let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    text.match_indices(scope).any(|(place, _)| {
        let rest = text[place + scope.len()..].trim_start();
        let member = rest.strip_prefix("?.").or_else(|| rest.strip_prefix('.'));
        let member = member.unwrap_or_default().trim_start();
        let end = member.find(|letter| !is_of_name(letter));
        let (name, after) = member.split_at(end.unwrap_or(member.len()));
        !SCOPE_MEMBERS.contains(&name) || !after.trim_start().starts_with('(')
    })
}

/// Makes a function of a script, which knows `pm` by that name. It is `async` only where
/// the text is not JavaScript otherwise, as with `await` at the top.
///
/// # Errors
/// What is wrong with the text, and where.
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
    // Assigning to `pm` is nothing that fails.
    let outer = if is_assigned_to(text, "pm") {
        PLAIN
    } else {
        WITH_PM
    };
    let source = format!("{outer}{head}{text}{END}{END_OF_ALL}");
    let around = ctx.eval_with_options::<Function<'js>, _>(source.as_str(), options);
    let function = around.and_then(|around| around.call::<_, Function<'js>>((pm.clone(),)));
    let function = function.map_err(|_| ScriptError::caught(ctx))?;
    // A text that closes the function around it is more than a function's body.
    let shown = function.as_value().get::<Coerced<String>>();
    let whole = &source[outer.len()..source.len() - END_OF_ALL.len()];
    if shown.is_ok_and(|shown| whole == shown.0) {
        Ok(function)
    } else {
        Err(ScriptError::new(
            "SyntaxError: a closing brace has no opening one",
        ))
    }
}

/// Whether texts are JavaScript; if not, which one of [`NAMES`] is not.
///
/// # Errors
/// What is wrong with the text, and where.
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
mod tests {
    use super::*;

    fn test_script(text: &str) -> Scripts {
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

    #[test]
    fn assignments_tell_who_may_leave_names() {
        for text in [
            "x = 1",
            "let a; a = 1",
            "[a, b] = c",
            "a['b'] = 1",
            "x += 1",
            "x <<= 1",
            "x >>>= 1",
            "x ??= 1",
            "for (x of [1]) {}",
            "for(x in y) {}",
            "this.x",
            "globalThis",
            "let a = 1, b = 2",
            "...a = 1",
            "outlet x = 1",
            "// Keep it.\nx = 1",
            "// in a var\nx = 1",
        ] {
            assert!(may_leave_names(text), "{text}");
        }
        for text in [
            "const a = 1; let b = a == 2 || a === 3 || a != 4 || a !== 5",
            "var f = (a) => a <= 1 && a >= 2",
            "a.b = 1; a . c = 2; a().d += 3",
            "for (let i = 0; i < 3; i++) {}",
            "for (const x of [1]) {}",
            "pm.test('ok', () => { pm.expect(pm.response.code).to.equal(200); });",
            "forty(x)",
        ] {
            assert!(!may_leave_names(text), "{text}");
        }
    }

    #[test]
    fn words_tell_who_may_change_built_ins_or_pm() {
        for text in [
            "Array.prototype.x = 1",
            "Math.random = f",
            "JSON [ 'parse' ] = f",
            "eval(x)",
            "Date = 1",
        ] {
            assert!(test_script(text).may_change_built_ins(), "{text}");
        }
        for text in [
            "pm.environment.x = 1",
            "pm.globals['x'] = 1",
            "pm.environment.seen ??= 1",
            "pm.environment.get = f",
            "const env = pm.environment; env.x = 1",
            "Object.assign(pm.variables, {x: 1})",
            "Object.freeze(pm.response)",
        ] {
            assert!(test_script(text).may_change_pm(), "{text}");
        }
        for text in ["pm.environment.get('x') == 1", "pm.variables.set('a', b)"] {
            assert!(!test_script(text).may_change_pm(), "{text}");
        }
        for text in [
            "JSON.parse(x) == 1",
            "const d = new Date()",
            "Object.keys(a)",
            "Math.max(1, 2) === 2",
        ] {
            assert!(!test_script(text).may_change_built_ins(), "{text}");
        }
    }
}
