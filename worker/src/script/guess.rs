//! What scripts probably do, guessed from their tokens. Isolation does not depend on the guess: a wrong guess
//! costs time, or leaves a change of a built-in or an undeclared name without effect. See
//! `docs/decisions/0014-isolation.md`.

mod patches;

use super::scripts::Scripts;
use super::tokens::{ScriptToken, tokens};
use patches::patching;

/// Whether scripts change built-ins or libraries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Patching {
    /// Nothing suggests it.
    #[default]
    Unlikely,
    /// They use constructs that such changes are made with.
    Possible,
    /// They assign to a member of a built-in, or call a function that extends a library.
    Certain,
}

/// What scripts probably do. See the module documentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    /// Whether they change built-ins or libraries.
    pub patching: Patching,
    /// Whether they assign to undeclared names.
    pub leaves_names: bool,
    /// Whether they add members to the scopes of `pm`, such as `pm.environment.a = 1`.
    pub changes_scopes: bool,
    /// Whether the test script waits for something.
    pub waits: bool,
    /// Whether they mention `null`, which a script can throw.
    pub mentions_null: bool,
}

impl Guess {
    /// Guesses what two scripts do.
    #[must_use]
    pub fn of(scripts: &Scripts) -> Self {
        let (pre, test) = (tokens(&scripts.pre), tokens(&scripts.test));
        let any = |is_so: fn(&[ScriptToken<'_>]) -> bool| is_so(&pre) || is_so(&test);
        Self {
            patching: patching(&pre).max(patching(&test)),
            leaves_names: any(leaves_names),
            changes_scopes: any(changes_scopes),
            waits: has_any(&test, &WAITING),
            mentions_null: any(|tokens| has_any(tokens, &["null"])),
        }
    }
}

/// Names with which a script waits for something.
const WAITING: [&str; 13] = [
    "Promise",
    "async",
    "await",
    "then",
    "setTimeout",
    "setInterval",
    "setImmediate",
    "sendRequest",
    "subtle",
    "Blob",
    "queueMicrotask",
    "eval",
    "Function",
];

/// Members of `pm` that hold variables.
const SCOPES: [&str; 5] = [
    "environment",
    "globals",
    "collectionVariables",
    "variables",
    "iterationData",
];

/// Methods of scopes.
const SCOPE_METHODS: [&str; 8] = [
    "get",
    "set",
    "has",
    "unset",
    "clear",
    "toObject",
    "toJSON",
    "replaceIn",
];

/// Names with which a script reaches the global object.
const GLOBAL_OBJECT: [&str; 6] = ["this", "global", "globalThis", "eval", "Function", "with"];

const DECLARATIONS: [&str; 3] = ["const", "let", "var"];

/// Keywords that may precede a bracket that is not a member access.
const KEYWORDS: [&str; 9] = [
    "return", "typeof", "case", "in", "of", "delete", "void", "yield", "await",
];

/// Whether a script assigns to `name` or to a member of it.
#[must_use]
pub fn assigns_to(text: &str, name: &str) -> bool {
    let tokens = tokens(text);
    (0..tokens.len()).any(|at| {
        is_name(&tokens, at, name)
            && !is_member(&tokens, at)
            && (is_assignment(tokens.get(at + 1)) || is_punctuator(&tokens, at + 1, "["))
    })
}

fn has_any(tokens: &[ScriptToken<'_>], names: &[&str]) -> bool {
    tokens.iter().any(|token| match token {
        ScriptToken::Name(name) | ScriptToken::Text(name) => names.contains(name),
        _ => false,
    })
}

fn is_name(tokens: &[ScriptToken<'_>], at: usize, name: &str) -> bool {
    tokens.get(at) == Some(&ScriptToken::Name(name))
}

fn is_punctuator(tokens: &[ScriptToken<'_>], at: usize, sign: &str) -> bool {
    tokens.get(at) == Some(&ScriptToken::Punctuator(sign))
}

fn is_dot(token: Option<&ScriptToken<'_>>) -> bool {
    matches!(token, Some(ScriptToken::Punctuator("." | "?.")))
}

/// Returns whether the name at an index is a member, such as `b` in `a.b`.
fn is_member(tokens: &[ScriptToken<'_>], at: usize) -> bool {
    at > 0 && is_dot(tokens.get(at - 1))
}

fn is_assignment(token: Option<&ScriptToken<'_>>) -> bool {
    match token {
        Some(ScriptToken::Punctuator(sign)) => {
            sign.ends_with('=') && !matches!(*sign, "==" | "===" | "!=" | "!==" | "<=" | ">=")
        }
        _ => false,
    }
}

fn is_declaration(token: Option<&ScriptToken<'_>>) -> bool {
    matches!(token, Some(ScriptToken::Name(name)) if DECLARATIONS.contains(name))
}

/// Returns the index of the bracket that opens what the one at `close` closes.
fn opening(tokens: &[ScriptToken<'_>], close: usize) -> Option<usize> {
    let mut depth = 0;
    for at in (0..=close).rev() {
        match tokens[at] {
            ScriptToken::Punctuator(")" | "]" | "}") => depth += 1,
            ScriptToken::Punctuator("(" | "[" | "{") => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn leaves_names(tokens: &[ScriptToken<'_>]) -> bool {
    (0..tokens.len()).any(|at| match tokens[at] {
        ScriptToken::Name("for") => loops_over_name(tokens, at + 1),
        ScriptToken::Name("constructor") => reads_constructor(tokens, at),
        ScriptToken::Name(name) => GLOBAL_OBJECT.contains(&name),
        ScriptToken::Text("constructor") => true,
        ScriptToken::Punctuator(_) => is_assignment(tokens.get(at)) && !has_own_target(tokens, at),
        _ => false,
    })
}

/// Returns whether an assignment targets a member, such as `a.b = 1`, or a declaration of one variable.
fn has_own_target(tokens: &[ScriptToken<'_>], assignment: usize) -> bool {
    let Some(end) = assignment.checked_sub(1) else {
        return false;
    };
    match tokens[end] {
        ScriptToken::Name(_) => {
            let before = end.checked_sub(1).and_then(|at| tokens.get(at));
            is_dot(before)
                || is_declaration(before)
                || before == Some(&ScriptToken::Punctuator("#"))
        }
        ScriptToken::Punctuator("]" | "}") => {
            let before = opening(tokens, end).and_then(|open| open.checked_sub(1));
            let before = before.and_then(|at| tokens.get(at));
            is_declaration(before)
                || tokens[end] == ScriptToken::Punctuator("]") && is_operand(before)
        }
        _ => false,
    }
}

/// Returns whether a bracket after this token reads a member.
fn is_operand(token: Option<&ScriptToken<'_>>) -> bool {
    match token {
        Some(ScriptToken::Name(name)) => !KEYWORDS.contains(name),
        Some(ScriptToken::Punctuator(sign)) => matches!(*sign, ")" | "]" | "?."),
        _ => false,
    }
}

/// Returns whether a loop assigns to something that it does not declare. `after` is the index after its
/// `for`.
fn loops_over_name(tokens: &[ScriptToken<'_>], after: usize) -> bool {
    let open = after + usize::from(is_name(tokens, after, "await"));
    is_punctuator(tokens, open, "(")
        && !is_declaration(tokens.get(open + 1))
        && !is_punctuator(tokens, open + 1, ";")
}

/// Returns whether a constructor is used for more than its name. The `constructor` of a class body has no dot
/// before it.
fn reads_constructor(tokens: &[ScriptToken<'_>], at: usize) -> bool {
    let is_named = is_dot(tokens.get(at + 1)) && is_name(tokens, at + 2, "name");
    is_member(tokens, at) && !is_named
}

fn changes_scopes(tokens: &[ScriptToken<'_>]) -> bool {
    (0..tokens.len()).any(|at| is_name(tokens, at, "pm") && uses_scope_as_value(tokens, at))
}

/// Returns whether `pm`, or a scope of it, is used in any way other than a call of a scope's method.
fn uses_scope_as_value(tokens: &[ScriptToken<'_>], pm: usize) -> bool {
    if !is_dot(tokens.get(pm + 1)) {
        return true;
    }
    match tokens.get(pm + 2) {
        Some(ScriptToken::Name(scope)) if SCOPES.contains(scope) => {
            let is_read = match tokens.get(pm + 4) {
                Some(ScriptToken::Name("name" | "values")) => !is_assignment(tokens.get(pm + 5)),
                Some(ScriptToken::Name(method)) => {
                    SCOPE_METHODS.contains(method) && is_punctuator(tokens, pm + 5, "(")
                }
                _ => false,
            };
            !is_dot(tokens.get(pm + 3)) || !is_read
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::source::tests::test_script;

    fn guess(text: &str) -> Guess {
        Guess::of(&test_script(text))
    }

    #[test]
    fn assignments_to_undeclared_names_are_found() {
        for text in [
            "x = 1",
            "let a; a = 1",
            "[a, b] = c",
            "({a} = c)",
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
            "`${x = 1}`",
            "a.b = c = 1",
            "f['constructor']('x = 1')",
        ] {
            assert!(guess(text).leaves_names, "{text}");
        }
        for text in [
            "const a = 1; let b = a == 2 || a === 3 || a != 4 || a !== 5",
            "var f = (a) => a <= 1 && a >= 2",
            "a.b = 1; a . c = 2; a().d += 3",
            "tests['x'] = true; a[b][c] = d()[e] === 1; a()['x'] = 1; a.b[0] = 1",
            "const { a, b } = c; let [d] = e;",
            "for (let i = 0; i < 3; i++) {}",
            "for (const x of [1]) {}",
            "pm.test('ok', () => { pm.expect(pm.response.code).to.equal(200); });",
            "forty(x)",
            "// x = 1\n/* this */ pm.test('x = this')",
            "class A { constructor(a) { a.b = 1; } }",
            "a.constructor.name === 'A'",
        ] {
            assert!(!guess(text).leaves_names, "{text}");
        }
    }

    #[test]
    fn changes_of_scopes_are_found() {
        for text in [
            "pm.environment.x = 1",
            "pm.globals['x'] = 1",
            "pm.environment.seen ??= 1",
            "pm.environment.get = f",
            "pm.environment.name = 'x'",
            "const env = pm.environment; env.x = 1",
            "const { environment } = pm;",
            "Object.assign(pm.variables, {x: 1})",
        ] {
            assert!(guess(text).changes_scopes, "{text}");
        }
        for text in [
            "pm.environment.get('x') == 1",
            "pm.variables.set('a', b)",
            "pm?.environment?.has('a')",
            "pm.environment.name === 'x'",
            "environment.x = 1",
            "pm.test('pm.environment', () => {}) // pm.environment.x = 1",
        ] {
            assert!(!guess(text).changes_scopes, "{text}");
        }
    }

    #[test]
    fn waiting_scripts_and_assignments_to_pm_are_found() {
        assert!(guess("f().then(g)").waits && guess("a['then'](b)").waits);
        assert!(!guess("pm.test('and then'); // await").waits);
        assert!(guess("throw null").mentions_null && !guess("'a null'").mentions_null);
        for text in [
            "pm = 1",
            "pm ??= 1",
            "pm['x'] = 1",
            "var pm = globalThis.pm",
        ] {
            assert!(assigns_to(text, "pm"), "{text}");
        }
        for text in ["pm == 1", "a.pm = 1", "// pm = 1", "pm.test('x')"] {
            assert!(!assigns_to(text, "pm"), "{text}");
        }
    }
}
