//! The four modes against the built-in origin: every count is exactly the same in the report, on the stream,
//! in the database and at the origin.

use serde_json::{Value, json};
use vayu_tests::{Database, Engine, Event, Origin, merged};

fn body(url: &str, load: &Value) -> Value {
    merged(json!({"request": {"method": "GET", "url": url}}), load)
}

fn last(events: &[Event], name: &str) -> f64 {
    let named = events.iter().rev().find(|event| event.data["name"] == name);
    let value = named.and_then(|event| event.data["value"].as_f64());
    value.unwrap_or_else(|| panic!("no metric {name} among {} events", events.len()))
}

/// Executes a run and checks that all counts agree. Returns the report.
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

/// Requests that a busy machine could not send before the end of the run.
fn dropped(report: &Value) -> u64 {
    report["accounting"]["dropped"].as_u64().expect("a count")
}

#[test]
fn constant_rate() {
    for shards in [1, 2] {
        let load = json!({"mode": "constant", "duration": "2s", "targetRps": 333});
        let report = agreed_run(shards, &load);
        assert_eq!(total(&report) + dropped(&report), 666, "{shards} shards");
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
fn a_run_with_a_number_and_a_duration_ends_at_the_first() {
    let minute = "60s";
    for shards in [1, 2] {
        for (load, requests, by) in [
            (
                json!({"mode": "constant", "targetRps": 100, "iterations": 50}),
                50,
                Value::Null,
            ),
            (
                json!({"mode": "constant", "targetRps": 100, "iterations": 50, "duration": minute}),
                50,
                json!("iterations"),
            ),
            (
                json!({"mode": "constant", "targetRps": 100, "iterations": 5_000, "duration": "500ms"}),
                50,
                json!("duration"),
            ),
            (
                json!({"mode": "constant", "targetRps": 100, "iterations": 50, "duration": minute,
                       "arrivals": "poisson"}),
                50,
                json!("iterations"),
            ),
            (
                json!({"mode": "constant", "concurrency": 3, "iterations": 50, "duration": minute}),
                50,
                json!("iterations"),
            ),
            (
                json!({"mode": "iterations", "concurrency": 3, "iterations": 50, "duration": minute}),
                50,
                json!("iterations"),
            ),
        ] {
            let report = agreed_run(shards, &load);
            let context = format!("{load} on {shards} shards: {report}");
            assert_eq!(total(&report), requests, "{context}");
            let ended = report.get("ended").cloned().unwrap_or_default();
            assert_eq!(
                ended.get("by").cloned().unwrap_or_default(),
                by,
                "{context}"
            );
            let seconds = report["summary"]["totalDurationSeconds"].as_f64();
            assert!(seconds < Some(30.0), "{context}");
            if load.get("arrivals").is_none() && load.get("targetRps").is_some() {
                // A fixed number of requests at a rate takes until the last arrival.
                assert!(seconds >= Some(0.5), "{context}");
            }
        }
    }
}

#[test]
fn virtual_users_that_do_not_reach_their_number_end_with_the_duration() {
    let (engine, origin) = (Engine::with_shards(2), Origin::start());
    let load = json!({"mode": "iterations", "iterations": 1_000, "concurrency": 4,
                      "duration": "500ms"});
    let url = origin.url("/delay/100000");
    let run = engine.run(&body(&url, &load));
    let report = run.finish();
    assert_eq!(run.show()["status"], "completed");
    let sent = report["accounting"]["issued"].as_u64();
    assert!(sent > Some(0) && sent < Some(1_000), "{report}");
    let ended = &report["ended"];
    assert_eq!(
        (
            &ended["by"],
            &ended["iterations"],
            &ended["durationSeconds"]
        ),
        (&json!("duration"), &json!(1_000), &json!(0.5))
    );
    assert_eq!(ended["sent"].as_u64(), sent, "{report}");
    assert_eq!(report["stopped"], Value::Null);
}

#[test]
fn a_number_at_a_rate_is_sent_to_the_last_and_its_responses_awaited() {
    let (engine, origin) = (Engine::with_shards(1), Origin::start());
    let load = json!({"mode": "constant", "targetRps": 1_000, "iterations": 20,
                      "maxConnections": 1, "gracefulStop": "1ms"});
    let report = engine
        .run(&body(&origin.url("/delay/30000"), &load))
        .finish();
    assert_eq!(total(&report), 20, "{}", report["accounting"]);
    let books = &report["accounting"];
    assert_eq!(
        (&books["dropped"], &books["cancelled"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(origin.requests(), 20);
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
        let load = json!({"mode": "iterations", "iterations": 200, "concurrency": 1});
        let load = merged(load, &fields);
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
    assert_eq!(total(&report), origin.requests());
    assert_eq!(total(&report) + dropped(&report), 500);
}
