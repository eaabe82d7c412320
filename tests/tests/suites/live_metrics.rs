//! The live stream of a run: every interval from memory, the same for clients that connect late, one event
//! for runs that have ended; many clients at once.

use std::time::Duration;

use serde_json::{Value, json};
use vayu_tests::{
    Engine, Event, Origin, RunHandle, assert_balanced, get_text, number, print_line, stream,
};

const FIELDS: [&str; 12] = [
    "timestamp",
    "elapsedSeconds",
    "totalRequests",
    "totalErrors",
    "currentRps",
    "activeConnections",
    "inFlight",
    "avgLatencyMs",
    "intervalLatencyMs",
    "sendRate",
    "throughput",
    "backpressure",
];

fn rate(url: &str, rps: u64, duration: &str) -> Value {
    json!({
        "request": {"method": "GET", "url": url},
        "mode": "constant", "duration": duration, "targetRps": rps, "success_sample_rate": 0
    })
}

fn live(engine: &Engine, run: &RunHandle, after: Option<i64>) -> Vec<Event> {
    stream(&engine.url(&format!("/metrics/live/{}", run.id)), after)
}

/// Returns the `metrics` events of a stream that has ended correctly.
fn metrics<'a>(events: &'a [Event], run: &RunHandle) -> Vec<&'a Value> {
    let (last, metrics) = events.split_last().expect("a stream has events");
    assert_eq!(
        (last.name.as_str(), &last.data["runId"]),
        ("complete", &json!(run.id)),
        "{last:?}"
    );
    assert!(
        metrics.iter().all(|event| event.name == "metrics"),
        "{metrics:?}"
    );
    metrics.iter().map(|event| &event.data).collect()
}

#[test]
fn a_run_is_told_interval_by_interval_to_its_end() {
    let (engine, origin) = (Engine::with_shards(2), Origin::start());
    let run = engine.run(&rate(&origin.url("/status/404"), 200, "1500ms"));
    let events = live(&engine, &run, None);
    let told = metrics(&events, &run);
    let report = run.report();
    assert!(told.len() >= 15, "{} events for 15 intervals", told.len());
    let (last, whole) = told.split_last().expect("events");
    for entry in whole {
        let keys: Vec<&String> = entry.as_object().expect("an object").keys().collect();
        assert_eq!(keys, FIELDS);
    }
    // The run ends with its last response, somewhere within an interval.
    let is_partial = number(last, "elapsedSeconds") * 10.0 % 1.0 > 1e-6;
    assert_eq!(last.get("partial").is_some(), is_partial, "{last}");
    for pair in told.windows(2) {
        for field in [
            "timestamp",
            "elapsedSeconds",
            "totalRequests",
            "totalErrors",
        ] {
            assert!(
                number(pair[0], field) <= number(pair[1], field),
                "{field}: {pair:?}"
            );
        }
    }
    let last = told[told.len() - 1];
    assert_eq!(
        number(last, "totalRequests"),
        number(&report, "summary/totalRequests")
    );
    assert_eq!(
        number(last, "totalErrors"),
        number(&report, "summary/failedRequests")
    );
    let (mean, expected) = (number(last, "avgLatencyMs"), number(&report, "latency/avg"));
    assert!(
        (mean - expected).abs() < 0.001 * expected,
        "{mean} ms is not {expected} ms"
    );
    assert_eq!(
        events.last().map(|event| &event.data["status"]),
        Some(&json!("completed"))
    );
}

#[test]
fn a_run_that_ended_has_one_event_and_then_complete() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "iterations", "iterations": 20, "concurrency": 2
    }));
    let report = run.finish();
    // It leaves memory shortly after its end is reported.
    std::thread::sleep(Duration::from_millis(300));
    // The data of a run leaves memory with it, so a second read returns the same as the first.
    for _ in 0..2 {
        let events = live(&engine, &run, None);
        let told = metrics(&events, &run);
        assert_eq!(told.len(), 1, "{events:?}");
        let keys: Vec<&String> = told[0].as_object().expect("an object").keys().collect();
        assert_eq!(keys, FIELDS);
        assert_eq!(number(told[0], "totalRequests"), 20.0);
        assert_eq!(
            number(told[0], "throughput"),
            number(&report, "summary/avgRps")
        );
        assert_eq!(told[0]["activeConnections"], 0);
    }
}

#[test]
fn a_late_comer_gets_what_there_was_and_one_that_returns_what_it_missed() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&rate(&origin.url("/"), 100, "2s"));
    std::thread::sleep(Duration::from_millis(1_200));
    let (late, returned) = std::thread::scope(|scope| {
        let late = scope.spawn(|| live(&engine, &run, None));
        let returned = scope.spawn(|| live(&engine, &run, Some(10)));
        (
            late.join().expect("it ends"),
            returned.join().expect("it ends"),
        )
    });
    let ids =
        |events: &[Event]| -> Vec<i64> { events.iter().filter_map(|event| event.id).collect() };
    let all = ids(&late);
    assert_eq!(
        all,
        (1..=all.len() as i64).collect::<Vec<_>>(),
        "from the first interval on"
    );
    assert_eq!(ids(&returned), all[10..]);
    assert!(all.len() >= 20, "{} intervals in 2 s", all.len());
}

#[test]
fn a_hundred_clients_see_the_same_and_harm_nobody() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&rate(&origin.url("/"), 500, "3s"));
    let streams: Vec<Vec<Event>> = std::thread::scope(|scope| {
        let watch = || live(&engine, &run, None);
        let watchers: Vec<_> = (0..100).map(|_| scope.spawn(watch)).collect();
        let ended = watchers
            .into_iter()
            .map(|watcher| watcher.join().expect("it ends"));
        ended.collect()
    });
    let report = run.finish();
    assert_balanced(&report);
    assert_eq!(number(&report, "accounting/offered"), 1_500.0);
    assert_eq!(origin.requests(), report["accounting"]["issued"]);
    for events in &streams {
        let told = metrics(events, &run);
        let total = number(told[told.len() - 1], "totalRequests");
        assert_eq!(total, number(&report, "summary/totalRequests"));
    }
    let lag = number(&report, "scheduleLag/p99");
    print_line(&format!(
        "schedule lag p99 with 100 clients beside: {lag:.3} ms"
    ));
    assert!(engine.get("/health").status == 200, "the engine answers on");
}

#[test]
fn streams_are_ascii_whatever_they_tell() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&rate(&origin.url("/"), 50, "200ms"));
    let _ = run.finish();
    let evidence = run.report()["verdict"]["limitedBy"]["evidence"].clone();
    let evidence = evidence.as_str().expect("words");
    for path in ["/stats", "/metrics/live"] {
        let text = get_text(&engine.url(&format!("{path}/{}", run.id)));
        assert!(text.is_ascii(), "{text}");
        let escaped = evidence.replace('µ', "\\u00b5");
        assert!(text.contains(&escaped), "{escaped} is not in {text}");
        let events = stream(&engine.url(&format!("{path}/{}", run.id)), None);
        let told = &events.last().expect("events").data["verdict"]["limitedBy"]["evidence"];
        assert_eq!(told, evidence, "{path}");
    }
}
