//! The engine's own JavaScript: its files, and how one asks for another.
//!
//! A file is the body of a function that gets `module`, `exports`, `require` and
//! `host`. It runs when it is first asked for, once per context. Scripts of users
//! cannot ask for files by these names; `pm/modules.js` has those they may use.

use include_dir::{Dir, include_dir};
use rquickjs::context::EvalOptions;
use rquickjs::{Ctx, Function, Object, Result};

use super::functions::throw;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/script/js");

/// Finds files, runs each once, and gives what the first one made of the context.
const BOOT: &str = r"(function (global, host, load) {
  const loaded = new Map();
  const require = (name) => {
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    load(name)(module, module.exports, require, host);
    return module.exports;
  };
  return require('vayu:pm/main')(global);
})";

/// Runs the engine's JavaScript in a fresh context; gives the object it is driven by.
///
/// # Errors
/// When there is no memory; anything else is a mistake in the files.
pub fn boot<'js>(ctx: &Ctx<'js>, host: Object<'js>) -> Result<Object<'js>> {
    let load = Function::new(ctx.clone(), |ctx: Ctx<'js>, name: String| load(&ctx, &name))?;
    let boot: Function<'js> = evaluated(ctx, "vayu:boot", BOOT.to_owned())?;
    boot.call((ctx.globals(), host, load))
}

fn load<'js>(ctx: &Ctx<'js>, name: &str) -> Result<Function<'js>> {
    let path = name.strip_prefix("vayu:").unwrap_or(name);
    let file = FILES.get_file(format!("{path}.js"));
    let Some(text) = file.and_then(|file| file.contents_utf8()) else {
        return Err(throw(ctx, &format!("there is no module {name}")));
    };
    let source =
        format!("(function (module, exports, require, host) {{ \"use strict\";{text}\n}})");
    evaluated(ctx, name, source)
}

fn evaluated<'js>(ctx: &Ctx<'js>, name: &str, source: String) -> Result<Function<'js>> {
    let mut options = EvalOptions::default();
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(source, options)
}
