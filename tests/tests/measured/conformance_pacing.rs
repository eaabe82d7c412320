//! Conformance tests *Rate grid* and *Delay*: the origin sees what was requested, and the report shows what
//! the origin does.

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin, Quiet, assert_balanced, count, get, number, post, print_line};

/// Rate per second, duration in seconds, and the resulting number of arrivals.
const GRID: [(f64, f64, u64); 7] = [
    (0.5, 4.0, 2),
    (7.0, 3.0, 21),
    (50.0, 3.0, 150),
    (333.0, 3.0, 999),
    (1_000.0, 3.0, 3_000),
    (10_000.0, 2.0, 20_000),
    (20_000.0, 2.0, 40_000),
];

/// Returns the report, the arrivals that the origin saw, and the cores that other processes used, if that
/// matters.
fn rate_run(shards: usize, rate: f64, seconds: f64) -> (Value, Value, Option<f64>) {
    let (engine, origin) = (Engine::with_shards(shards), Origin::start());
    let quiet = Quiet::watch(&[engine.pid(), origin.pid()]);
    let _ = post(&origin.url("/arrivals/start"), &Value::Null);
    let report = engine
        .run(&json!({
            "request": {"method": "GET", "url": origin.url("/")},
            "mode": "constant", "targetRps": rate, "duration": seconds,
            "success_sample_rate": 0, "gracefulStop": "5s"
        }))
        .finish();
    let disturbance = quiet.disturbance();
    (report, get(&origin.url("/arrivals")).body, disturbance)
}

/// Returns the rate between the first and the last arrival, as the origin saw them.
fn seen_rate(arrivals: &Value) -> f64 {
    let span_ns = number(arrivals, "last_ns") - number(arrivals, "first_ns");
    (number(arrivals, "count") - 1.0) * 1e9 / span_ns
}

#[test]
fn every_rate_of_the_grid_is_offered_exactly_and_evenly() {
    for shards in [1, 2] {
        for (rate, seconds, expected) in GRID {
            let (report, arrivals, disturbance) = rate_run(shards, rate, seconds);
            let seen = seen_rate(&arrivals);
            let (gap, lag) = (
                number(&arrivals, "gaps/p50_ns") / 1e3,
                number(&report, "scheduleLag/p99") * 1e3,
            );
            print_line(&format!(
                "{rate}/s on {shards}: {expected} arrivals, seen at {seen:.2}/s, median gap {gap:.0} µs, lag p99 {lag:.0} µs"
            ));
            let context = format!(
                "{rate}/s on {shards} shards: {arrivals} {}",
                report["accounting"]
            );
            assert_balanced(&report);
            assert_eq!(count(&report, "accounting/offered"), expected, "{context}");
            let issued = count(&report, "accounting/issued");
            assert_eq!(count(&arrivals, "count"), issued, "{context}");
            if let Some(cores) = disturbance {
                // If other processes use the cores, arrivals without a free virtual user are dropped.
                print_line(&format!(
                    "not judged whether all were issued, and evenly: {cores:.2} cores went to others"
                ));
                continue;
            }
            assert_eq!(issued, expected, "{context}");
            // A noisy machine may delay the first or the last arrival by some milliseconds, which the
            // schedule itself never does. It may also stall for as long as the longest gap shows.
            let stall = number(&arrivals, "gaps/max_ns") / 1e9 - 1.0 / rate;
            let slack = 0.001 + stall.max(0.01) / (seconds - 1.0 / rate);
            assert!((seen / rate - 1.0).abs() < slack, "{context}");
            // At higher rates, arrivals come in bursts that form on the way to the origin.
            if rate <= 1_000.0 {
                let even = 1e6 / rate;
                assert!((gap / even - 1.0).abs() < 0.1 + 100.0 / even, "{context}");
            }
        }
    }
}

#[test]
fn a_quantum_sends_in_bursts_and_measures_from_them() {
    const MILLISECONDS: f64 = 20.0;
    let (engine, origin) = (Engine::start(), Origin::start());
    let _ = post(&origin.url("/arrivals/start"), &Value::Null);
    let report = engine
        .run(&json!({
            "request": {"method": "GET", "url": origin.url("/")},
            "mode": "constant", "targetRps": 1_000, "duration": 3,
            "pacing": {"quantum": MILLISECONDS}, "success_sample_rate": 0, "gracefulStop": "5s"
        }))
        .finish();
    let arrivals = get(&origin.url("/arrivals")).body;
    let (seen, gap) = (seen_rate(&arrivals), number(&arrivals, "gaps/p50_ns") / 1e3);
    let lag = number(&report, "scheduleLag/p50");
    print_line(&format!(
        "bursts of 20: seen at {seen:.1}/s, median gap {gap:.0} µs, lag p50 {lag:.3} ms"
    ));
    assert_balanced(&report);
    assert_eq!(count(&report, "summary/totalRequests"), 3_000, "{arrivals}");
    assert_eq!(count(&arrivals, "count"), 3_000, "{arrivals}");
    assert_eq!(number(&report, "generator/pacingQuantumMs"), MILLISECONDS);
    // Even arrivals would be a millisecond apart. An intended burst does not count as late.
    assert!(gap < 500.0, "{arrivals}");
    assert!(lag < MILLISECONDS / 4.0, "{}", report["scheduleLag"]);
}

/// Returns the median of a closed run with one virtual user, in microseconds.
fn median_us(engine: &Engine, origin: &Origin, delay_us: u64) -> f64 {
    let iterations = if delay_us > 10_000 { 100 } else { 1_000 };
    let report = engine
        .run(&json!({
            "request": {"method": "GET", "url": origin.url(&format!("/delay/{delay_us}"))},
            "mode": "iterations", "iterations": iterations, "concurrency": 1,
            "success_sample_rate": 0
        }))
        .finish();
    number(&report, "latency/p50") * 1e3
}

#[test]
fn a_delay_is_reported_as_the_delay_and_the_way_there() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let floor = median_us(&engine, &origin, 0);
    for delay in [250, 1_000, 20_000] {
        let median = median_us(&engine, &origin, delay);
        print_line(&format!(
            "delay {delay} µs: p50 {median:.0} µs, floor {floor:.0} µs"
        ));
        let beyond = median - delay as f64;
        // Never less than the delay. More by the network path, and by waking two idle cores.
        assert!(
            (0.0..floor + 500.0).contains(&beyond),
            "delay {delay} µs was reported as {median:.0} µs; the floor is {floor:.0} µs"
        );
    }
}
