//! Runs scripts that come as lines on standard input, each a JSON text, and answers each with a line
//! of JSON: `outcome`, the text that the script left in the variable of that name, and `error`.
//!
//! Each script has a context of its own. It is run as the one after a response, of which there is
//! none, and to its end at once: nothing is waited for. The differential runs in
//! `tests/differential/` drive the engine's libraries by this.

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};
use vayu_shared::units::SECOND;
use vayu_worker::script::{ScopeKind, ScriptContext, ScriptLimits, Scripts};

/// A line carries many cases, so it may take longer than a script of a user.
const LIMITS: ScriptLimits = ScriptLimits {
    time: 60 * SECOND,
    memory: 256 * 1024 * 1024,
    stack: 1024 * 1024,
};

/// The wall clock of all scripts, so that what they make of it is the same each time.
const NOW_NS: u64 = 1_700_000_000_000_000_000;

fn main() -> io::Result<()> {
    let mut answers = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str::<String>(&line?) {
            Ok(script) => run(script),
            Err(error) => json!({"error": format!("a line has to be a JSON text: {error}")}),
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}

fn run(test: String) -> Value {
    let scripts = Scripts {
        pre: String::new(),
        test,
    };
    let mut context = match ScriptContext::new(&scripts, LIMITS, || NOW_NS) {
        Ok(context) => context,
        Err((_, error)) => return json!({"error": error.to_string()}),
    };
    context.state().request = r#"{"method":"GET","url":"http://a/","header":[]}"#.to_owned();
    let ran = context.run_test(0, None);
    let state = context.state();
    let outcome = state.scopes.scope(ScopeKind::Local).get("outcome");
    json!({
        "outcome": outcome.map(|value| value.text().to_owned()),
        "error": ran.err().map(|error| error.to_string()),
    })
}
