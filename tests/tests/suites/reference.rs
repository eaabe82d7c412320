//! The sections of the API reference about the engine, runs and errors: its example bodies, sent as they are,
//! and the responses field by field.
//!
//! "Project Management" has its own suites, `workspace` and `workspace_refusals`. The target in the reference
//! is a name that does not exist, so that requests to it fail in name resolution; each run is stopped at
//! once.

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin, RunHandle, raw};

/// Returns the fields of an object in order.
fn fields(value: &Value) -> Vec<&str> {
    let object = value.as_object();
    let object = object.unwrap_or_else(|| panic!("{value} is not an object"));
    object.keys().map(String::as_str).collect()
}

fn assert_has(value: &Value, names: &[&str]) {
    let found = fields(value);
    for name in names {
        assert!(found.contains(name), "`{name}` is not in {value}");
    }
}

#[test]
fn get_health() {
    let health = Engine::with_shards(2).get("/health");
    assert_eq!(health.status, 200);
    let expected = json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "workers": 2});
    assert_eq!(health.body, expected);
}

#[test]
fn get_config() {
    let config = Engine::with_shards(2).get("/config").body;
    for (name, value) in [
        ("workers", 2),
        ("maxConnections", 10_000),
        ("defaultTimeout", 30_000),
        ("statsInterval", 100),
        ("contextPoolSize", 64),
    ] {
        assert_eq!(config[name], value, "{name}");
    }
}

/// The example bodies of `POST /run`. The modes without a request use the one of the first example.
fn examples() -> [Value; 6] {
    let health = json!({
        "method": "GET",
        "url": "https://api.example.com/health",
        "headers": {"Accept": "application/json"}
    });
    let with = |mut load: Value| {
        load["request"] = health.clone();
        load
    };
    [
        json!({
            "request": health,
            "mode": "constant",
            "duration": "30s",
            "targetRps": 50,
            "success_sample_rate": 10,
            "slow_threshold_ms": 1000,
            "save_timing_breakdown": true,
            "requestId": "req_123",
            "environmentId": "env_prod"
        }),
        with(json!({"mode": "constant", "duration": "30s", "targetRps": 100})),
        with(json!({"mode": "constant", "duration": "60s", "concurrency": 100})),
        with(json!({"mode": "iterations", "iterations": 1000, "concurrency": 10})),
        with(json!({
            "mode": "ramp_up",
            "duration": "60s",
            "rampUpDuration": "30s",
            "startConcurrency": 1,
            "concurrency": 100
        })),
        json!({
            "request": {"method": "GET", "url": "https://api.example.com/users"},
            "mode": "constant",
            "duration": "60s",
            "targetRps": 1000,
            "success_sample_rate": 5,
            "slow_threshold_ms": 500,
            "save_timing_breakdown": true
        }),
    ]
}

#[test]
fn post_run() {
    let engine = Engine::start();
    for body in examples() {
        let answer = engine.post("/run", &body);
        let what = format!("POST /run {body} answered {answer:?}");
        assert_eq!(answer.status, 202, "{what}");
        assert_eq!(
            fields(&answer.body),
            ["runId", "status", "message"],
            "{what}"
        );
        assert_eq!(answer.body["status"], "pending", "{what}");
        assert_eq!(answer.body["message"], "Load test started", "{what}");
        let id = answer.body["runId"].as_str().expect("an id");
        let digits = id.strip_prefix("run_").unwrap_or_default();
        assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{what}");
        let _ = engine.post(&format!("/run/{id}/stop"), &Value::Null);
        let run = engine.get(&format!("/run/{id}")).body;
        assert_eq!(run["type"], "load");
        assert_eq!(run["requestId"], body["requestId"]);
        assert_eq!(run["environmentId"], body["environmentId"]);
        let snapshot = run["configSnapshot"].as_str().expect("JSON as a string");
        assert_eq!(serde_json::from_str::<Value>(snapshot).expect("JSON"), body);
    }
}

/// Returns a finished run.
fn finished(engine: &Engine, origin: &Origin) -> RunHandle {
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/status/404")},
        "mode": "constant", "duration": "1s", "targetRps": 20,
        "slow_threshold_ms": 1000, "save_timing_breakdown": true
    }));
    let _ = run.finish();
    run
}

#[test]
fn get_runs_and_get_run() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = finished(&engine, &origin);
    let list = engine.get("/runs").body;
    assert_eq!(
        fields(&list[0]),
        [
            "id",
            "requestId",
            "environmentId",
            "type",
            "status",
            "configSnapshot",
            "startTime",
            "endTime"
        ]
    );
    assert_eq!(list, json!([run.show()]));
    assert_eq!(
        (&list[0]["type"], &list[0]["status"]),
        (&json!("load"), &json!("completed"))
    );
}

#[test]
fn get_run_report() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let report = finished(&engine, &origin).report();
    for (section, names) in [
        (
            "summary",
            &[
                "totalRequests",
                "successfulRequests",
                "failedRequests",
                "errorRate",
                "totalDurationSeconds",
                "avgRps",
            ][..],
        ),
        (
            "latency",
            &["min", "max", "avg", "p50", "p90", "p95", "p99"],
        ),
        ("errors", &["total", "withDetails", "types"]),
        (
            "timingBreakdown",
            &[
                "avgDnsMs",
                "avgConnectMs",
                "avgTlsMs",
                "avgFirstByteMs",
                "avgDownloadMs",
            ],
        ),
        ("slowRequests", &["count", "thresholdMs", "percentage"]),
    ] {
        assert_has(&report[section], names);
    }
    assert_eq!(report["statusCodes"], json!({"404": 20}));
    assert_eq!(report["summary"]["errorRate"], 100.0);
    assert_eq!(report["slowRequests"]["thresholdMs"], 1000.0);
}

#[test]
fn post_run_stop() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "duration": "60s", "targetRps": 100
    }));
    std::thread::sleep(std::time::Duration::from_millis(200));
    let stopped = run.stop().body;
    assert_eq!(fields(&stopped), ["status", "runId", "summary"]);
    assert_eq!(
        (&stopped["status"], &stopped["runId"]),
        (&json!("stopped"), &json!(run.id))
    );
    assert_eq!(
        fields(&stopped["summary"]),
        ["totalRequests", "errors", "errorRate", "avgLatency"]
    );
    assert_eq!(run.show()["status"], "stopped");
    let again = run.stop();
    assert_eq!(again.status, 200);
    assert_eq!(
        again.body,
        json!({"status": "already_stopped", "runId": run.id, "currentStatus": "stopped",
               "message": "Run is already stopped"})
    );
}

#[test]
fn get_stats() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = finished(&engine, &origin);
    let answer = raw("GET", &engine.url(&format!("/stats/{}", run.id)), &[], "");
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-cache"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    // The connection is kept alive, which is the default of HTTP/1.1 and need not be declared.
    assert_ne!(answer.header("connection"), Some("close"));
    let events = run.events();
    let (complete, metrics) = events.split_last().expect("events");
    let names: Vec<&str> = metrics
        .iter()
        .filter_map(|event| event.data["name"].as_str())
        .collect();
    for name in [
        "rps",
        "error_rate",
        "connections_active",
        "requests_sent",
        "requests_expected",
        "latency_avg",
        "latency_p50",
        "latency_p95",
        "latency_p99",
        "total_requests",
        "completed",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    for event in metrics {
        assert_eq!(event.name, "metric");
        assert_eq!(
            fields(&event.data),
            ["id", "name", "runId", "timestamp", "value"]
        );
        assert_eq!(event.data["runId"], run.id.as_str());
    }
    assert_eq!(complete.name, "complete");
    let data = &complete.data;
    assert_eq!(
        (&data["event"], &data["runId"], &data["status"]),
        (&json!("complete"), &json!(run.id), &json!("completed"))
    );
}

#[test]
fn error_codes() {
    let engine = Engine::start();
    let run = |request: Value| json!({"request": request, "mode": "iterations", "iterations": 1, "concurrency": 1});
    let table = [
        (engine.post("/run", &json!({})), 400, "INVALID_REQUEST"),
        (
            engine.post("/run", &run(json!({"method": "GET", "url": "no url"}))),
            400,
            "INVALID_URL",
        ),
        (
            engine.post(
                "/run",
                &run(json!({"method": "INVALID", "url": "http://a/"})),
            ),
            400,
            "INVALID_METHOD",
        ),
        (engine.get("/run/run_1704200000000"), 404, "RUN_NOT_FOUND"),
    ];
    for (answer, status, code) in table {
        assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
        assert_eq!(fields(&answer.body), ["error"]);
        assert_eq!(fields(&answer.body["error"]), ["code", "message"]);
    }
}
