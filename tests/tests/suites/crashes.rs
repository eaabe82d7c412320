//! What is left of a run when the engine is killed while it goes on.

use std::time::Duration;

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin, count, number, verdict};

/// The last value of a metric in the stored series of a run.
fn stored(engine: &Engine, id: &str, name: &str) -> f64 {
    let page = engine.get(&format!("/stats/{id}?format=json")).body;
    let rows = page["data"].as_array().map_or(&[][..], Vec::as_slice);
    rows.last()
        .and_then(|row| row[name].as_f64())
        .unwrap_or_default()
}

#[test]
fn a_killed_run_keeps_what_it_had_measured() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": 200, "duration": "60s", "success_sample_rate": 0
    }));
    let id = run.id.clone();
    // By the fourth second there is a checkpoint of the third.
    while stored(&engine, &id, "requests_completed") < 700.0 {
        std::thread::sleep(Duration::from_millis(50));
    }
    engine.signal("KILL");
    let (_, directory) = engine.wait(Duration::from_secs(5));
    let sent = origin.requests();
    // Whatever time it is by then is not the run's end.
    std::thread::sleep(Duration::from_millis(1_500));
    let engine = Engine::in_directory(directory, &["--cpus", "0"]);

    let shown = engine.get(&format!("/run/{id}")).body;
    assert_eq!(shown["status"], "failed", "{shown}");
    let lasted = number(&shown, "endTime") - number(&shown, "startTime");
    let report: Value = engine.get(&format!("/run/{id}/report")).body;
    let measured = number(&report, "summary/totalDurationSeconds");
    // The series may go on for a moment after the last checkpoint.
    let after = lasted - measured * 1_000.0;
    assert!((-5.0..2_100.0).contains(&after), "{lasted} ms: {report:#}");
    assert_eq!(verdict(&report), "invalid", "{report:#}");
    assert_eq!(
        report["verdict"]["reasons"][0]["code"], "interrupted",
        "{report:#}"
    );
    let total = count(&report, "summary/totalRequests");
    assert!(
        (390..=sent).contains(&total),
        "{total} of {sent}: {report:#}"
    );
    assert!(number(&report, "latency/p99") > 0.0, "{report:#}");
    // What was under way by the checkpoint has no outcome.
    let books = |name: &str| count(&report, &format!("accounting/{name}"));
    assert!(books("offered") >= books("issued") && books("issued") >= books("answered"));
    let histogram = vayu_tests::get_text(&engine.url(&format!("/run/{id}/histogram")));
    assert!(
        histogram.contains(&format!("Total count    = {total:>12}")),
        "{histogram}"
    );
    let runs = engine.get("/runs?verdict=invalid").body;
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
}

#[test]
fn a_run_killed_at_once_is_invalid_as_well() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": 20, "duration": "60s"
    }));
    engine.signal("KILL");
    let (_, directory) = engine.wait(Duration::from_secs(5));
    let engine = Engine::in_directory(directory, &["--cpus", "0"]);
    let report: Value = engine.get(&format!("/run/{}/report", run.id)).body;
    assert_eq!(
        report["verdict"]["reasons"][0]["code"], "interrupted",
        "{report:#}"
    );
    let runs = engine.get("/runs?verdict=invalid").body;
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
}
