//! The Manager App's calls, sent as the app sends them: each with its preflight, from its own page (origin
//! `null`) and from its development server; and the same calls to an engine without the dialect.

use std::process::Command;

use serde_json::{Value, json};
use vayu_tests::{App, Engine, Origin, PAGES, binary, raw};

fn manager() -> Engine {
    Engine::with(&["--cpus", "0", "--dialect", "manager"])
}

/// A load test as the app sends it: all fields on one level.
fn flat(url: &str, mode: &str) -> Value {
    json!({
        "method": "GET", "url": url, "headers": {"Accept": "*/*"}, "mode": mode,
        "duration": "1s", "targetRps": 20, "iterations": 5, "concurrency": 2,
        "rampUpDuration": "500ms", "requestId": "req_1", "environmentId": "env_1",
        "comment": "before the release", "success_sample_rate": 100,
        "slow_threshold_ms": 1000, "save_timing_breakdown": true
    })
}

#[test]
fn every_mode_of_the_app_runs_from_its_pages() {
    let (engine, origin) = (manager(), Origin::start());
    for (page, mode, requests) in [
        ("null", "constant_rps", Some(20)),
        ("null", "constant_concurrency", None),
        ("null", "iterations", Some(5)),
        (PAGES[1], "ramp_up", None),
        (PAGES[1], "constant", Some(20)),
    ] {
        let app = App::new(&engine, page);
        let mut body = flat(&origin.url("/"), mode);
        if mode == "constant_concurrency" {
            body["success_sample_rate"] = json!(0);
        }
        let id = app.run(&body);
        let report = app.get(&format!("/run/{id}/report"));
        assert_eq!(
            report["metadata"]["status"], "completed",
            "{mode}: {report}"
        );
        let total = report["summary"]["totalRequests"].as_u64();
        assert!(total > Some(0), "{mode}: {report}");
        assert_reads_back(&app, &id, &body, &report);
        if let Some(requests) = requests {
            // On a busy machine, some requests may find no connection in time.
            let offered = report["accounting"]["offered"].as_u64();
            assert_eq!(offered, Some(requests), "{mode}: {report}");
        }
        let kept = report["results"].as_array().map_or(0, Vec::len) as u64;
        match mode {
            "constant_concurrency" => assert_eq!(kept, 0, "{mode}: none were to be kept"),
            _ => assert_eq!(Some(kept), total.map(|total| total.min(100)), "{mode}"),
        }
    }
}

/// Asserts that the settings of a run in the list, on its own and in the report are those that were sent.
fn assert_reads_back(app: &App<'_>, id: &str, body: &Value, report: &Value) {
    let list = app.get("/runs");
    let page = app.get("/runs?limit=1");
    let one = app.get(&format!("/run/{id}"));
    for settings in [
        &list[0]["configSnapshot"],
        &page["data"][0]["configSnapshot"],
        &one["configSnapshot"],
        &report["metadata"]["configuration"],
    ] {
        for field in [
            "mode",
            "duration",
            "targetRps",
            "iterations",
            "concurrency",
            "rampUpDuration",
            "comment",
        ] {
            assert_eq!(settings[field], body[field], "{field} of {settings}");
        }
        assert_eq!(settings.get("sentAs"), None, "{settings}");
    }
}

#[test]
fn the_history_shows_what_was_run() {
    let (engine, origin) = (manager(), Origin::start());
    let url = origin.url("/status/404");
    for page in PAGES {
        let app = App::new(&engine, page);
        assert_eq!(app.get("/health")["status"], "ok");
        let id = app.run(&flat(&url, "iterations"));
        let runs = app.get("/runs");
        assert_eq!(runs[0]["id"], id.as_str());
        let snapshot = &runs[0]["configSnapshot"];
        assert_eq!(*snapshot, app.get(&format!("/run/{id}"))["configSnapshot"]);
        for (field, value) in [
            ("url", json!(url)),
            ("method", json!("GET")),
            ("mode", json!("iterations")),
            ("duration", json!("1s")),
            ("concurrency", json!(2)),
            ("comment", json!("before the release")),
        ] {
            assert_eq!(snapshot[field], value, "{field}: {snapshot}");
        }
        assert_report(&app.get(&format!("/run/{id}/report")), &id, &url);
    }
}

/// Asserts that the report has everything that the app reads.
fn assert_report(report: &Value, id: &str, url: &str) {
    let metadata = &report["metadata"];
    for (field, value) in [
        ("runId", id),
        ("runType", "load"),
        ("status", "completed"),
        ("requestUrl", url),
        ("requestMethod", "GET"),
    ] {
        assert_eq!(metadata[field], value, "{metadata}");
    }
    assert!(metadata["startTime"].is_i64() && metadata["endTime"].is_i64());
    assert_eq!(metadata["configuration"]["comment"], "before the release");
    for path in [
        "/summary/testDuration",
        "/summary/sendRate",
        "/summary/throughput",
        "/summary/setupOverhead",
        "/latency/median",
    ] {
        let number = report.pointer(path).and_then(Value::as_f64);
        assert!(number >= Some(0.0), "{path}: {report}");
    }
    assert_eq!(report["errors"]["byStatusCode"], json!({"404": 5}));
    let results = report["results"].as_array().expect("results");
    assert_eq!(results.len(), 5);
    for result in results {
        assert_eq!(result["statusCode"], 404, "{result}");
        let request = &result["trace"]["request"];
        assert_eq!(
            (&request["url"], &request["method"]),
            (&json!(url), &json!("GET"))
        );
        assert_eq!(request["headers"], json!({"Accept": "*/*"}));
        assert!(
            result["trace"]["response"]["headers"].is_object(),
            "{result}"
        );
        assert!(result["trace"]["dnsMs"].is_number(), "{result}");
    }
}

#[test]
fn bodies_go_out_of_their_envelopes_as_they_were_written() {
    let (engine, origin) = (manager(), Origin::start());
    let app = App::new(&engine, "null");
    let written = "{ \"a\": 1.50 }";
    let table = [
        (json!({"mode": "json", "content": written}), written),
        (json!({"mode": "text", "content": "hi"}), "hi"),
        (json!({"mode": "none", "content": "x"}), ""),
        (
            json!({"mode": "unknown", "content": "x"}),
            r#"{"mode":"unknown","content":"x"}"#,
        ),
    ];
    for (body, sent) in table {
        let mut run = flat(&origin.url("/echo"), "iterations");
        run["method"] = json!("POST");
        run["body"] = body.clone();
        let id = app.run(&run);
        let report = app.get(&format!("/run/{id}/report"));
        let echoed = &report["results"][0]["trace"]["response"]["body"];
        assert_eq!(echoed, sent, "{body}");
    }
    let mut run = flat(&origin.url("/headers"), "iterations");
    run["body"] = json!({"mode": "json", "content": written});
    let id = app.run(&run);
    let report = app.get(&format!("/run/{id}/report"));
    let seen = report["results"][0]["trace"]["response"]["body"].as_str();
    let seen = seen.unwrap_or_default().to_ascii_lowercase();
    assert!(seen.contains("application/json"), "{seen}");
    assert!(seen.contains("\"get\""), "a GET stays a GET: {seen}");
}

#[test]
fn a_run_is_stopped_and_the_engine_ends() {
    let (engine, origin) = (manager(), Origin::start());
    let app = App::new(&engine, "null");
    let mut body = flat(&origin.url("/"), "constant_concurrency");
    body["duration"] = json!("60s");
    let started = app.post("/run", &body);
    let id = started.body["runId"].as_str().expect("an id").to_owned();
    let report = app.get(&format!("/run/{id}/report"));
    assert_eq!(report["metadata"]["endTime"], Value::Null, "{report}");
    let stopped = app.call("POST", &format!("/run/{id}/stop"), "");
    assert_eq!(
        (stopped.status, &stopped.body["status"]),
        (200, &json!("stopped"))
    );
    let report = app.get(&format!("/run/{id}/report"));
    assert_eq!(report["metadata"]["status"], "stopped");
    assert_eq!(app.call("POST", "/shutdown", "").status, 200);
    let (status, _) = engine.wait(std::time::Duration::from_secs(10));
    assert!(status.success(), "{status}");
}

#[test]
fn errors_have_the_shape_the_app_reads() {
    let engine = manager();
    let app = App::new(&engine, "null");
    let mut bad = flat("http://127.0.0.1:1/", "constant_rps");
    bad["duration"] = json!("0s");
    let table = [
        (app.post("/run", &bad), 400, "INVALID_REQUEST"),
        (
            app.post("/run", &json!({"mode": "constant_rps"})),
            400,
            "INVALID_REQUEST",
        ),
        (app.call("POST", "/run", "{"), 400, "INVALID_REQUEST"),
        (app.call("POST", "/run", ""), 400, "INVALID_REQUEST"),
        (
            app.call("GET", "/run/run_1/report", ""),
            404,
            "RUN_NOT_FOUND",
        ),
        (
            app.call("POST", "/run", &"x".repeat(17 * 1024 * 1024)),
            413,
            "PAYLOAD_TOO_LARGE",
        ),
    ];
    for (answer, status, code) in table {
        assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
        assert!(!answer.message().is_empty(), "{answer:?}");
    }
    assert_eq!(app.get("/runs"), json!([]));
}

#[test]
fn without_the_dialect_the_contract_is_kept_to_the_letter() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let app = App::new(&engine, PAGES[1]);
    let refused = app.post("/run", &flat(&origin.url("/"), "iterations"));
    assert_eq!((refused.status, refused.code()), (400, "INVALID_REQUEST"));
    assert!(refused.message().contains("`request`"), "{refused:?}");
    let envelope = json!({"mode": "json", "content": "{}"});
    let mut body = json!({
        "request": {"method": "POST", "url": origin.url("/echo"), "body": envelope},
        "mode": "constant_rps", "duration": "1s", "targetRps": 1
    });
    let refused = app.post("/run", &body);
    assert!(refused.message().contains("constant_rps"), "{refused:?}");
    body["mode"] = json!("iterations");
    body["iterations"] = json!(1);
    body["concurrency"] = json!(1);
    let id = app.run(&body);
    assert!(app.get("/runs")[0]["configSnapshot"].is_string());
    let report = app.get(&format!("/run/{id}/report"));
    assert_eq!(report.get("results"), None);
    assert_eq!(report["metadata"]["requestUrl"], origin.url("/echo"));
    assert_eq!(
        report["summary"]["totalRequests"], 1,
        "an object is sent as it is: {report}"
    );
    let page = [("origin", "null")];
    let from_a_file = raw("GET", &engine.url("/health"), &page, "");
    assert_eq!(from_a_file.status, 403);
    assert!(from_a_file.message().contains("--dialect manager"));
}

#[test]
fn the_environment_chooses_the_dialect_as_well() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let output = Command::new(binary("vayu-engine"))
        .args(["--port", "0", "--data-dir"])
        .arg(directory.path())
        .env("VAYU_DIALECT", "klingon")
        .output()
        .expect("it starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("klingon") && stderr.contains("manager"),
        "{stderr}"
    );
}
