//! Whether a script changes built-ins or libraries, guessed from its tokens.

use super::{
    Patching, ScriptToken, has_any, is_assignment, is_declaration, is_dot, is_member, is_name,
    is_punctuator, opening, reads_constructor,
};

/// Built-ins whose members scripts change.
const BUILT_INS: [&str; 22] = [
    "Array",
    "BigInt",
    "Boolean",
    "Date",
    "Error",
    "Function",
    "JSON",
    "Map",
    "Math",
    "Number",
    "Object",
    "Promise",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "Set",
    "String",
    "Symbol",
    "SyntaxError",
    "TypeError",
    "WeakMap",
];

/// Objects that hold functions. A script that gives one another name can change it unnoticed.
const NAMESPACES: [&str; 4] = ["JSON", "Math", "Object", "Reflect"];

/// Names of the libraries.
const LIBRARIES: [&str; 7] = ["_", "Buffer", "CryptoJS", "URL", "chai", "lodash", "moment"];

/// Names and strings that scripts use to change prototypes and built-ins.
const MEANS: [&str; 11] = [
    "Assertion",
    "__defineGetter__",
    "__defineSetter__",
    "__proto__",
    "defineLocale",
    "defineProperties",
    "defineProperty",
    "eval",
    "globalThis",
    "setPrototypeOf",
    "updateLocale",
];

/// Methods that extend a library.
const EXTENSIONS: [&str; 8] = [
    "addChainableMethod",
    "addMethod",
    "addProperty",
    "mixin",
    "overwriteChainableMethod",
    "overwriteMethod",
    "overwriteProperty",
    "use",
];

/// Returns how certain it is that a script changes built-ins or libraries.
pub fn patching(tokens: &[ScriptToken<'_>]) -> Patching {
    let at_each = |is_so: fn(&[ScriptToken<'_>], usize) -> bool| {
        (0..tokens.len()).any(|at| is_so(tokens, at))
    };
    if at_each(changes_built_in) || at_each(extends_library) || calls_should(tokens) {
        Patching::Certain
    } else if has_any(tokens, &MEANS) || at_each(may_change) {
        Patching::Possible
    } else {
        Patching::Unlikely
    }
}

/// Whether a built-in, its prototype or a member of either is assigned to or defined.
fn changes_built_in(tokens: &[ScriptToken<'_>], at: usize) -> bool {
    let Some(ScriptToken::Name(name)) = tokens.get(at) else {
        return false;
    };
    let declares = at > 0 && is_declaration(tokens.get(at - 1));
    if !BUILT_INS.contains(name) || is_member(tokens, at) || declares {
        return false;
    }
    let is_prototype = is_dot(tokens.get(at + 1)) && is_name(tokens, at + 2, "prototype");
    let end = if is_prototype { at + 2 } else { at };
    is_assignment(tokens.get(end + 1))
        || is_assignment(after_member(tokens, end))
        || is_defined(tokens, at)
        || is_dot(tokens.get(end + 1))
            && matches!(
                tokens.get(end + 2),
                Some(ScriptToken::Name("__defineGetter__" | "__defineSetter__"))
            )
}

/// Returns the token after `.name` or `[...]`, which follows `end`.
fn after_member<'t, 'a>(tokens: &'t [ScriptToken<'a>], end: usize) -> Option<&'t ScriptToken<'a>> {
    if is_dot(tokens.get(end + 1)) {
        return tokens.get(end + 3);
    }
    if !is_punctuator(tokens, end + 1, "[") {
        return None;
    }
    let closes = (end + 2..tokens.len()).find(|close| {
        is_punctuator(tokens, *close, "]") && opening(tokens, *close) == Some(end + 1)
    });
    closes.and_then(|close| tokens.get(close + 1))
}

/// Returns whether the token is the first argument of a function that changes this argument.
fn is_defined(tokens: &[ScriptToken<'_>], at: usize) -> bool {
    const WAYS: [&str; 4] = [
        "assign",
        "defineProperties",
        "defineProperty",
        "setPrototypeOf",
    ];
    at >= 2
        && is_punctuator(tokens, at - 1, "(")
        && matches!(tokens[at - 2], ScriptToken::Name(way) if WAYS.contains(&way))
}

/// Whether a call of a method extends a library.
fn extends_library(tokens: &[ScriptToken<'_>], at: usize) -> bool {
    let is_call = is_member(tokens, at) && is_punctuator(tokens, at + 1, "(");
    match tokens.get(at) {
        Some(ScriptToken::Name("use")) => is_call && has_any(tokens, &["chai"]),
        Some(ScriptToken::Name(name)) if EXTENSIONS.contains(name) => is_call,
        // moment.fn.name = ...
        Some(ScriptToken::Name("fn")) => {
            is_member(tokens, at) && is_assignment(after_member(tokens, at))
        }
        _ => false,
    }
}

/// Returns whether a script calls `chai.should()`, which adds a member to all objects.
fn calls_should(tokens: &[ScriptToken<'_>]) -> bool {
    has_any(tokens, &["chai"]) && has_any(tokens, &["should", "Should"])
}

fn may_change(tokens: &[ScriptToken<'_>], at: usize) -> bool {
    match tokens[at] {
        ScriptToken::Name("prototype") => !is_called_for_another(tokens, at),
        ScriptToken::Name("constructor") => reads_constructor(tokens, at),
        ScriptToken::Name("Function") => !(at > 0 && is_name(tokens, at - 1, "instanceof")),
        ScriptToken::Name("Reflect") => {
            !is_dot(tokens.get(at + 1)) || changes_by_reflection(tokens, at + 2)
        }
        ScriptToken::Name(name) if NAMESPACES.contains(&name) => {
            !is_dot(tokens.get(at + 1)) && !is_punctuator(tokens, at + 1, "(")
                || changes_by_reflection(tokens, at + 2)
        }
        ScriptToken::Name(name) if LIBRARIES.contains(&name) => {
            !is_member(tokens, at) && is_assignment(after_member(tokens, at))
        }
        ScriptToken::Text("prototype" | "constructor") => true,
        _ => false,
    }
}

/// Returns whether a prototype is only used to call one of its methods on another object, as in
/// `Object.prototype.hasOwnProperty.call(a, 'b')`.
fn is_called_for_another(tokens: &[ScriptToken<'_>], at: usize) -> bool {
    is_dot(tokens.get(at + 1))
        && is_dot(tokens.get(at + 3))
        && matches!(
            tokens.get(at + 4),
            Some(ScriptToken::Name("call" | "apply" | "bind"))
        )
}

fn changes_by_reflection(tokens: &[ScriptToken<'_>], at: usize) -> bool {
    matches!(
        tokens.get(at),
        Some(ScriptToken::Name(
            "set" | "deleteProperty" | "apply" | "construct"
        ))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::tokens::tokens;

    #[test]
    fn changes_of_built_ins_and_libraries_are_found() {
        for (sure, texts) in [
            (
                Patching::Certain,
                &[
                    "Array.prototype.x = 1",
                    "Array.prototype['x'] = 1",
                    "Math.random = f",
                    "JSON [ 'parse' ] = f",
                    "Date = 1",
                    "Object.defineProperty(Array.prototype, 'x', {})",
                    "Object.assign(String.prototype, { x() {} })",
                    "Object.prototype.__defineGetter__('x', f)",
                    "chai.use((c) => c)",
                    "require('chai').should()",
                    "_.mixin({ f })",
                    "moment.fn.x = f",
                    "chai.Assertion.addMethod('x', f)",
                ][..],
            ),
            (
                Patching::Possible,
                &[
                    "eval(x)",
                    "const { prototype } = Array; prototype.x = 1",
                    "const p = Array.prototype.map",
                    "[].constructor.from = f",
                    "f.constructor('return this')()",
                    "Reflect.set(a, 'random', f)",
                    "const m = Math; m.random = f",
                    "Object.assign(m, { random: f }, Math)",
                    "F.prototype.x = 1",
                    "_.chunk = f",
                    "a['prototype']",
                    "a.__proto__.x = 1",
                ],
            ),
            (
                Patching::Unlikely,
                &[
                    "JSON.parse(x) == 1",
                    "Object.prototype.hasOwnProperty.call(a, 'b')",
                    "Array.prototype.slice.call(a)",
                    "a.constructor.name === 'Array'",
                    "class A { x() {} constructor(a) { this.a = a } }",
                    "Reflect.ownKeys(a)",
                    "const d = new Date()",
                    "Object.keys(a).map(Number)",
                    "Math.max(1, 2) === 2",
                    "a instanceof Function",
                    "// Array.prototype.x = 1",
                    "pm.test('prototype is __proto__', () => {})",
                    "_.map(a, b)",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(patching(&tokens(text)), sure, "{text}");
            }
        }
    }
}
