//! Every failure is counted in exactly one class, balances, and hangs nothing.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_tests::{
    Engine, Fault, FaultyTargets, Origin, Server, assert_balanced, binary, descriptors, get,
    merged, post, print_line, settled_descriptors,
};

fn run(engine: &Engine, url: &str, extra: Value) -> Value {
    let body = json!({
        "request": {"method": "GET", "url": url},
        "mode": "iterations", "iterations": 12, "concurrency": 3, "timeout": 300
    });
    engine.run(&merged(body, &extra)).finish()
}

#[test]
fn each_fault_has_one_class() {
    let (engine, targets) = (Engine::start(), FaultyTargets::start());
    let before = descriptors(engine.pid());
    for Fault {
        name,
        url,
        class,
        wire_type,
    } in targets.faults()
    {
        let report = run(&engine, &url, targets.trusting());
        let books = &report["accounting"];
        let message = &report["errors"]["examples"][class][0]["message"];
        print_line(&format!(
            "{name:<24} {class:<19} {} of {}   {message}",
            books["errors"][class], books["issued"]
        ));
        assert_eq!(
            report["errors"]["classes"],
            json!({class: 12}),
            "{name}: {books}"
        );
        assert_eq!(report["errors"]["types"], json!({wire_type: 12}), "{name}");
        assert_eq!(report["errors"]["withDetails"], 12, "{name}");
        assert_eq!(report["summary"]["failedRequests"], 12, "{name}");
        assert_eq!(
            report["latency"]["count"], 0,
            "a failure has no latency: {name}"
        );
        assert!(
            message.is_string(),
            "{name} has no example: {}",
            report["errors"]
        );
        assert_balanced(&report);
    }
    let after = settled_descriptors(engine.pid(), before);
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
    // A late failure may be caused by the target, and is not retried; on a busy machine there are some.
    let count = |path: &str| report.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    let (answered, closed) = (
        count("/statusCodes/200"),
        count("/accounting/errors/closed_early"),
    );
    assert_eq!(answered + closed, 100, "{report}");
    let transport = &report["transport"];
    let replaced = count("/transport/staleRetries") + closed;
    assert_eq!(replaced, count("/transport/connections") - 1, "{transport}");
    assert!(count("/transport/staleRetries") > 0, "{transport}");
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
        json!({"mode": "constant", "iterations": 100, "duration": "1s", "targetRps": 100, "maxConnections": 2, "timeout": "5s"}),
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
        begun.elapsed() < Duration::from_secs(20),
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

#[test]
fn an_answer_after_its_time_is_a_timeout_however_late_the_sweep() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let report = run(
        &engine,
        &origin.url("/delay/4000"),
        json!({"iterations": 100, "concurrency": 1, "timeout": 2}),
    );
    assert_eq!(
        report["errors"]["types"],
        json!({"timeout": 100}),
        "{report}"
    );
    assert_balanced(&report);
}

#[test]
fn a_run_out_of_descriptors_leaves_some_to_the_api() {
    let directory = tempfile::tempdir().expect("a folder");
    let line = format!(
        "ulimit -n 400; exec {} --port 0 --cpus 0 --data-dir {}",
        binary("vayu-engine").display(),
        directory.path().display()
    );
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &line]);
    let (server, origin) = (Server::start(command), Origin::start());
    let url = |path: &str| format!("http://{}{path}", server.address);
    let started = post(
        &url("/run"),
        &json!({"request": {"method": "GET", "url": origin.url("/never")}, "mode": "constant", "concurrency": 1_000,
            "duration": "60s", "timeout": "60s", "gracefulStop": "0s"}),
    );
    assert_eq!(started.status, 202, "{started:?}");
    let id = started.body["runId"].as_str().expect("an id");
    let report = || get(&url(&format!("/run/{id}/report"))).body;
    let begun = Instant::now();
    while report()["errors"]["classes"]["connect_no_descriptor"].as_u64() < Some(50) {
        assert!(begun.elapsed() < Duration::from_secs(30), "{:#}", report());
        std::thread::sleep(Duration::from_millis(50));
    }
    // Thirty clients are accepted at once, and one of them stops the run.
    let clients: Vec<TcpStream> = (0..30)
        .map(|_| TcpStream::connect(&server.address).expect("it listens"))
        .collect();
    let stopped = post(&url(&format!("/run/{id}/stop")), &Value::Null);
    assert_eq!(stopped.body["status"], "stopped", "{stopped:?}");
    drop(clients);
}
