//! Conformance test *Freeze*: the target stops responding for two seconds in the middle of a run. A generator
//! that measures from the actual send time shows almost nothing of it (coordinated omission); one that
//! measures from the intended start shows every request that fell due.

use std::time::Duration;

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin, assert_balanced, count, get, number, print_line};

const RATE: u64 = 1_000;
const SECONDS: u64 = 6;
const FREEZE_MS: u64 = 2_000;

/// Runs six seconds at 1,000/s over at most `connections`, frozen from 2 s to 4 s.
fn frozen_run(connections: u64) -> Value {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": RATE, "duration": SECONDS,
        "maxConnections": connections, "success_sample_rate": 0, "slow_threshold_ms": 50,
        "gracefulStop": "5s"
    }));
    std::thread::sleep(Duration::from_secs(2));
    let stalled = get(&origin.url(&format!("/stall?ms={FREEZE_MS}")));
    assert_eq!(stalled.status, 200, "{stalled:?}");
    let report = run.finish();
    print_line(&format!(
        "{connections} connections: response p50 {:.2} p99 {:.0} max {:.0} ms; service p99 {:.2} max {:.0} ms; {} slow",
        number(&report, "responseTime/p50"),
        number(&report, "responseTime/p99"),
        number(&report, "responseTime/max"),
        number(&report, "serviceTime/p99"),
        number(&report, "serviceTime/max"),
        count(&report, "slowRequests/count"),
    ));
    assert_balanced(&report);
    let total = count(&report, "summary/totalRequests");
    assert_eq!(total, RATE * SECONDS, "{}", report["accounting"]);
    // The origin also counts the request that froze it.
    assert_eq!(origin.requests(), total + 1);
    report
}

/// About 2,000 requests fell due during the freeze, and waited 0 to 2 s.
fn assert_response_time_shows_it(report: &Value) {
    let slow = count(report, "slowRequests/count");
    assert!((1_800..2_500).contains(&slow), "{slow} slow of 1,950");
    let (p99, max) = (
        number(report, "responseTime/p99"),
        number(report, "responseTime/max"),
    );
    assert!((1_850.0..2_600.0).contains(&p99), "p99 {p99} ms");
    assert!((1_950.0..2_700.0).contains(&max), "max {max} ms");
}

#[test]
fn response_time_shows_a_freeze_and_service_time_only_what_was_in_flight() {
    let report = frozen_run(20);
    assert_response_time_shows_it(&report);
    // Only 20 of 6,000 requests were on the wire: too few for the 99th percentile.
    let service = number(&report, "serviceTime/p99");
    assert!(service < 500.0, "service time p99 is {service} ms");
    assert!(number(&report, "serviceTime/max") >= 1_900.0);
    assert!(
        number(&report, "vuWait/max") >= 1_800.0,
        "{}",
        report["vuWait"]
    );
}

#[test]
fn a_freeze_is_no_reason_for_a_storm_of_connections() {
    let report = frozen_run(5_000);
    assert_response_time_shows_it(&report);
    let opened = count(&report, "transport/connections");
    assert!(
        opened < 200,
        "{opened} connections for a target that was frozen"
    );
    assert!(number(&report, "vuWait/max") >= 1_800.0);
}
