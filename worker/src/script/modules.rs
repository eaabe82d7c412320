//! The engine's own JavaScript: its files, and how a file requires another one.
//!
//! A file is the body of a function with the parameters `module`, `exports`, `require` and `host`. It runs
//! when it is first required, once per context. User scripts cannot require files by these names;
//! `pm/modules.js` has the names that they may use. `module.scope()` returns what a file declares at its top
//! level, so that it can be frozen.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, File, include_dir};
use rquickjs::{Ctx, Function, Object, Result};

use super::bytecode::Compiled;
use super::functions::throw;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/script/js");

/// The modules by name: source and bytecode.
static MODULES: LazyLock<BTreeMap<String, (&str, Compiled)>> = LazyLock::new(|| {
    let modules = files().into_iter().filter_map(|file| {
        let name = file.path().to_str()?.strip_suffix(".js")?;
        Some((name.to_owned(), (file.contents_utf8()?, Compiled::new())))
    });
    modules.collect()
});

/// All files, in no particular order.
fn files() -> Vec<&'static File<'static>> {
    let mut found = Vec::new();
    let mut folders = vec![&FILES];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        found.extend(folder.files());
    }
    found
}

/// Returns the text of each module.
#[cfg(test)]
pub fn texts() -> impl Iterator<Item = &'static str> {
    MODULES.values().map(|(text, _)| *text)
}

/// Finds files, runs each once, and returns what `pm/main` returns for the global object.
const BOOT: &str = r"(function (global, host, load) {
  const loaded = new Map();
  let complete = [];
  let depth = 0;
  let onLoad;
  const require = (name) => {
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {}, scope: undefined };
    loaded.set(name, module);
    depth += 1;
    try {
      load(name)(module, module.exports, require, host);
    } finally {
      depth -= 1;
    }
    complete.push(module);
    if (depth === 0) tell();
    return module.exports;
  };
  const tell = () => {
    if (onLoad === undefined) return;
    const modules = complete;
    complete = [];
    onLoad(modules);
  };
  // Has `call` called with the modules that are loaded, and with others when they and those they need are.
  require.onLoad = (call) => {
    onLoad = call;
    tell();
  };
  return require('vayu:pm/main')(global);
})";

/// Runs the engine's JavaScript in a fresh context and returns the object that the engine drives it with.
///
/// # Errors
/// Returns an error if memory cannot be allocated. Any other error is a mistake in the files.
pub fn boot<'js>(ctx: &Ctx<'js>, host: Object<'js>) -> Result<Object<'js>> {
    let load = Function::new(ctx.clone(), |ctx: Ctx<'js>, name: String| load(&ctx, &name))?;
    static COMPILED: Compiled = Compiled::new();
    let boot = COMPILED.function(ctx, "vayu:boot", || BOOT.to_owned())?;
    boot.call((ctx.globals(), host, load))
}

fn load<'js>(ctx: &Ctx<'js>, name: &str) -> Result<Function<'js>> {
    let path = name.strip_prefix("vayu:").unwrap_or(name);
    let Some((text, compiled)) = MODULES.get(path) else {
        return Err(throw(ctx, &format!("unknown module {name}")));
    };
    compiled.function(ctx, name, || {
        let names = declared(text).collect::<Vec<_>>().join(", ");
        format!(
            "(function (module, exports, require, host) {{ \"use strict\";{text}\nmodule.scope = () => [{names}];\n}})"
        )
    })
}

/// Returns the names that a file declares at its top level, where lines are not indented. Names that it takes
/// from other modules belong to those modules.
fn declared(text: &str) -> impl Iterator<Item = &str> {
    const WORDS: [&str; 6] = [
        "const ",
        "let ",
        "class ",
        "function ",
        "function* ",
        "async function ",
    ];
    text.lines().filter_map(|line| {
        let rest = WORDS.iter().find_map(|word| line.strip_prefix(word))?;
        let end =
            rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '$'));
        Some(&rest[..end.unwrap_or(rest.len())]).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// State that modules keep outside of frozen objects. None of it may carry something from one iteration
    /// to the next.
    const STATE: [(&str, &str, &str); 23] = [
        (
            "chai/assertion.js",
            "chainables",
            "words of the library; one sets the assertion it is about whenever it is read",
        ),
        (
            "cheerio/attributes.js",
            "given",
            "by nodes, which belong to an iteration",
        ),
        ("cheerio/entities.js", "XML_NAMES", "constant"),
        (
            "cheerio/entities.js",
            "legacy",
            "constant, made when it is needed",
        ),
        (
            "cheerio/entities.js",
            "names",
            "constant, made when it is needed",
        ),
        (
            "intl/methods.js",
            "kept",
            "formats without options; not given to scripts",
        ),
        (
            "intl/zone_names.js",
            "byZone",
            "constant, made when it is needed",
        ),
        ("intl/zones.js", "UTC", "constant"),
        (
            "lodash/function.js",
            "owners",
            "the libraries themselves; not given to scripts",
        ),
        (
            "lodash/path.js",
            "cache",
            "what the text of a path means; not given to scripts",
        ),
        (
            "lodash/words.js",
            "wordPattern",
            "constant, made when it is needed",
        ),
        (
            "moment/format.js",
            "pattern",
            "constant, made when it is needed",
        ),
        ("moment/iso.js", "forms", "constant, made when it is needed"),
        (
            "moment/scan.js",
            "patterns",
            "constant, made when it is needed",
        ),
        (
            "node/encoding.js",
            "digitValues",
            "constant, made when it is needed",
        ),
        (
            "schema/ajv.js",
            "metaChecks",
            "checks of schemas by draft and options; made of nothing of a script",
        ),
        (
            "schema/ajv_cache.js",
            "kept",
            "functions by the text of their schemas, made of frozen copies",
        ),
        ("schema/ajv_compile.js", "RULE_NAMES", "constant"),
        ("schema/refs.js", "DATA", "constant"),
        ("settings.js", "changed", "set once for a context"),
        ("settings.js", "isEager", "set once for a context"),
        (
            "settings.js",
            "restores",
            "empty at the end of each iteration",
        ),
        ("web/bytes.js", "PLAIN", "constant"),
    ];

    /// Returns the name of the variable, or of the constant with mutable contents, that a line of a module
    /// declares.
    fn state_of(line: &str) -> Option<&str> {
        let is_changeable = |value: &str| {
            const CLASSES: [&str; 6] = [
                "Map(",
                "Set(",
                "WeakMap(",
                "WeakSet(",
                "Date(",
                "ArrayBuffer(",
            ];
            let value = value.strip_prefix("new ").unwrap_or_default();
            CLASSES.iter().any(|class| value.starts_with(class)) || value.contains("Array(")
        };
        let constant = line
            .strip_prefix("const ")
            .and_then(|rest| rest.split_once(" = "));
        let constant = constant.filter(|(_, value)| is_changeable(value));
        let variable = line
            .strip_prefix("let ")
            .or_else(|| line.strip_prefix("var "));
        let variable = variable.map(|rest| rest.split([' ', ';', ',']).next().unwrap_or_default());
        variable.or(constant.map(|(name, _)| name))
    }

    #[test]
    fn modules_keep_no_state_but_what_is_listed() {
        let mut found = Vec::new();
        for file in files() {
            let path = file.path().to_string_lossy().into_owned();
            let lines = file.contents_utf8().expect("text").lines();
            found.extend(lines.filter_map(|line| Some((path.clone(), state_of(line)?))));
        }
        found.sort_unstable();
        let found: Vec<_> = found
            .iter()
            .map(|(path, name)| (path.as_str(), *name))
            .collect();
        let known: Vec<_> = STATE.iter().map(|(path, name, _)| (*path, *name)).collect();
        assert_eq!(found, known);
    }

    #[test]
    fn names_that_a_module_declares_are_found() {
        let text = "// const no = 1\nconst a = 1;\nlet b;\nclass C {\n  const = 1\n}\nfunction d() {}\nasync function e() {}\nconst { f, g } = require('x');\nfunction* h() {}\n";
        assert_eq!(
            declared(text).collect::<Vec<_>>(),
            ["a", "b", "C", "d", "e", "h"]
        );
    }
}
