//! The four modes against the built-in origin: every count is the same in the
//! report, on the stream, in the database and at the origin, to the unit.

use serde_json::{Value, json};
use vayu_tests::{Database, Engine, Event, Origin};

fn body(url: &str, load: &Value) -> Value {
    let mut body = json!({"request": {"method": "GET", "url": url}});
    let fields = load.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(fields);
    body
}

fn last(events: &[Event], name: &str) -> f64 {
    let named = events.iter().rev().find(|event| event.data["name"] == name);
    let value = named.and_then(|event| event.data["value"].as_f64());
    value.unwrap_or_else(|| panic!("no metric {name} among {} events", events.len()))
}

/// Makes a run and checks that all who count agree; returns the report.
fn agreed_run(shards: usize, load: &Value) -> Value {
    let (engine, origin) = (Engine::with_shards(shards), Origin::start());
    let run = engine.run(&body(&origin.url("/"), load));
    let events = run.events();
    let report = run.report();
    let total = report["summary"]["totalRequests"]
        .as_u64()
        .expect("a count");
    let context = format!("{load} on {shards} shards: {}", report["accounting"]);
    assert!(total > 0, "{context}");
    assert_eq!(
        origin.requests(),
        total,
        "the origin counts otherwise: {context}"
    );
    assert_eq!(last(&events, "requests_sent"), total as f64, "{context}");
    assert_eq!(last(&events, "total_requests"), total as f64, "{context}");
    assert_eq!(last(&events, "completed"), 1.0, "{context}");
    let final_event = events.last().expect("events");
    assert_eq!(final_event.name, "complete");
    for (field, value) in [
        ("event", "complete"),
        ("runId", &run.id),
        ("status", "completed"),
    ] {
        assert_eq!(final_event.data[field], value, "{}", final_event.data);
    }
    assert_eq!(final_event.data["verdict"], report["verdict"]);
    assert_eq!(report["statusCodes"], json!({"200": total}), "{context}");
    let shown = run.show();
    assert_eq!(shown["status"], "completed");
    let directory = engine.end();
    let database = Database::open(directory.path());
    let stored = database.results(&run.id).len() as u64;
    let thinned = report["transport"]["samplesThinned"]
        .as_u64()
        .expect("a count");
    assert_eq!(stored + thinned, total, "{context}");
    let metrics = database.metrics(&run.id);
    assert_eq!(
        metrics.len(),
        events.len() - 1,
        "the stream and the database differ"
    );
    report
}

fn total(report: &Value) -> u64 {
    report["summary"]["totalRequests"]
        .as_u64()
        .expect("a count")
}

#[test]
fn constant_rate() {
    for shards in [1, 2] {
        let load = json!({"mode": "constant", "duration": "2s", "targetRps": 333});
        assert_eq!(total(&agreed_run(shards, &load)), 666, "{shards} shards");
    }
}

#[test]
fn constant_concurrency() {
    for shards in [1, 2] {
        let load = json!({"mode": "constant", "duration": "1500ms", "concurrency": 5});
        let report = agreed_run(shards, &load);
        let seconds = report["summary"]["totalDurationSeconds"]
            .as_f64()
            .expect("a number");
        assert!((1.5..2.5).contains(&seconds), "{seconds} s of 1.5");
    }
}

#[test]
fn iterations() {
    for shards in [1, 2] {
        for (iterations, concurrency) in [(1, 10), (7, 2), (10_000, 10)] {
            let load =
                json!({"mode": "iterations", "iterations": iterations, "concurrency": concurrency});
            assert_eq!(
                total(&agreed_run(shards, &load)),
                iterations,
                "{load} on {shards}"
            );
        }
    }
}

#[test]
fn ramp_up() {
    for shards in [1, 2] {
        for (start, target) in [(1, 8), (8, 1)] {
            let _ = agreed_run(
                shards,
                &json!({"mode": "ramp_up", "duration": "1500ms", "rampUpDuration": "1s",
                        "startConcurrency": start, "concurrency": target}),
            );
        }
    }
}

#[test]
fn rates_are_held_within_one_percent() {
    for rps in [50, 500, 5000] {
        let (engine, origin) = (Engine::start(), Origin::start());
        let load = json!({"mode": "constant", "duration": "5s", "targetRps": rps, "success_sample_rate": 1});
        let report = engine.run(&body(&origin.url("/"), &load)).finish();
        let achieved = report["summary"]["avgRps"].as_f64().expect("a number");
        let off = (achieved - f64::from(rps)).abs() / f64::from(rps);
        assert!(
            off < 0.01,
            "asked for {rps}/s, got {achieved}/s: {}",
            report["accounting"]
        );
        assert_eq!(total(&report), 5 * rps as u64, "{}", report["accounting"]);
        assert_eq!(origin.requests(), 5 * rps as u64);
    }
}

#[test]
fn fractional_rates_work() {
    let (engine, origin) = (Engine::with_shards(2), Origin::start());
    let load = json!({"mode": "constant", "duration": "3s", "targetRps": 0.5});
    let report = engine.run(&body(&origin.url("/"), &load)).finish();
    assert_eq!((total(&report), origin.requests()), (2, 2));
}

#[test]
fn methods_headers_and_bodies_arrive_as_asked() {
    let (engine, origin) = (Engine::start(), Origin::start());
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"] {
        let body = json!({
            "request": {"method": method, "url": origin.url("/echo"),
                        "headers": {"X-Lab": "7"}, "body": {"name": "Jane"}},
            "mode": "iterations", "iterations": 3, "concurrency": 1
        });
        let report = engine.run(&body).finish();
        assert_eq!(
            report["statusCodes"],
            json!({"200": 3}),
            "{method}: {report}"
        );
    }
    let run = engine.run(&json!({
        "request": {"method": "POST", "url": origin.url("/echo"), "body": {"name": "Jane"}},
        "mode": "iterations", "iterations": 1, "concurrency": 1
    }));
    let _ = run.finish();
    assert_eq!(origin.stats()["byMethod"]["POST"], 4);
    let directory = engine.end();
    let rows = Database::open(directory.path()).results(&run.id);
    let trace = rows[0]
        .trace
        .as_deref()
        .expect("a sampled response is kept");
    let trace: Value = serde_json::from_str(trace).expect("JSON");
    assert_eq!(trace["response"]["body"], r#"{"name":"Jane"}"#, "{trace}");
    assert_eq!(
        trace["response"]["headers"]["content-type"], "application/json",
        "{trace}"
    );
}

#[test]
fn bodies_of_every_framing_are_read_to_their_end() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let paths = [
        "/size/0",
        "/size/1000000",
        "/chunked/5000",
        "/chunked/5000?trailer=1",
        "/close",
        "/close?length=1",
        "/status/204",
        "/status/304",
        "/split",
        "/early-hints",
        "/no-keepalive",
    ];
    for path in paths {
        let load = json!({"mode": "iterations", "iterations": 20, "concurrency": 2});
        let report = engine.run(&body(&origin.url(path), &load)).finish();
        assert_eq!(report["errors"]["total"], 0, "{path}: {report}");
        assert_eq!(total(&report), 20, "{path}");
    }
}

#[test]
fn successes_are_sampled_evenly_and_everything_else_is_kept() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let count = |path: &str, fields: Value| {
        let mut load = json!({"mode": "iterations", "iterations": 200, "concurrency": 1});
        load.as_object_mut()
            .expect("an object")
            .extend(fields.as_object().expect("an object").clone());
        let run = engine.run(&body(&origin.url(path), &load));
        (run.finish(), run.id)
    };
    let (_, tenth) = count("/", json!({"success_sample_rate": 10}));
    let (_, none) = count("/", json!({"success_sample_rate": 0}));
    let (_, failing) = count("/status/503", json!({"success_sample_rate": 0}));
    let (slow_report, slow) = count(
        "/delay/3000",
        json!({"success_sample_rate": 0, "slow_threshold_ms": 1}),
    );
    assert_eq!(slow_report["slowRequests"]["count"], 200, "{slow_report}");
    let directory = engine.end();
    let database = Database::open(directory.path());
    assert_eq!(database.results(&tenth).len(), 20);
    assert_eq!(database.results(&none).len(), 0);
    assert_eq!(database.results(&failing).len(), 200);
    assert_eq!(database.results(&slow).len(), 200);
}

#[test]
fn the_timing_breakdown_is_there_when_asked_for() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let load = json!({"mode": "iterations", "iterations": 50, "concurrency": 2, "save_timing_breakdown": true});
    let report = engine
        .run(&body(&origin.url("/delay/2000"), &load))
        .finish();
    let timing = &report["timingBreakdown"];
    for key in [
        "avgDnsMs",
        "avgConnectMs",
        "avgTlsMs",
        "avgFirstByteMs",
        "avgDownloadMs",
    ] {
        assert!(
            timing[key].as_f64().is_some_and(|ms| ms >= 0.0),
            "{key} in {timing}"
        );
    }
    assert!(timing["avgFirstByteMs"].as_f64() >= Some(2.0), "{timing}");
    assert!(timing["avgConnectMs"].as_f64() > Some(0.0), "{timing}");
}

#[test]
fn the_epoll_driver_counts_the_same() {
    let (engine, origin) = (
        Engine::with(&["--driver", "epoll", "--cpus", "0"]),
        Origin::start(),
    );
    let load = json!({"mode": "constant", "duration": "1s", "targetRps": 500});
    let report = engine.run(&body(&origin.url("/"), &load)).finish();
    assert_eq!((total(&report), origin.requests()), (500, 500));
}
