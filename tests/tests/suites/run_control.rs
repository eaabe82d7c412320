//! Starting, stopping, watching and finding runs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_tests::{Dns, Engine, Origin, Reply, raw, stream};

fn endless(url: &str) -> Value {
    json!({
        "request": {"method": "GET", "url": url},
        "mode": "constant", "duration": "60s", "concurrency": 4, "success_sample_rate": 0
    })
}

#[test]
fn a_stop_returns_soon_and_nothing_is_sent_after_it() {
    for shards in [1, 2] {
        let (engine, origin) = (Engine::with_shards(shards), Origin::start());
        let run = engine.run(&endless(&origin.url("/")));
        std::thread::sleep(Duration::from_millis(700));
        let begun = Instant::now();
        let answer = run.stop();
        let took = begun.elapsed();
        let at_stop = origin.requests();
        assert!(took < Duration::from_secs(2), "the stop took {took:?}");
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (200, &json!("stopped")),
            "{answer:?}"
        );
        assert_eq!(answer.body["runId"], run.id.as_str());
        let summary = &answer.body["summary"];
        assert_eq!(summary["totalRequests"], at_stop, "{summary}");
        assert_eq!(
            (&summary["errors"], &summary["errorRate"]),
            (&json!(0), &json!(0.0))
        );
        assert!(summary["avgLatency"].as_f64() > Some(0.0), "{summary}");
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(
            origin.requests(),
            at_stop,
            "requests were sent after the stop was answered"
        );
        assert_eq!(run.show()["status"], "stopped");
        let again = run.stop();
        let expected = json!({"status": "already_stopped", "runId": run.id,
                              "currentStatus": "stopped", "message": "Run is already stopped"});
        assert_eq!((again.status, again.body), (200, expected));
    }
}

#[test]
fn a_run_without_an_end_in_the_store_is_not_running() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let engine = Engine::in_directory(directory, &["--cpus", "0"]);
    let origin = Origin::start();
    let run = engine.run(&endless(&origin.url("/")));
    std::thread::sleep(Duration::from_millis(300));
    engine.signal("KILL");
    let (_, directory) = engine.wait(Duration::from_secs(5));
    let engine = Engine::in_directory(directory, &["--cpus", "0"]);
    let shown = engine.get(&format!("/run/{}", run.id));
    assert_eq!(shown.body["status"], "failed", "{shown:?}");
    assert!(
        shown.body["reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty()),
        "{shown:?}"
    );
    let stopped = engine.post(&format!("/run/{}/stop", run.id), &Value::Null);
    assert_eq!(stopped.body["status"], "already_stopped", "{stopped:?}");
    assert_eq!(engine.get(&format!("/run/{}/report", run.id)).status, 200);
}

#[test]
fn unknown_runs_are_not_found() {
    let engine = Engine::start();
    let table = [
        ("GET", "/run/run_1"),
        ("GET", "/run/run_1/report"),
        ("GET", "/stats/run_1"),
        ("POST", "/run/run_1/stop"),
    ];
    for (method, path) in table {
        let answer = raw(method, &engine.url(path), &[], "");
        assert_eq!(
            (answer.status, answer.code()),
            (404, "RUN_NOT_FOUND"),
            "{method} {path}"
        );
        assert!(answer.message().contains("run_1"), "{answer:?}");
    }
}

#[test]
fn runs_are_listed_and_shown_as_documented() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let mut body = json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "iterations", "iterations": 1, "concurrency": 1, "requestId": "req_1"
    });
    let first = engine.run(&body);
    let _ = first.finish();
    body["environmentId"] = json!("env_1");
    let second = engine.run(&body);
    let _ = second.finish();
    let list = engine.get("/runs");
    assert_eq!(list.status, 200);
    let ids: Vec<&str> = list
        .body
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|run| run["id"].as_str())
        .collect();
    assert_eq!(ids, [second.id.as_str(), first.id.as_str()]);
    let shown = second.show();
    assert_eq!(shown, list.body[0]);
    assert_eq!(shown["type"], "load");
    assert_eq!(shown["status"], "completed");
    assert_eq!(
        (&shown["requestId"], &shown["environmentId"]),
        (&json!("req_1"), &json!("env_1"))
    );
    assert_eq!(first.show()["environmentId"], Value::Null);
    let snapshot = shown["configSnapshot"].as_str().expect("a string");
    assert_eq!(serde_json::from_str::<Value>(snapshot).expect("JSON"), body);
    assert!(
        shown["endTime"].as_i64() >= shown["startTime"].as_i64(),
        "{shown}"
    );
}

#[test]
fn the_stream_is_replayed_and_resumed() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "duration": "2500ms", "targetRps": 100
    }));
    let live = run.events();
    let replayed = run.events();
    let ids =
        |events: &[vayu_tests::Event]| -> Vec<_> { events.iter().map(|event| event.id).collect() };
    assert_eq!(ids(&live), ids(&replayed));
    let names: Vec<&str> = live
        .iter()
        .take(5)
        .filter_map(|event| event.data["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "rps",
            "error_rate",
            "connections_active",
            "requests_sent",
            "requests_expected"
        ]
    );
    assert_eq!(
        live.len(),
        3 * (9 + 5) + 6 + 1,
        "two whole seconds and the rest with their percentiles, the summary, the end"
    );
    let middle = live[6].id;
    let resumed = stream(&engine.url(&format!("/stats/{}", run.id)), middle);
    assert_eq!(ids(&resumed), ids(&live[7..]));
    for event in &live[..live.len() - 1] {
        assert_eq!(event.data["id"].as_i64(), event.id, "{event:?}");
        assert_eq!(event.data["runId"], run.id.as_str());
    }
    let expected = live
        .iter()
        .find(|event| event.data["name"] == "requests_expected");
    assert_eq!(
        expected.map(|event| &event.data["value"]),
        Some(&json!(250.0))
    );
}

#[test]
fn runs_beyond_the_limit_are_refused() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let runs: Vec<_> = (0..4)
        .map(|_| engine.run(&endless(&origin.url("/delay/1000"))))
        .collect();
    let refused = engine.post("/run", &endless(&origin.url("/")));
    assert_eq!(
        (refused.status, refused.code()),
        (409, "TOO_MANY_RUNS"),
        "{refused:?}"
    );
    for run in &runs {
        assert_eq!(run.stop().body["status"], "stopped");
    }
    let _ = engine.run(&endless(&origin.url("/"))).stop();
}

#[test]
fn likely_slips_are_pointed_out() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let mut body = endless(&origin.url("/"));
    body["targetRPS"] = json!(5);
    let answer = engine.post("/run", &body);
    assert_eq!(answer.status, 202);
    assert_eq!(
        answer.body["warnings"],
        json!(["unknown field `targetRPS` ignored; did you mean `targetRps`?"])
    );
}

#[test]
fn a_stop_while_a_run_is_ending_shortens_the_end() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/never")},
        "mode": "constant", "duration": "500ms", "targetRps": 50, "gracefulStop": "60s",
        "timeout": "120s"
    }));
    std::thread::sleep(Duration::from_millis(1_200));
    let begun = Instant::now();
    let answer = run.stop();
    assert_eq!(
        (answer.status, answer.body["status"].as_str()),
        (200, Some("stopped")),
        "{answer:?}"
    );
    assert!(
        begun.elapsed() < Duration::from_millis(4_500),
        "took {:?}",
        begun.elapsed()
    );
    assert_eq!(run.report()["accounting"]["cancelled"], 25);
}

#[test]
fn a_stop_does_not_wait_for_a_look_up() {
    let (engine, dns) = (Engine::start(), Dns::start());
    dns.set("silent.example", Reply::Silence);
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": "http://silent.example/"},
        "mode": "constant", "duration": "60s", "targetRps": 10,
        "connection": {"dns": {"servers": [dns.address().to_string()]}}
    }));
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    let stopped = run.stop();
    assert_eq!(stopped.body["status"], "stopped", "{stopped:?}");
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(1), "it took {took:?}");
    assert_eq!(stopped.body["summary"]["totalRequests"], 0);
}

#[test]
fn a_stopped_run_lasted_until_it_was_stopped() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/never")},
        "mode": "constant", "duration": "60s", "targetRps": 50, "gracefulStop": "0s"
    }));
    std::thread::sleep(Duration::from_millis(1_500));
    let _ = run.stop();
    let seconds = run.report()["summary"]["totalDurationSeconds"]
        .as_f64()
        .unwrap_or(0.0);
    assert!((1.0..3.0).contains(&seconds), "{seconds} s of about 1.5");
}
