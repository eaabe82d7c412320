//! Tests that iterations of one run are isolated: scripts that leave something behind, ordinary scripts that
//! must not notice, and a walk over everything that a script can reach.

use std::path::Path;

use serde_json::Value;
use vayu_shared::units::SECOND;

use super::tests::{json_response, now_ns, told};
use super::*;
use crate::script::guess::Guess;
use crate::script::scopes::Scopes;
use crate::script::scripts::Scripts;
use crate::script::source::check;

/// Limits that suffice on a busy machine.
const LIMITS: ScriptLimits = ScriptLimits {
    time: 30 * SECOND,
    memory: 64 * 1024 * 1024,
    stack: 512 * 1024,
};

/// How contexts are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Choice {
    /// As a shard chooses, by the guess.
    Guessed,
    /// Shared, as if the guess had found nothing.
    Closed,
    /// Shared, as if the guess had found leftover names and members.
    Open,
    /// One per iteration, as in design mode.
    Single,
}

/// The result of one iteration: tests, error and log.
#[derive(Debug, PartialEq)]
struct Outcome {
    tests: Vec<String>,
    error: Option<String>,
    logs: Vec<String>,
}

impl Outcome {
    /// Whether there were tests and all of them passed.
    fn is_fine(&self) -> bool {
        let passed = |test: &String| test.ends_with(": passed");
        self.error.is_none() && !self.tests.is_empty() && self.tests.iter().all(passed)
    }
}

fn corpus(folder: &str, file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/cases")
        .join(folder)
        .join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let file: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    file["cases"].as_array().cloned().expect("cases")
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or_default()
}

/// Runs scripts as a shard does, with the contexts that it would choose.
struct Runner {
    scripts: Scripts,
    guess: Guess,
    lifetime: Lifetime,
    context: Option<ScriptContext>,
    made: usize,
}

impl Runner {
    fn new(scripts: Scripts, choice: Choice) -> Self {
        let mut guess = Guess::of(&scripts);
        if matches!(choice, Choice::Closed | Choice::Open) {
            guess.leaves_names = choice == Choice::Open;
            guess.changes_scopes = choice == Choice::Open;
        }
        let lifetime = match choice {
            Choice::Guessed => Lifetime::first(&guess),
            Choice::Closed | Choice::Open => Lifetime::Shared,
            Choice::Single => Lifetime::Single,
        };
        Self {
            scripts,
            guess,
            lifetime,
            context: None,
            made: 0,
        }
    }

    fn make(&mut self) -> ScriptContext {
        self.made += 1;
        let (scripts, guess) = (&self.scripts, &self.guess);
        let context = ScriptContext::with_lifetime(scripts, LIMITS, now_ns, self.lifetime, guess);
        let context =
            context.unwrap_or_else(|(name, error)| panic!("{name}: {error}: {scripts:?}"));
        let mut state = context.state();
        state.request = r#"{"method":"GET","url":"http://a/b?c={{d}}","header":[]}"#.to_owned();
        state.cookies = Some("[]".to_owned());
        state.keeps_logs = true;
        drop(state);
        context
    }

    /// Runs one iteration and waits for timers, but not for requests.
    fn iterate(&mut self) -> Outcome {
        let mut context = self.context.take().unwrap_or_else(|| self.make());
        let mut first_error = None;
        let mut tests = Vec::new();
        if self.scripts.has_pre() {
            let ran = context.run_pre(0);
            settle(&mut context, ran, &mut first_error);
            tests = told(&mut context);
        }
        context.state().response = json_response();
        if self.guess.waits || self.scripts.test.is_empty() {
            let ran = context.run_test(0, Some((200, 1.0)));
            settle(&mut context, ran, &mut first_error);
            tests.extend(told(&mut context));
            context.end();
        } else {
            let ran = context.run_to_completion(0, Some((200, 1.0)));
            first_error = first_error.or(ran.err());
            tests.extend(told(&mut context));
        }
        // Variables outlive an iteration because they belong to the virtual user.
        context.state().scopes = Scopes::default();
        let logs = std::mem::take(&mut context.state().logs);
        let logs = logs.into_iter().map(|line| line.message).collect();
        if context.is_fit() {
            self.context = Some(context);
        } else {
            self.lifetime = self.lifetime.next(context.patched());
        }
        Outcome {
            tests,
            error: first_error.map(|error| error.to_string()),
            logs,
        }
    }
}

/// Runs a script to its end. Requests get no response.
fn settle(
    context: &mut ScriptContext,
    ran: Result<Advance, ScriptError>,
    first_error: &mut Option<ScriptError>,
) {
    let mut next = ran;
    while let Some(Waits { until: Some(_), .. }) = context.waits(next, first_error) {
        std::thread::sleep(std::time::Duration::from_millis(1));
        next = context.fire();
    }
}

/// A script that reports what it sees, leaves something, and reports again.
fn leaking(case: &Value) -> Scripts {
    let script = format!(
        "const see = () => {{ try {{ const seen = ({}); return typeof seen + ' ' + String(seen); }}
           catch (error) {{ return 'threw ' + error; }} }};
         pm.test('before ' + see());
         try {{ {} }} finally {{ pm.test('after ' + see()); }}",
        text(case, "look"),
        text(case, "leave")
    );
    match text(case, "event") {
        "pre" => Scripts {
            pre: script,
            ..Scripts::default()
        },
        _ => Scripts {
            test: script,
            ..Scripts::default()
        },
    }
}

fn seen(outcome: &Outcome, when: &str) -> Option<String> {
    let mut tests = outcome.tests.iter();
    tests.find_map(|test| test.strip_prefix(when).map(str::to_owned))
}

#[test]
fn nothing_is_left_for_the_next_iteration_by_any_script() {
    let cases = corpus("isolation", "leaks.json");
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let mut problems = Vec::new();
    for case in &cases {
        let name = text(case, "name");
        let first = Runner::new(leaking(case), Choice::Single).iterate();
        let clean = seen(&first, "before ");
        assert!(clean.is_some(), "{name}: {first:?}");
        let is_inert = case["inert"] == true;
        if case["later"] != true && (seen(&first, "after ") == clean) != is_inert {
            problems.push(format!(
                "{name}: what it leaves is not seen, or seen: {first:?}"
            ));
        }
        for choice in [Choice::Guessed, Choice::Closed, Choice::Open] {
            let mut runner = Runner::new(leaking(case), choice);
            let outcomes: Vec<_> = (0..4).map(|_| runner.iterate()).collect();
            // If the guess is wrong, scripts may notice that built-ins are frozen.
            let expected = match choice {
                Choice::Guessed => clean.clone(),
                _ => seen(&outcomes[0], "before "),
            };
            let same = |outcome| expected.is_some() && seen(outcome, "before ") == expected;
            if !outcomes.iter().all(same) {
                problems.push(format!("{name}: {choice:?}: {outcomes:?} not {expected:?}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn ordinary_scripts_do_the_same_in_a_shared_context() {
    let cases = corpus("isolation", "ordinary.json");
    let mut problems = Vec::new();
    for case in &cases {
        let name = text(case, "name");
        let scripts = Scripts {
            test: text(case, "script").to_owned(),
            ..Scripts::default()
        };
        let expected = Runner::new(scripts.clone(), Choice::Single).iterate();
        assert!(
            !expected.tests.is_empty() || expected.error.is_some(),
            "{name}: {expected:?}"
        );
        for choice in [Choice::Guessed, Choice::Open] {
            let mut runner = Runner::new(scripts.clone(), choice);
            for iteration in 0..3 {
                let outcome = runner.iterate();
                if outcome != expected {
                    problems.push(format!(
                        "{name}: {choice:?} {iteration}:\n  {outcome:?}\n  {expected:?}"
                    ));
                }
            }
            // All iterations share one context, except a trial at the beginning.
            if runner.made > 2 && expected.error.is_none() {
                problems.push(format!("{name}: {choice:?}: {} contexts", runner.made));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_corpus_does_the_same_in_shared_contexts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/scripts");
    let (mut count, mut problems) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).expect("the corpus") {
        let file = entry
            .expect("a file")
            .file_name()
            .into_string()
            .expect("a name");
        if file == "responses.json" {
            continue;
        }
        for case in corpus("scripts", &file) {
            let scripts = Scripts {
                pre: text(&case, "pre").to_owned(),
                test: text(&case, "script").to_owned(),
            };
            if check(&scripts).is_err() {
                continue;
            }
            count += 1;
            let mut runner = Runner::new(scripts.clone(), Choice::Guessed);
            let outcomes = [(); 2].map(|()| runner.iterate());
            if outcomes.iter().all(Outcome::is_fine) {
                continue;
            }
            // Some are meant to fail, and some read the time or draw random values.
            let single = || Runner::new(scripts.clone(), Choice::Single).iterate();
            let expected = single();
            for (iteration, outcome) in outcomes.iter().enumerate() {
                if *outcome != expected && single() == expected {
                    let name = text(&case, "name");
                    problems.push(format!(
                        "{file}: {name} {iteration}:\n  {outcome:?}\n  {expected:?}"
                    ));
                }
            }
        }
    }
    assert!(count > 500, "{count} cases");
    assert!(
        problems.is_empty(),
        "{} of {count}:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

/// Objects that a script can reach in a shared context and that are not frozen, with the reason. Those of the
/// second list are open only if the guess says that a script needs it.
const NOT_FROZEN: [(&str, &str); 1] = [(
    "pm.response",
    "its code and time are written for each response; frozen, it makes the context unfit",
)];
const OPEN: [(&str, &str); 6] = [
    ("globalThis", "its names are deleted"),
    ("pm.collectionVariables", "its members are deleted"),
    ("pm.environment", "its members are deleted"),
    ("pm.globals", "its members are deleted"),
    ("pm.iterationData", "its members are deleted"),
    ("pm.variables", "its members are deleted"),
];

#[test]
fn everything_a_script_can_reach_is_frozen() {
    let walk = corpus("isolation", "walk.json");
    let lines = walk[0]["script"].as_array().expect("lines").iter();
    let lines = lines.map(|line| line.as_str().expect("a line"));
    let script = lines.collect::<Vec<_>>().join("\n");
    for (choice, lists) in [
        (Choice::Closed, vec![&NOT_FROZEN[..]]),
        (Choice::Open, vec![&NOT_FROZEN[..], &OPEN[..]]),
    ] {
        let scripts = Scripts {
            test: script.clone(),
            ..Scripts::default()
        };
        let mut known: Vec<&str> = lists.concat().iter().map(|(path, _)| *path).collect();
        known.sort_unstable();
        let mut runner = Runner::new(scripts, choice);
        for _ in 0..2 {
            let outcome = runner.iterate();
            assert_eq!(outcome.error, None);
            let told = outcome.tests.iter();
            let told = told.map(|test| test.trim_end_matches(": passed"));
            let (counts, mut found): (Vec<_>, Vec<_>) =
                told.partition(|test| test.starts_with("objects "));
            let count: usize = counts[0]["objects ".len()..].parse().expect("a number");
            assert!(count > 2_000, "{count} objects");
            found.sort_unstable();
            assert_eq!(found, known, "{choice:?}");
        }
        assert_eq!(runner.made, 1);
    }
}

#[test]
fn a_trial_finds_who_changes_built_ins() {
    for (script, lifetime) in [
        ("const m = Math; m.max = () => 1", Lifetime::Single),
        (
            "const _s = require('lodash'); _s['chunk'] = eval('1')",
            Lifetime::Single,
        ),
        ("eval('1 + 1')", Lifetime::Shared),
        (
            "function F() {} F.prototype.a = 1; new F()",
            Lifetime::Shared,
        ),
        (
            "require('moment'); _.map([]); require('cheerio').load('<a>'); new Function('1')()",
            Lifetime::Shared,
        ),
    ] {
        let scripts = Scripts {
            test: script.to_owned(),
            ..Scripts::default()
        };
        let mut runner = Runner::new(scripts, Choice::Guessed);
        assert_eq!(runner.lifetime, Lifetime::Trial, "{script}");
        let outcome = runner.iterate();
        assert_eq!(
            (outcome.error, runner.lifetime),
            (None, lifetime),
            "{script}"
        );
    }
}

#[test]
fn what_a_script_waits_for_unexpectedly_does_not_reach_the_next_iteration() {
    let script = "const name = 'send' + 'Request'; pm.test('first'); pm[name]('http://a/', () => pm.test('late'));
        globalThis['set' + 'Timeout'](() => pm.test('late'), 0);";
    let scripts = Scripts {
        test: script.to_owned(),
        pre: "1".to_owned(),
    };
    let mut runner = Runner::new(scripts, Choice::Closed);
    assert!(!runner.guess.waits);
    for _ in 0..3 {
        let mut context = runner.context.take().unwrap_or_else(|| runner.make());
        assert_eq!(context.run_pre(0), Ok(Advance::Done));
        assert_eq!(context.run_to_completion(0, Some((200, 1.0))), Ok(()));
        assert_eq!(told(&mut context), ["first: passed"]);
        assert!(context.waited());
        runner.context = Some(context);
    }
}
