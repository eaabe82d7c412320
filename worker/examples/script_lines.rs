//! Runs scripts read from standard input, one JSON string per line, and writes one line of JSON for each:
//! `outcome`, the text that the script left in the variable of that name, and `error`.
//!
//! Each script gets its own context. It runs as a post-response script without a response, synchronously:
//! timers and requests are not waited for. The differential runs in `tests/differential/` use this program to
//! drive the engine's libraries.

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};
use vayu_shared::units::SECOND;
use vayu_worker::script::{ScopeKind, ScriptContext, ScriptLimits, Scripts};

/// A line contains many cases, so its limits are higher than those of a user's script.
const LIMITS: ScriptLimits = ScriptLimits {
    time: 60 * SECOND,
    memory: 256 * 1024 * 1024,
    stack: 1024 * 1024,
};

/// Fixed wall clock for all scripts, so that results are reproducible.
const NOW_NS: u64 = 1_700_000_000_000_000_000;

fn main() -> io::Result<()> {
    let mut answers = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str::<String>(&line?) {
            Ok(script) => run(script),
            Err(error) => json!({"error": format!("each line must be a JSON string: {error}")}),
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
