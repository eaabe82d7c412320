//! Scripts that leave something behind, in the engine as users run it: what a script sees at its start is the
//! same in each execution, in design mode and in each iteration under load.

use serde_json::{Value, json};
use vayu_tests::{Engine, count, get_request, leaking_scripts, script_server};

/// Iterations of a load run: more than a trial and the iteration after it.
const ITERATIONS: u64 = 4;

/// A request whose script reports what it sees, and then leaves something.
fn leaking(url: &str, case: &Value) -> Value {
    let text = |field: &str| case[field].as_str().unwrap_or_default();
    let script = format!(
        "const see = () => {{ try {{ const seen = ({}); return typeof seen + ' ' + String(seen); }}
           catch (error) {{ return 'threw ' + error; }} }};
         pm.test('before ' + see(), () => {{}});
         {}",
        text("look"),
        text("leave")
    );
    let mut request = get_request(url);
    let field = match text("event") {
        "pre" => "preRequestScript",
        _ => "postRequestScript",
    };
    request[field] = script.into();
    request
}

/// Returns the names of the tests that report what a script saw.
fn seen(tests: &Value) -> Vec<&str> {
    let tests = tests.as_array().into_iter().flatten();
    let names = tests.filter_map(|test| test["name"].as_str());
    names.filter(|name| name.starts_with("before ")).collect()
}

#[test]
fn nothing_is_left_for_the_next_execution() {
    let (engine, server) = (Engine::start(), script_server());
    // The time to load a library is not tested here, because the machine may be busy.
    let _ = engine.post("/config", &json!({"loadScriptTimeout": 10_000}));
    let cases = leaking_scripts();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let mut problems = Vec::new();
    for case in &cases {
        let name = &case["name"];
        let mut design = leaking(&server.url("/json"), case);
        design["scriptErrors"] = "report".into();
        let [first, second] = [(), ()].map(|()| engine.post("/request", &design).body);
        let clean = seen(&first["testResults"]);
        if clean.len() != 1 || seen(&second["testResults"]) != clean {
            problems.push(format!("{name}: {first} and then {second}"));
        }
        let body = json!({"request": leaking(&server.url("/json"), case), "mode": "iterations",
            "iterations": ITERATIONS, "concurrency": 1});
        let report = engine.run(&body).finish();
        let checks = seen(&report["checks"]);
        let passed: u64 = report["checks"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|check| checks.contains(&check["name"].as_str().unwrap_or_default()))
            .map(|check| count(check, "passed"))
            .sum();
        if checks.len() != 1 || passed != ITERATIONS {
            problems.push(format!("{name} under load: {}", report["checks"]));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
