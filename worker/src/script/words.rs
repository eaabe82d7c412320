//! What a script may do, judged by its words. Nothing is parsed: where a word may mean
//! something, it is taken to. Who hides what he does from these rules, as behind another name,
//! leaves it to later iterations of the same run on the same shard, and to nobody else.

use super::source::Scripts;

impl Scripts {
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
        self.any(|text| {
            text.contains("freeze")
                || text.contains("seal")
                || SCOPES.iter().any(|scope| is_handled(text, scope))
        })
    }

    /// Whether they have words that change the assertions' library.
    #[must_use]
    pub fn may_change_chai(&self) -> bool {
        const WORDS: [&str; 4] = ["Assertion", "config", ".use", "util"];
        self.any(|text| text.contains("chai") && WORDS.iter().any(|word| text.contains(word)))
    }

    /// Whether they have the word `null`: those that have not do not throw it.
    #[must_use]
    pub fn may_throw_null(&self) -> bool {
        self.any(|text| text.contains("null"))
    }

    /// Whether there is something in them with which names may be left in the global
    /// object. It is a matter of words, too.
    #[must_use]
    pub fn may_leave_names(&self) -> bool {
        self.any(may_leave_names)
    }

    /// Whether there is something in them with which built-ins may be changed.
    /// It is a matter of words: who hides it, hides it from the next iteration's
    /// variables of the same run, and from nobody else's.
    #[must_use]
    pub fn may_change_built_ins(&self) -> bool {
        const WORDS: [&str; 7] = [
            "__proto__",
            "PrototypeOf",
            "defineProperty",
            "defineProperties",
            "globalThis",
            "eval",
            "Function",
        ];
        const REFLECT: [&str; 3] = ["set", "delete", "apply"];
        const OBJECTS: [&str; 11] = [
            "JSON", "Math", "Date", "Object", "Array", "String", "Number", "Promise", "Symbol",
            "RegExp", "Map",
        ];
        self.any(|text| {
            WORDS.iter().any(|word| text.contains(word))
                || is_more_than_called(text)
                || is_more_than_named(text)
                || text.contains("Reflect") && REFLECT.iter().any(|way| text.contains(way))
                || OBJECTS.iter().any(|name| is_assigned_to(text, name))
        })
    }

    fn any(&self, is_so: impl Fn(&str) -> bool) -> bool {
        is_so(&self.pre) || is_so(&self.test)
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
pub fn is_assigned_to(text: &str, name: &str) -> bool {
    let mut places = text.match_indices(name);
    places.any(|(place, _)| {
        let rest = text[place + name.len()..].trim_start();
        let member = rest.strip_prefix('.').map(str::trim_start);
        let rest = match member {
            Some(member) => member.trim_start_matches(is_of_name),
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
    text.match_indices(scope).any(|(place, _)| {
        let rest = text[place + scope.len()..].trim_start();
        let member = rest.strip_prefix("?.").or_else(|| rest.strip_prefix('.'));
        let member = member.unwrap_or_default().trim_start();
        let end = member.find(|letter| !is_of_name(letter));
        let (name, after) = member.split_at(end.unwrap_or(member.len()));
        !SCOPE_MEMBERS.contains(&name) || !after.trim_start().starts_with('(')
    })
}

/// Whether anything is done with a prototype but to call a method of it for another object,
/// as in `Object.prototype.hasOwnProperty.call(a, 'b')`.
fn is_more_than_called(text: &str) -> bool {
    let word = "prototype";
    text.match_indices(word).any(|(place, _)| {
        let rest = text[place + word.len()..].strip_prefix('.');
        let method = rest.map(|rest| rest.trim_start_matches(is_of_name));
        let called = [".call(", ".apply(", ".bind("];
        !method.is_some_and(|rest| called.iter().any(|call| rest.starts_with(call)))
    })
}

/// Whether anything is done with a constructor but to ask for its name; the constructor of a
/// class has no dot before it.
fn is_more_than_named(text: &str) -> bool {
    let word = "constructor";
    text.match_indices(word).any(|(place, _)| {
        let is_of_class = text[..place].trim_end().ends_with(['{', '}', ';'])
            && text[place + word.len()..].trim_start().starts_with('(');
        let is_named = text[place + word.len()..].starts_with(".name");
        !is_of_class && !is_named
    })
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::source::tests::test_script;

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
            "Array.prototype.forEach = f",
            "const { prototype } = Array; prototype.x = 1",
            "const p = Array.prototype.map; Array.prototype['map'] = p",
            "[].constructor.from = f",
            "f.constructor('return this')()",
            "Reflect.set(Math, 'random', f)",
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
            "Object.prototype.hasOwnProperty.call(a, 'b')",
            "Array.prototype.slice.call(a)",
            "a.constructor.name === 'Array'",
            "class A { x() {} constructor(a) { this.a = a } }",
            "Reflect.ownKeys(a)",
            "const d = new Date()",
            "Object.keys(a)",
            "Math.max(1, 2) === 2",
        ] {
            assert!(!test_script(text).may_change_built_ins(), "{text}");
        }
    }
}
