//! What goes wrong is counted in one class each, balances, and hangs nothing.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin};

fn run(engine: &Engine, url: &str, extra: Value) -> Value {
    let mut body = json!({
        "request": {"method": "GET", "url": url},
        "mode": "iterations", "iterations": 12, "concurrency": 3, "timeout": 300
    });
    body.as_object_mut()
        .expect("an object")
        .extend(extra.as_object().expect("an object").clone());
    engine.run(&body).finish()
}

/// Sockets, timers and the like of the engine; its files are not counted.
fn descriptors(engine: &Engine) -> usize {
    let directory = fs::read_dir(format!("/proc/{}/fd", engine.pid())).expect("the engine runs");
    let links = directory
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok());
    links
        .filter(|link| link.to_string_lossy().contains(":["))
        .count()
}

/// Waits until the engine has no more than `most` descriptors, and gives their number.
fn settled_descriptors(engine: &Engine, most: usize) -> usize {
    let until = Instant::now() + Duration::from_secs(5);
    while descriptors(engine) > most && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    descriptors(engine)
}

fn assert_balanced(report: &Value) {
    let books = &report["accounting"];
    let count = |name: &str| books[name].as_u64().expect("a count");
    let errors = books["errors"].as_object().expect("classes").values();
    let errors: u64 = errors.filter_map(Value::as_u64).sum();
    assert_eq!(
        count("offered"),
        count("issued") + count("dropped"),
        "{books}"
    );
    assert_eq!(
        count("issued"),
        count("answered") + errors + count("cancelled"),
        "{books}"
    );
}

#[test]
fn each_fault_has_one_class() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let unused = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let refused = format!("http://{}/", unused.expect("a free port"));
    let table = [
        (refused, "connect_refused", "connection_failed"),
        (
            "http://no-such-host.invalid/".into(),
            "resolve",
            "dns_failed",
        ),
        (origin.url("/reset/head"), "read_reset", "connection_reset"),
        (origin.url("/reset/body"), "read_reset", "connection_reset"),
        (
            origin.url("/early-close"),
            "closed_early",
            "connection_closed",
        ),
        (
            origin.url("/no-answer"),
            "closed_early",
            "connection_closed",
        ),
        (origin.url("/bad-chunk"), "protocol", "protocol_error"),
        (origin.url("/bad-head"), "protocol", "protocol_error"),
        (origin.url("/big-head"), "protocol", "protocol_error"),
        (origin.url("/never"), "first_byte_timeout", "timeout"),
        (origin.url("/slow-body?ms=2000"), "body_timeout", "timeout"),
    ];
    let before = descriptors(&engine);
    for (url, class, wire_type) in table {
        let report = run(&engine, &url, json!({}));
        let books = &report["accounting"];
        assert_eq!(
            report["errors"]["classes"],
            json!({class: 12}),
            "{url}: {books}"
        );
        assert_eq!(report["errors"]["types"], json!({wire_type: 12}), "{url}");
        assert_eq!(report["errors"]["withDetails"], 12, "{url}");
        assert_eq!(report["summary"]["failedRequests"], 12, "{url}");
        assert_eq!(
            report["latency"]["count"], 0,
            "a failure has no latency: {url}"
        );
        assert_balanced(&report);
    }
    let after = settled_descriptors(&engine, before);
    assert!(after <= before, "{before} descriptors became {after}");
}

#[test]
fn stale_connections_are_replaced_unseen_and_counted() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let report = run(
        &engine,
        &origin.url("/close-after/4"),
        json!({"iterations": 100, "concurrency": 1}),
    );
    assert_eq!(report["statusCodes"], json!({"200": 100}), "{report}");
    let transport = &report["transport"];
    let count = |name: &str| transport[name].as_u64().expect("a count");
    assert_eq!(
        count("staleRetries"),
        count("connections") - 1,
        "{transport}"
    );
    assert!(
        report["transport"]["connections"].as_u64() >= Some(25),
        "{}",
        report["transport"]
    );
    assert_balanced(&report);
}

#[test]
fn what_cannot_be_issued_is_dropped_and_said_so() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let report = run(
        &engine,
        &origin.url("/delay/200000"),
        json!({"mode": "constant", "duration": "1s", "targetRps": 100, "maxConnections": 2, "timeout": "5s"}),
    );
    let books = &report["accounting"];
    assert_eq!(books["offered"], 100, "{books}");
    assert!(books["dropped"].as_u64() >= Some(80), "{books}");
    assert_balanced(&report);
    assert_eq!(
        origin.requests(),
        books["issued"].as_u64().expect("a count")
    );
}

#[test]
fn a_run_ends_at_its_deadline_and_cancels_what_is_in_flight() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let begun = Instant::now();
    let report = run(
        &engine,
        &origin.url("/never"),
        json!({"mode": "constant", "duration": "1s", "concurrency": 5, "timeout": "30s", "gracefulStop": "500ms"}),
    );
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "took {:?}",
        begun.elapsed()
    );
    assert_eq!(
        report["accounting"]["cancelled"], 5,
        "{}",
        report["accounting"]
    );
    assert_balanced(&report);
}
