//! A day with the Manager App: the calls of its workspace, its settings, its live view and its history, in
//! the order in which the app sends them and from both of its pages. Then the same calls without the dialect.

use serde_json::{Value, json};
use vayu_tests::{App, Engine, Event, Origin, PAGES};

fn manager() -> Engine {
    Engine::with(&["--cpus", "0", "--dialect", "manager"])
}

/// A call that must succeed with JSON, as the app requires for every call.
fn done(app: &App<'_>, path: &str, body: &Value) -> Value {
    let answer = app.post(path, body);
    assert_eq!(answer.status, 200, "POST {path} {body}: {answer:?}");
    assert!(answer.body.is_object(), "POST {path}: {answer:?}");
    answer.body
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    let found = value[field].as_str();
    found.unwrap_or_else(|| panic!("no text `{field}` in {value}"))
}

/// The app converts these to dates, and shows nothing at all if one is missing.
fn assert_dated(value: &Value, fields: &[&str]) {
    for field in fields {
        assert!(value[*field].as_i64() > Some(0), "`{field}` of {value}");
    }
}

const DATES: [&str; 2] = ["createdAt", "updatedAt"];

#[test]
fn collections_are_made_renamed_and_deleted() {
    let engine = manager();
    for page in PAGES {
        let app = App::new(&engine, page);
        let folder = done(&app, "/collections", &json!({"name": "Shop"}));
        let inner = json!({"name": "Orders", "parentId": folder["id"]});
        let inner = done(&app, "/collections", &inner);
        assert!(
            text(&folder, "id") < text(&inner, "id"),
            "ids ascend: {folder} {inner}"
        );
        for (change, name, variables) in [
            (json!({"name": "Store"}), "Store", json!({})),
            (
                json!({"variables": {"a": {"value": "1"}}}),
                "Store",
                json!({"a": {"value": "1"}}),
            ),
            (json!({"name": "Both", "variables": {}}), "Both", json!({})),
        ] {
            let mut change = change;
            change["id"] = inner["id"].clone();
            let changed = done(&app, "/collections", &change);
            assert_eq!(
                (&changed["name"], &changed["variables"]),
                (&json!(name), &variables)
            );
            assert_eq!(changed["parentId"], folder["id"], "{changed}");
            assert_eq!(changed["createdAt"], inner["createdAt"], "{changed}");
        }
        let tree = app.get("/collections");
        let tree = tree.as_array().expect("an array");
        assert_eq!(tree.len(), 2, "{tree:?}");
        tree.iter().for_each(|one| assert_dated(one, &DATES));
        let path = format!("/collections/{}", text(&folder, "id"));
        let gone = app.call("DELETE", &path, "");
        assert_eq!(
            (gone.status, gone.body.is_object()),
            (200, true),
            "{gone:?}"
        );
        assert_eq!(app.get("/collections"), json!([]));
    }
}

#[test]
fn requests_keep_what_is_not_sent() {
    let engine = manager();
    for page in PAGES {
        let app = App::new(&engine, page);
        let folder = done(&app, "/collections", &json!({"name": "Shop"}));
        let made = json!({"collectionId": folder["id"], "name": "List", "method": "GET",
                          "url": "http://{{host}}/orders"});
        let made = done(&app, "/requests", &made);
        assert_dated(&made, &DATES);
        let save = json!({
            "id": made["id"], "name": "Place", "method": "POST",
            "url": "http://{{host}}/orders?dry=1", "headers": {"Accept": "*/*"},
            "params": {"dry": "1"}, "body": "{\"n\": {{n}}}", "bodyType": "json",
            "auth": {"type": "bearer", "token": "t"},
            "preRequestScript": "// before", "postRequestScript": "// after"
        });
        let saved = done(&app, "/requests", &save);
        for (field, value) in save.as_object().expect("an object") {
            assert_eq!(saved[field], *value, "{field}: {saved}");
        }
        assert_eq!(saved["collectionId"], folder["id"]);
        let renamed = json!({"id": made["id"], "name": "Order"});
        let renamed = done(&app, "/requests", &renamed);
        assert_eq!(
            (&renamed["name"], &renamed["body"], &renamed["auth"]),
            (&json!("Order"), &save["body"], &save["auth"])
        );
        let path = format!("/requests?collectionId={}", text(&folder, "id"));
        let list = app.get(&path);
        assert_eq!(list, json!([renamed]));
        assert!(list[0]["body"].is_string(), "{list}");
        let one = format!("/requests/{}", text(&made, "id"));
        assert_eq!(app.call("DELETE", &one, "").status, 200);
        assert_eq!(app.get(&path), json!([]));
        // The app sends it twice; the second response says why it fails.
        let again = app.call("DELETE", &one, "");
        assert_eq!((again.status, again.code()), (404, "REQUEST_NOT_FOUND"));
    }
}

#[test]
fn variables_come_back_as_they_were_sent() {
    let engine = manager();
    for page in PAGES {
        let app = App::new(&engine, page);
        let made = done(
            &app,
            "/environments",
            &json!({"name": "Lab", "variables": {}}),
        );
        assert_dated(&made, &["updatedAt"]);
        let variables = json!({
            "host": {"value": "127.0.0.1", "enabled": true, "secret": false, "createdAt": 1},
            "old": {"value": "x", "enabled": false, "secret": true},
            "plain": "text"
        });
        let change = json!({"id": made["id"], "name": "Lab 2", "variables": variables,
                            "isActive": true});
        let changed = done(&app, "/environments", &change);
        assert_eq!(changed["variables"], variables);
        assert_eq!(app.get("/environments"), json!([changed]));
        let path = format!("/environments/{}", text(&made, "id"));
        assert_eq!(app.call("DELETE", &path, "").status, 200);
        assert_eq!(app.get("/environments"), json!([]));

        let globals = done(&app, "/globals", &json!({"variables": variables}));
        assert_dated(&globals, &["updatedAt"]);
        assert_eq!(globals["variables"], variables);
        assert_eq!(app.get("/globals"), globals);
    }
}

#[test]
fn settings_are_shown_and_changed_as_text() {
    let engine = manager();
    for (page, value) in PAGES.into_iter().zip(["20000", "25000"]) {
        let app = App::new(&engine, page);
        let change = json!({"entries": {"defaultTimeout": value}});
        let changed = done(&app, "/config", &change);
        assert_eq!(app.get("/config"), changed);
        let entries = changed["entries"].as_array().expect("entries");
        for entry in entries {
            for field in [
                "key",
                "value",
                "type",
                "label",
                "description",
                "category",
                "default",
            ] {
                assert!(!text(entry, field).is_empty(), "{field} of {entry}");
            }
        }
        let timeout = entries
            .iter()
            .find(|entry| entry["key"] == "defaultTimeout");
        let timeout = timeout.expect("the setting just changed");
        assert_eq!(timeout["value"], value);
        assert_dated(timeout, &["updatedAt"]);
    }
}

#[test]
fn the_editor_is_told_what_scripts_can_use() {
    let engine = manager();
    let app = App::new(&engine, "null");
    let told = app.get("/scripting/completions");
    assert!(!text(&told, "version").is_empty() && !text(&told, "engine").is_empty());
    let members = told["completions"].as_array().expect("completions");
    let labels: Vec<&str> = members.iter().map(|member| text(member, "label")).collect();
    for label in [
        "pm.response.json()",
        "pm.environment.set(name, value)",
        "pm.test(name, fn)",
    ] {
        assert!(labels.contains(&label), "{label} is not in {labels:?}");
    }
    for member in members {
        assert!(member["kind"].is_u64(), "{member}");
        for field in ["insertText", "detail", "documentation", "sortText"] {
            assert!(!text(member, field).is_empty(), "{field} of {member}");
        }
    }
}

#[test]
fn a_request_is_sent_and_found_again() {
    let (engine, origin) = (manager(), Origin::start());
    for page in PAGES {
        let app = App::new(&engine, page);
        let written = "{ \"n\": 1.50 }";
        let body = json!({
            "method": "POST", "url": origin.url("/echo"), "headers": {"X-A": "{{left}}"},
            "body": {"mode": "json", "content": written},
            "auth": {"type": "basic", "username": "u", "password": "p"},
            "requestId": "req_1", "environmentId": "env_1"
        });
        let answer = done(&app, "/request", &body);
        assert_eq!(
            (&answer["status"], &answer["bodyRaw"]),
            (&json!(200), &json!(written))
        );
        assert_eq!(answer["bodySize"], written.len());
        for (short, name) in [("total", "total_ms"), ("firstByte", "first_byte_ms")] {
            assert_eq!(answer["timing"][short], answer["timing"][name], "{answer}");
        }
        let headers = answer["headers"].as_object().expect("headers");
        assert!(headers.values().all(Value::is_string), "{answer}");
        assert_eq!(answer["requestHeaders"]["Authorization"], "Basic dTpw");
        assert_eq!(
            answer["requestHeaders"]["X-A"], "{{left}}",
            "left to the app"
        );
        assert!(
            answer["rawRequest"]
                .as_str()
                .is_some_and(|raw| raw.starts_with("POST /echo "))
        );
        // Restored after a restart, from the history.
        let run = &app.get("/runs")[0];
        assert_eq!(
            (&run["type"], &run["configSnapshot"]["url"]),
            (&json!("design"), &body["url"])
        );
        let report = app.get(&format!("/run/{}/report", text(run, "id")));
        assert_eq!(report["metadata"]["runType"], "design");
        let trace = &report["results"][0]["trace"];
        assert_eq!(
            (&trace["response"]["body"], &trace["request"]["method"]),
            (&json!(written), &json!("POST"))
        );
        let mut scripted = body.clone();
        scripted["preRequestScript"] = json!("console.log('before'); nobody.knows();");
        scripted["postRequestScript"] =
            json!("pm.test('code', () => pm.response.to.have.status(200)); console.log('after');");
        let told = done(&app, "/request", &scripted);
        let error = told["preScriptError"].as_str().unwrap_or_default();
        assert!(error.contains("nobody"), "it is sent all the same: {told}");
        assert_eq!(told["consoleLogs"], json!(["[pre] before", "after"]));
        let test = &told["testResults"][0];
        assert_eq!(
            (&test["name"], &test["passed"]),
            (&json!("code"), &json!(true))
        );
        let failed = app.post("/request", &json!({"method": "GET", "url": "http://127.0.0.1:1/", "body": {"mode": "none", "content": ""}}));
        assert_eq!((failed.status, failed.code()), (502, "CONNECTION_FAILED"));
    }
}

fn load(url: &str, duration: &str) -> Value {
    json!({
        "method": "GET", "url": url, "headers": {}, "mode": "constant_rps",
        "duration": duration, "targetRps": 40, "iterations": 1, "concurrency": 4,
        "rampUpDuration": "1s", "comment": "", "success_sample_rate": 10,
        "slow_threshold_ms": 1000, "save_timing_breakdown": true
    })
}

/// Asserts that the stream has what the live view draws, and that it ends.
fn assert_shown(events: &[Event], id: &str) {
    let (complete, metrics) = events.split_last().expect("a stream has events");
    assert_eq!(
        (complete.name.as_str(), &complete.data["status"]),
        ("complete", &json!("completed"))
    );
    assert!(!metrics.is_empty(), "{id} showed nothing");
    for event in metrics {
        assert_eq!(event.name, "metrics");
        for field in [
            "timestamp",
            "elapsedSeconds",
            "totalRequests",
            "totalErrors",
            "currentRps",
            "activeConnections",
            "avgLatencyMs",
            "sendRate",
            "throughput",
            "backpressure",
        ] {
            assert!(event.data[field].is_number(), "{field} of {}", event.data);
        }
    }
}

#[test]
fn a_load_test_is_watched_and_found_again_in_the_history() {
    let (engine, origin) = (manager(), Origin::start());
    for page in PAGES {
        let app = App::new(&engine, page);
        let started = app.post("/run", &load(&origin.url("/"), "2s"));
        let id = text(&started.body, "runId").to_owned();
        let live = format!("/metrics/live/{id}");
        assert_shown(&app.events(&live), &id);
        // `complete` is sent when the last report can be read, and the app reads it once.
        let report = app.get(&format!("/run/{id}/report"));
        assert_eq!(report["metadata"]["status"], "completed");
        assert_eq!(report["summary"]["totalRequests"], 80);
        // A short run ends before the app connects. The stream must still end.
        std::thread::sleep(std::time::Duration::from_millis(300));
        let afterwards = app.events(&live);
        assert_shown(&afterwards, &id);
        assert_eq!(afterwards.len(), 2, "{afterwards:?}");

        let (mut seconds, mut offset) = (Vec::new(), 0);
        loop {
            let page = app.get(&format!("/stats/{id}?format=json&limit=1&offset={offset}"));
            let data = page["data"].as_array().expect("data").clone();
            offset += data.len();
            assert_eq!(page["pagination"]["returned"], data.len());
            seconds.extend(data);
            if page["pagination"]["hasMore"] == false {
                assert_eq!(page["pagination"]["total"], seconds.len());
                break;
            }
        }
        assert!(
            seconds.len() >= 2,
            "no chart without two seconds: {seconds:?}"
        );
        for field in [
            "timestamp",
            "elapsed_seconds",
            "requests_completed",
            "requests_failed",
            "current_rps",
            "current_concurrency",
            "send_rate",
            "throughput",
            "backpressure",
        ] {
            assert!(seconds[0][field].is_number(), "{field} of {}", seconds[0]);
        }

        let history = app.get("/runs?limit=5&type=load");
        let run = &history["data"][0];
        assert_eq!(
            (&run["id"], &run["configSnapshot"]["url"]),
            (&json!(id), &json!(origin.url("/")))
        );
        let gone = app.call("DELETE", &format!("/run/{id}"), "");
        assert_eq!(
            (gone.status, gone.body.is_object()),
            (200, true),
            "{gone:?}"
        );
        let missing = app.call("GET", &live, "");
        assert_eq!((missing.status, missing.code()), (404, "RUN_NOT_FOUND"));
    }
}

#[test]
fn without_the_dialect_ids_are_the_clients_own() {
    let engine = Engine::start();
    let app = App::new(&engine, PAGES[1]);
    for (path, body) in [
        ("/collections", json!({"name": "Shop"})),
        (
            "/requests",
            json!({"collectionId": "c", "name": "n", "method": "GET", "url": "u"}),
        ),
        ("/environments", json!({"name": "Lab", "variables": {}})),
    ] {
        let refused = app.post(path, &body);
        assert_eq!(
            (refused.status, refused.code()),
            (400, "INVALID_REQUEST"),
            "{path}"
        );
        assert!(refused.message().contains("`id` is missing"), "{refused:?}");
    }
    // Additive features work in both.
    let variables = json!({"a": {"value": "1", "enabled": true, "secret": false}});
    let globals = done(&app, "/globals", &json!({"variables": variables}));
    assert_eq!(globals["variables"], variables);
    let change = json!({"entries": {"defaultTimeout": "20000"}});
    assert_eq!(done(&app, "/config", &change)["defaultTimeout"], 20_000);
}
