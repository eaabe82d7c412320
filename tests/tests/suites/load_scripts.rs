//! Scripts under load: before and after every request, on the shard, with separate variables for each virtual
//! user.

use serde_json::{Value, json};
use vayu_tests::{
    Engine, Origin, assert_balanced, count, number, print_line, refused, script_cases,
    script_server,
};

fn scripted(url: &str, pre: &str, test: &str) -> Value {
    json!({"method": "GET", "url": url, "preRequestScript": pre, "postRequestScript": test})
}

fn iterations(request: Value, iterations: u64, concurrency: u64) -> Value {
    json!({"request": request, "mode": "iterations", "iterations": iterations,
           "concurrency": concurrency, "success_sample_rate": 100})
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let mut checks = report["checks"].as_array().expect("checks").iter();
    let found = checks.find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no check {name:?}: {report}"))
}

#[test]
fn every_response_is_checked() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let test = "pm.test('status', () => pm.response.to.have.status(200));
        pm.test('never', () => pm.expect(pm.response.code).to.equal(201));
        pm.test.skip('later', () => {});
        if (pm.info.iteration % 10 === 0) throw new Error('each tenth');";
    let report = engine
        .run(&iterations(scripted(&origin.url("/"), "", test), 200, 4))
        .finish();
    assert_balanced(&report);
    assert_eq!(check(&report, "status")["passed"], 200, "{report}");
    let never = check(&report, "never");
    assert_eq!(
        (&never["failed"], &never["passed"]),
        (&json!(200), &json!(0))
    );
    assert_eq!(never["firstFailures"][0], "expected 200 to equal 201");
    assert_eq!(check(&report, "later")["skipped"], 200);
    let scripts = &report["scripts"];
    assert_eq!(
        (count(scripts, "calls"), count(scripts, "errors")),
        (200, 20),
        "{scripts}"
    );
    let first = scripts["firstErrors"][0].as_str().unwrap_or_default();
    assert!(
        first.contains("each tenth") && first.contains("line 4"),
        "{first}"
    );
    assert!(
        number(scripts, "p99") >= number(scripts, "p50"),
        "{scripts}"
    );
}

#[test]
fn a_token_of_one_response_goes_into_the_next_request() {
    let (engine, server) = (Engine::start(), script_server());
    let request = json!({
        "method": "POST", "url": server.url("/echo/{{step}}"), "body": {"last": "{{last}}"},
        "headers": {"X-Vu": "{{__VU}}", "X-Run": "{{__RUN}}"}, "auth": {"type": "bearer", "token": "{{token}}"},
        "preRequestScript": "pm.variables.set('step', 'n' + __ITER);",
        "postRequestScript": "const told = pm.response.json();
            pm.test('path', () => pm.expect(told.path).to.equal('/echo/n' + __ITER));
            pm.test('vu', () => pm.expect(told.headers['x-vu']).to.equal(String(__VU)));
            pm.test(__RUN, () => pm.expect(told.headers['x-run']).to.equal(__RUN));
            const expected = __ITER === 0 ? 'Bearer first' : 'Bearer t' + __VU + '-' + (__ITER - 1);
            pm.test('token', () => pm.expect(told.headers.authorization).to.equal(expected));
            pm.environment.set('token', 't' + __VU + '-' + __ITER);
            pm.collectionVariables.set('last', __ITER);"
    });
    let _ = engine.post(
        "/environments",
        &json!({"id": "e", "name": "e", "variables": {"token": "first"}}),
    );
    let mut body = iterations(request, 40, 4);
    body["environmentId"] = "e".into();
    let report = engine.run(&body).finish();
    let id = report["metadata"]["runId"]
        .as_str()
        .expect("an id")
        .to_owned();
    for name in ["path", "vu", "token", &id] {
        assert_eq!(check(&report, name)["passed"], 40, "{name}: {report}");
    }
    assert!(report["scripts"]["errors"] == 0, "{report}");
    let kept = engine.get("/environments/e").body;
    assert_eq!(
        kept["variables"]["token"], "first",
        "a load run writes nothing back"
    );
}

#[test]
fn a_script_changes_and_skips_requests() {
    let (engine, server) = (Engine::start(), script_server());
    let pre = "if (__ITER % 2) pm.execution.skipRequest();
        pm.request.headers.upsert({key: 'X-Sign', value: require('crypto-js').MD5('x').toString()});
        pm.request.method = 'PUT'; pm.request.url = pm.request.url.toString() + '?n={{$randomInt}}';
        pm.request.body = {mode: 'urlencoded', urlencoded: [{key: 'a', value: 'b c'}]};";
    let test = "const told = pm.response.json();
        pm.test('changed', () => {
            pm.expect(told.method).to.equal('PUT');
            pm.expect(told.path).to.match(/^\\/echo\\?n=\\d+$/);
            pm.expect(told.headers['x-sign']).to.equal('9dd4e461268c8034f5c8564e155c67a6');
            pm.expect(told.body).to.equal('a=b+c');
        });";
    let report = engine
        .run(&iterations(
            scripted(&server.url("/echo"), pre, test),
            40,
            2,
        ))
        .finish();
    assert_balanced(&report);
    let skipped = count(&report, "accounting/skipped");
    assert!((18..=22).contains(&skipped), "{report}");
    assert_eq!(
        count(check(&report, "changed"), "passed"),
        40 - skipped,
        "{report}"
    );
    let pre = "pm.request.url = 'http://127.0.0.1:1/elsewhere'";
    let report = engine
        .run(&iterations(scripted(&server.url("/echo"), pre, ""), 3, 1))
        .finish();
    assert_eq!(count(&report, "accounting/skipped"), 3, "{report}");
    let words = report["scripts"]["firstErrors"][0]
        .as_str()
        .unwrap_or_default();
    assert!(words.contains("only go to the run's target"), "{report}");
}

#[test]
fn scripts_wait_and_send_under_load() {
    let (engine, server) = (Engine::start(), script_server());
    let pre = format!(
        "pm.sendRequest('{}', (error, response) => pm.variables.set('t', response.json().token));",
        server.url("/json")
    );
    let test = "setTimeout(() => pm.test('timer', () => {}), 2);
        pm.test('sent', () => pm.expect(pm.response.json().headers['x-t']).to.equal('abc.def.ghi'));";
    let mut request = scripted(&server.url("/echo"), &pre, test);
    request["headers"] = json!({"X-T": "{{t}}"});
    let report = engine.run(&iterations(request, 20, 3)).finish();
    assert_eq!(check(&report, "timer")["passed"], 20, "{report}");
    assert_eq!(check(&report, "sent")["passed"], 20, "{report}");
}

#[test]
fn a_runaway_script_stays_within_its_budget() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let _ = engine.post("/config", &json!({"loadScriptTimeout": 20}));
    let test = "if (__ITER === 0) for (;;) {} pm.test('fine', () => {})";
    let report = engine
        .run(&iterations(scripted(&origin.url("/"), "", test), 60, 2))
        .finish();
    assert_eq!(count(check(&report, "fine"), "passed"), 58, "{report}");
    assert_eq!(count(&report["scripts"], "errors"), 2, "{report}");
    let most = number(&report["scripts"], "max");
    assert!(
        (20.0..500.0).contains(&most),
        "the longest script took {most} ms"
    );
}

#[test]
fn what_is_no_script_starts_no_run() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let broken = iterations(scripted(&origin.url("/"), "let a = ;", ""), 1, 1);
    refused(&engine.post("/run", &broken), 400, "SCRIPT_ERROR", "line 1");
    let mut wrong = iterations(
        scripted(&origin.url("/"), "", "pm.test('a', () => {})"),
        10,
        1,
    );
    wrong["scriptSampleRate"] = json!(101);
    refused(
        &engine.post("/run", &wrong),
        400,
        "INVALID_REQUEST",
        "`scriptSampleRate` is 101",
    );
    assert_eq!(engine.get("/runs").body.as_array().map(Vec::len), Some(0));
    wrong["scriptSampleRate"] = json!(10);
    wrong["iterations"] = json!(100);
    let report = engine.run(&wrong).finish();
    let ran = count(&report["scripts"], "calls");
    assert!((9..=11).contains(&ran), "{report}");
}

/// The corpus under load: what a script detects in one response, it detects in every response.
#[test]
fn the_corpus_holds_on_every_response() {
    let (engine, server) = (Engine::start(), script_server());
    // The time to load a library is not tested here, because the machine may be busy.
    let _ = engine.post("/config", &json!({"loadScriptTimeout": 10_000}));
    let cases = script_cases(|file| file.starts_with("pm_"));
    let (mut count, mut problems) = (0, Vec::new());
    for entry in cases {
        let case = &entry.case;
        let tests = case["tests"].as_array().cloned().unwrap_or_default();
        if case["load"] == false
            || tests.is_empty()
            || case.get("environment").is_some()
            || case.get("collectionVariables").is_some()
            || case.get("globals").is_some()
        {
            continue;
        }
        count += 1;
        let response = case["response"].as_str().unwrap_or("json");
        let mut request = json!({"method": "GET", "url": server.url(&format!("/{response}"))});
        for (name, value) in case["request"].as_object().into_iter().flatten() {
            request[name] = value.clone();
        }
        let url = request["url"]
            .as_str()
            .unwrap_or_default()
            .replace("{{server}}", &server.url(""));
        request["url"] = url.into();
        request["preRequestScript"] = case["pre"].clone();
        request["postRequestScript"] = case["script"].clone();
        let variables = request
            .as_object_mut()
            .and_then(|fields| fields.shift_remove("variables"));
        let mut body = iterations(request, 3, 1);
        body["variables"] = variables.unwrap_or_else(|| json!({}));
        if case.to_string().contains("server") {
            body["variables"]["server"] = server.url("").into();
        }
        let report = match engine.try_run(&body) {
            Ok(run) => run.finish(),
            // A script that is not valid JavaScript starts no load run.
            Err(answer) if answer.code() == "SCRIPT_ERROR" => continue,
            Err(answer) => {
                problems.push(format!("{}: {}: {answer:?}", entry.file, case["name"]));
                continue;
            }
        };
        for test in &tests {
            let name = test[0].as_str().unwrap_or_default();
            let same: Vec<&Value> = tests.iter().filter(|other| other[0] == test[0]).collect();
            let (passed, all) = (
                same.iter().filter(|other| other[1] == true).count(),
                same.len(),
            );
            let found = report["checks"]
                .as_array()
                .and_then(|checks| checks.iter().find(|check| check["name"] == name));
            let found = found.map(|check| (check["passed"].clone(), check["failed"].clone()));
            let wanted = (json!(3 * passed), json!(3 * (all - passed)));
            if found.as_ref() != Some(&wanted) {
                problems.push(format!(
                    "{}: {}: {name:?} {found:?} instead of {wanted:?}; {}",
                    entry.file, case["name"], report["scripts"]["firstErrors"]
                ));
                break;
            }
        }
    }
    print_line(&format!("{count} scripts under load"));
    assert!(
        problems.is_empty(),
        "{} of {count}:\n{}",
        problems.len(),
        problems.join("\n")
    );
    assert!(count >= 100, "only {count} cases were found");
}

#[test]
fn scripts_that_still_wait_at_the_end_are_counted() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let report = engine
        .run(&json!({
            "request": {"method": "GET", "url": origin.url("/"),
                "postRequestScript": "setTimeout(() => pm.test('late', () => {}), 25000)"},
            "mode": "constant", "concurrency": 3, "duration": "1s", "gracefulStop": "100ms"
        }))
        .finish();
    assert_eq!(count(&report, "scripts/unfinished"), 3, "{report:#}");
    assert_eq!(report["checks"], Value::Null, "{report:#}");
    let reasons = report["verdict"]["reasons"].to_string();
    assert!(reasons.contains("scripts_unfinished"), "{reasons}");
}
