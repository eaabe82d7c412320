//! Scripts of single requests: the corpus, case by case, and related behaviour.

use serde_json::{Map, Value, json};
use vayu_tests::{
    Engine, ScriptCase, get_request, made, print_line, refused, script_cases, script_server,
};

/// Minimum number of cases. With fewer, the corpus was not found.
const MIN_CASES: usize = 250;

/// Converts variables to their saved form: values that are not strings are in an object.
fn saved(variables: &Value) -> Map<String, Value> {
    let fields = variables.as_object().cloned().unwrap_or_default();
    let saved = fields.into_iter().map(|(name, value)| match value {
        Value::String(_) => (name, value),
        other => (name, json!({ "value": other })),
    });
    saved.collect()
}

/// Converts saved variables to values.
fn values(variables: &Value) -> Value {
    let fields = variables.as_object().cloned().unwrap_or_default();
    let values = fields
        .into_iter()
        .map(|(name, value)| match value.get("value") {
            Some(inner) => (name, inner.clone()),
            None => (name, value),
        });
    Value::Object(values.collect())
}

struct Suite<'a> {
    engine: &'a Engine,
    server: String,
}

impl Suite<'_> {
    /// Saves the initial state of a case, and sends its request.
    fn make(&self, case: &Value) -> Value {
        let mut environment = saved(&case["environment"]);
        environment.insert("server".into(), self.server.clone().into());
        let engine = self.engine;
        let save = |path: &str, body: Value| {
            let answer = engine.post(path, &body);
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
        };
        save("/globals", json!({"variables": saved(&case["globals"])}));
        let _ = engine.delete("/environments/env");
        save(
            "/environments",
            json!({"id": "env", "name": "lab", "variables": environment}),
        );
        save(
            "/collections",
            json!({"id": "col", "name": "corpus", "variables": saved(&case["collectionVariables"])}),
        );
        save(
            "/requests",
            json!({"id": "req", "collectionId": "col", "name": "case", "method": "GET", "url": "http://x/"}),
        );
        let _ = engine.delete("/cookies?environmentId=env");
        let response = case["response"].as_str().unwrap_or("json");
        let mut body = get_request(&format!("{}/{response}", self.server));
        for (name, value) in case["request"].as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let url = body["url"].as_str().unwrap_or_default();
        body["url"] = url.replace("{{server}}", &self.server).into();
        body["scriptErrors"] = "report".into();
        body["environmentId"] = "env".into();
        body["requestId"] = "req".into();
        for (field, script) in [("preRequestScript", "pre"), ("postRequestScript", "script")] {
            if let Some(text) = case[script].as_str() {
                body[field] = text.into();
            }
        }
        let answer = engine.post("/request", &body);
        // An unreachable target is an error, whatever the script says.
        if answer.status == 502 && case["name"].as_str().unwrap_or_default().contains("refuse") {
            return json!({"status": 502});
        }
        assert_eq!(answer.status, 200, "{case}: {answer:?}");
        answer.body
    }

    /// Returns what differs from the expectation of a case.
    fn problem(&self, case: &Value) -> Option<String> {
        let answer = self.make(case);
        if answer["status"] == 502 {
            return None;
        }
        problem_of(case, &answer).or_else(|| {
            let left = |path: &str| values(&self.engine.get(path).body["variables"]);
            let mut environment = left("/environments/env");
            environment
                .as_object_mut()
                .map(|fields| fields.remove("server"));
            let places = [
                ("environmentAfter", environment),
                ("globalsAfter", left("/globals")),
            ];
            places.into_iter().find_map(|(name, left)| {
                let wanted = case.get(name)?;
                (*wanted != left).then(|| format!("{name}: {left} instead of {wanted}"))
            })
        })
    }
}

fn problem_of(case: &Value, answer: &Value) -> Option<String> {
    for (wanted, found) in [
        ("preError", "preScriptError"),
        ("postError", "postScriptError"),
    ] {
        let told = answer[found].as_str().unwrap_or_default();
        match case[wanted].as_str() {
            Some(part) if !told.contains(part) => {
                return Some(format!("{found} is {told:?}, without {part:?}"));
            }
            None if !told.is_empty() => return Some(format!("{found} is {told:?}")),
            _ => {}
        }
    }
    let results = answer["testResults"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let (skipped, results): (Vec<_>, Vec<_>) = results
        .into_iter()
        .partition(|result| result["skipped"] == true);
    let wanted = case["tests"].as_array().cloned().unwrap_or_default();
    let fits = |(wanted, found): (&Value, &Value)| {
        wanted[0] == found["name"]
            && wanted[1] == found["passed"]
            && wanted
                .get(2)
                .is_none_or(|message| *message == found["error"])
    };
    if wanted.len() != results.len() || !wanted.iter().zip(&results).all(fits) {
        return Some(format!("tests: {results:?}\n   instead of {wanted:?}"));
    }
    if let Some(names) = case["skipped"].as_array() {
        let found: Vec<Value> = skipped
            .iter()
            .map(|result| result["name"].clone())
            .collect();
        if *names != found {
            return Some(format!("skipped {found:?} instead of {names:?}"));
        }
    }
    let lines = case["console"].as_array()?;
    let logs = answer["consoleLogs"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let found: Vec<Value> = logs
        .iter()
        .map(|line| json!([line["level"], line["message"]]))
        .collect();
    (*lines != found).then(|| format!("console: {found:?}\n   instead of {lines:?}"))
}

fn told(problems: &[String], count: usize) {
    print_line(&format!("{count} scripts"));
    assert!(
        problems.is_empty(),
        "{} of {count}:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

#[test]
fn every_case_turns_out_as_postman_has_it() {
    let (engine, server) = (Engine::start(), script_server());
    let suite = Suite {
        engine: &engine,
        server: server.url(""),
    };
    let cases = script_cases(|file| file.starts_with("pm_"));
    let problem = |ScriptCase { file, case }: &ScriptCase| {
        let problem = suite.problem(case)?;
        Some(format!("{file}: {}: {problem}", case["name"]))
    };
    let problems: Vec<String> = cases.iter().filter_map(problem).collect();
    told(&problems, cases.len());
    assert!(
        cases.len() >= MIN_CASES,
        "only {} cases were found",
        cases.len()
    );
}

#[test]
fn libraries_do_what_the_originals_do() {
    let (engine, server) = (Engine::start(), script_server());
    let cases = script_cases(|file| !file.starts_with("pm_"));
    let problem = |ScriptCase { file, case }: &ScriptCase| {
        let mut body = get_request(&server.url("/json"));
        body["postRequestScript"] = case["script"].clone();
        body["scriptErrors"] = "report".into();
        let answer = made(&engine, &body);
        let results = answer["testResults"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let failed: Vec<&Value> = results
            .iter()
            .filter(|result| result["passed"] != true)
            .collect();
        let error = answer["postScriptError"].as_str().unwrap_or_default();
        let is_fine = failed.is_empty() && !results.is_empty() && error.is_empty();
        (!is_fine).then(|| format!("{file}: {}: {failed:?} {error}", case["name"]))
    };
    let problems: Vec<String> = cases.iter().filter_map(problem).collect();
    told(&problems, cases.len());
}

#[test]
fn errors_of_scripts_refuse_the_request_unless_they_are_to_be_reported() {
    let (engine, server) = (Engine::start(), script_server());
    let with = |pre: &str, test: &str, mode: &str| {
        let mut body = get_request(&server.url("/json"));
        body["preRequestScript"] = pre.into();
        body["postRequestScript"] = test.into();
        body["scriptErrors"] = mode.into();
        engine.post("/request", &body)
    };
    for (pre, test, part) in [
        ("let a = ;", "", "pre-request script failed: SyntaxError"),
        ("", "\n  let b = ];", "test script failed: SyntaxError"),
        ("nobody.x", "", "nobody is not defined (line 1, column 1)"),
    ] {
        refused(&with(pre, test, "refuse"), 400, "SCRIPT_ERROR", part);
    }
    assert_eq!(server.asked().len(), 0, "nothing is sent");
    let answer = with("", "pm.test('a', () => {}); nobody.x", "refuse");
    refused(&answer, 400, "SCRIPT_ERROR", "nobody is not defined");
    let whole = &answer.body["response"];
    assert_eq!(
        (&whole["status"], &whole["testResults"][0]["name"]),
        (&json!(200), &json!("a"))
    );
    let answer = with("nobody.x", "pm.test('b', () => {})", "report");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["testResults"][0]["name"], "b");
    assert!(
        answer.body["preScriptError"]
            .as_str()
            .is_some_and(|error| error.contains("nobody"))
    );
}

#[test]
fn what_scripts_told_and_changed_is_answered_and_stored() {
    let (engine, server) = (Engine::start(), script_server());
    let environment = json!({"a": "1", "b": {"value": "2", "secret": true}, "c": "3"});
    let answer = engine.post(
        "/environments",
        &json!({"id": "e", "name": "lab", "variables": environment}),
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut body = get_request(&server.url("/echo?a={{a}}"));
    body["environmentId"] = "e".into();
    body["preRequestScript"] =
        "pm.environment.set('a', 7); pm.environment.set('b', 'x'); console.log('before')".into();
    body["postRequestScript"] = "pm.environment.unset('c'); pm.globals.set('g', {h: 1});
        pm.test('sent', () => pm.expect(pm.response.json().path).to.equal('/echo?a=7'))"
        .into();
    let answer = made(&engine, &body);
    assert_eq!(answer["testResults"][0]["passed"], true, "{answer}");
    let changed = json!({"environment": {"a": 7, "b": "x", "c": null}, "globals": {"g": {"h": 1}}});
    assert_eq!(answer["changedVariables"], changed);
    let stored = engine.get("/environments/e").body["variables"].clone();
    assert_eq!(
        stored,
        json!({"a": {"value": 7}, "b": {"value": "x", "secret": true}})
    );
    let run = answer["runId"].as_str().expect("a run");
    let trace = engine.get(&format!("/run/{run}/results")).body["data"][0]["trace"].clone();
    assert_eq!(trace["testResults"][0]["name"], "sent", "{trace}");
    assert_eq!(trace["consoleLogs"][0]["message"], "before", "{trace}");
    assert_eq!(trace["changedVariables"], changed);
}

#[test]
fn timers_without_end_end_with_the_request() {
    let (engine, server) = (Engine::start(), script_server());
    let mut body = get_request(&server.url("/json"));
    body["timeout"] = 700.into();
    body["scriptErrors"] = "report".into();
    for script in [
        "(function f() { setImmediate(f) })()",
        "setInterval(() => {}, 1)",
    ] {
        body["postRequestScript"] = script.into();
        let answer = made(&engine, &body);
        let error = answer["postScriptError"].as_str().unwrap_or_default();
        assert!(
            error.contains("request timeout while waiting"),
            "{script}: {error:?}"
        );
    }
}

#[test]
fn hostile_scripts_harm_nobody() {
    let (engine, server) = (Engine::start(), script_server());
    let limit = |milliseconds: u64| {
        let limits = json!({"scriptTimeout": milliseconds, "scriptMemoryMib": 32});
        let answer = engine.post("/config", &limits);
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    let run = |script: &str| {
        let mut body = get_request(&server.url("/json"));
        body["postRequestScript"] = script.into();
        body["scriptErrors"] = "report".into();
        made(&engine, &body)
    };
    for (script, words) in [
        ("for (;;) {}", "longer than 300 ms"),
        ("(function f() { f() })()", "endless recursion"),
        ("const a = []; for (;;) a.push('x'.repeat(1e5))", "32 MiB"),
        ("/(a+)+$/.test('a'.repeat(60) + 'b')", "longer than 300 ms"),
        ("'x'.repeat(2 ** 29)", "32 MiB"),
        (
            "Object.prototype.toString = null; pm.expect({a: 1}).to.eql({a: 2})",
            "",
        ),
        (
            "Object.defineProperty(Object.prototype, 'code', {get() { throw new Error('mine') }}); pm.response.code.x",
            "",
        ),
        (
            "require('fs').readFileSync('/etc/passwd')",
            "Cannot find module 'fs'",
        ),
        ("process.exit(1)", "process is not defined"),
        ("fetch('http://127.0.0.1/')", "fetch is not defined"),
        ("import('std')", ""),
    ] {
        // On a busy machine, the time limit must not end a script that another limit is meant to end.
        limit(if words.contains("longer than") {
            300
        } else {
            10_000
        });
        let answer = run(script);
        let error = answer["postScriptError"].as_str().unwrap_or_default();
        assert!(error.contains(words), "{script}: {error:?}");
        limit(10_000);
        let next = run("pm.test('fine', () => pm.expect({a: 1}).to.eql({a: 1}))");
        assert_eq!(
            next["testResults"][0]["passed"], true,
            "after {script}: {next}"
        );
    }
}
