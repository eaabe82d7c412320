//! What goes wrong is counted in one class each, balances, and hangs nothing.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_tests::{
    Certs, Engine, Nginx, Origin, RawServer, Server, Tls, TlsFault, assert_balanced, binary,
    descriptors, get, post, settled_descriptors, tell,
};

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

/// Answers every connection with these bytes and closes it, until the test ends.
fn answers(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 4096];
            // What the engine has given up needs no answer.
            let _ = stream
                .read(&mut request)
                .and_then(|_| stream.write_all(bytes));
        }
    });
    format!("http://{address}/")
}

#[test]
fn each_fault_has_one_class() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let unused = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let refused = format!("http://{}/", unused.expect("a free port"));
    let certs = Certs::make();
    let alert = Nginx::start_tls(&Tls::without_common_cipher(&certs.good));
    let expired = Nginx::start_tls(&Tls::new(&certs.expired));
    let silent = RawServer::start(TlsFault::Silence);
    let two_lengths = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd";
    let too_long = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcd";
    let table = [
        ("refuse", refused, "connect_refused", "connection_failed"),
        (
            "unknown host",
            "http://no-such-host.invalid/".into(),
            "resolve",
            "dns_failed",
        ),
        (
            "reset in head",
            origin.url("/reset/head"),
            "read_reset",
            "connection_reset",
        ),
        (
            "reset in body",
            origin.url("/reset/body"),
            "read_reset",
            "connection_reset",
        ),
        (
            "early close",
            origin.url("/early-close"),
            "closed_early",
            "connection_closed",
        ),
        (
            "no answer",
            origin.url("/no-answer"),
            "closed_early",
            "connection_closed",
        ),
        (
            "bad chunk",
            origin.url("/bad-chunk"),
            "protocol",
            "protocol_error",
        ),
        (
            "bad head",
            origin.url("/bad-head"),
            "protocol",
            "protocol_error",
        ),
        (
            "oversized head",
            origin.url("/big-head"),
            "protocol",
            "protocol_error",
        ),
        (
            "Content-Length twice",
            answers(two_lengths),
            "protocol",
            "protocol_error",
        ),
        (
            "Content-Length too long",
            answers(too_long),
            "closed_early",
            "connection_closed",
        ),
        (
            "never answers",
            origin.url("/never"),
            "first_byte_timeout",
            "timeout",
        ),
        (
            "slow body",
            origin.url("/slow-body?ms=2000"),
            "body_timeout",
            "timeout",
        ),
        ("TLS alert", alert.url("/"), "tls_alert", "ssl_error"),
        (
            "expired certificate",
            expired.url("/"),
            "tls_expired",
            "ssl_error",
        ),
        (
            "silent handshake",
            silent.url("/"),
            "tls_timeout",
            "timeout",
        ),
    ];
    let before = descriptors(engine.pid());
    let trusting = json!({"connectTimeout": 300, "connection": {"tls": {"ca": certs.ca.text}}});
    for (fault, url, class, wire_type) in table {
        let report = run(&engine, &url, trusting.clone());
        let books = &report["accounting"];
        let message = &report["errors"]["examples"][class][0]["message"];
        tell(&format!(
            "{fault:<24} {class:<19} {} of {}   {message}",
            books["errors"][class], books["issued"]
        ));
        assert_eq!(
            report["errors"]["classes"],
            json!({class: 12}),
            "{fault}: {books}"
        );
        assert_eq!(report["errors"]["types"], json!({wire_type: 12}), "{fault}");
        assert_eq!(report["errors"]["withDetails"], 12, "{fault}");
        assert_eq!(report["summary"]["failedRequests"], 12, "{fault}");
        assert_eq!(
            report["latency"]["count"], 0,
            "a failure has no latency: {fault}"
        );
        assert!(
            message.is_string(),
            "{fault} has no example: {}",
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
    // Thirty clients at once are let in, and one of them stops the run.
    let clients: Vec<TcpStream> = (0..30)
        .map(|_| TcpStream::connect(&server.address).expect("it listens"))
        .collect();
    let stopped = post(&url(&format!("/run/{id}/stop")), &Value::Null);
    assert_eq!(stopped.body["status"], "stopped", "{stopped:?}");
    drop(clients);
}
