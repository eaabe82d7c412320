//! What is sent over a kept connection, and when: a check before it is used again, a retry only if the first
//! failure cannot have been caused by the target, and no hidden time.

use std::io::{Error, Result};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use vayu_tests::{Certs, Conversation, Engine, OK, Peer, assert_balanced, count};

/// Time that the peers of this suite keep an idle connection.
const IDLE: Duration = Duration::from_millis(60);

/// A rate with gaps longer than that, on one connection at a time.
fn at_a_rate(url: &str, method: &str) -> Value {
    json!({
        "request": {"method": method, "url": url}, "mode": "constant",
        "duration": "2s", "targetRps": 5, "connection": {"maxConnections": 1, "verifySsl": false}
    })
}

fn iterations(url: &str, method: &str, number: u64) -> Value {
    json!({
        "request": {"method": method, "url": url}, "mode": "iterations",
        "iterations": number, "concurrency": 1, "connection": {"verifySsl": false}
    })
}

type Serve = fn(&mut Conversation) -> Result<()>;

/// Returns both kinds of peer with this behaviour.
fn peers(serve: Serve) -> [Peer; 2] {
    let certs = Certs::make();
    [Peer::start(serve), Peer::start_tls(&certs.good, &[], serve)]
}

fn assert_all_answered(report: &Value, number: u64, peer: &Peer, what: &str) {
    assert_eq!(
        report["statusCodes"],
        json!({"200": number}),
        "{what}: {report:#}"
    );
    assert_eq!(report["errors"]["total"], 0, "{what}");
    assert_eq!(peer.requests(), number, "{what}: the peer's own count");
    assert_balanced(report);
}

/// Answers requests, then closes silently when none arrives for a while.
fn closes_when_idle(with: &mut Conversation) -> Result<()> {
    with.patience(IDLE)?;
    loop {
        with.request()?;
        with.say(OK)?;
    }
}

#[test]
fn a_connection_closed_while_idle_is_not_used_whatever_the_method() {
    let engine = Engine::start();
    for method in ["GET", "POST"] {
        for peer in peers(closes_when_idle) {
            let report = engine.run(&at_a_rate(&peer.url("/"), method)).finish();
            let what = format!("{method} {}", peer.url("/"));
            assert_all_answered(&report, 10, &peer, &what);
            assert_eq!(count(&report, "transport/idleDiscarded"), 9, "{what}");
            assert_eq!(count(&report, "transport/staleRetries"), 0, "{what}");
            assert_eq!(count(&report, "transport/connections"), 10, "{what}");
        }
    }
}

/// The response of a proxy to a client that sends nothing (HAProxy and Apache send it).
fn times_out_aloud(with: &mut Conversation) -> Result<()> {
    with.patience(IDLE)?;
    while with.request().is_ok() {
        with.say(OK)?;
    }
    with.say(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// Sends more than the announced body, a little later.
fn says_too_much_later(with: &mut Conversation) -> Result<()> {
    loop {
        with.request()?;
        with.say(OK)?;
        sleep(IDLE);
        with.say(b"junk")?;
    }
}

/// Sends a second response in the same write as the first.
fn answers_twice(with: &mut Conversation) -> Result<()> {
    loop {
        with.request()?;
        with.say(&[OK, b"HTTP/1.1 500 Never Asked\r\nContent-Length: 0\r\n\r\n"].concat())?;
    }
}

#[test]
fn bytes_that_nobody_asked_for_are_no_response() {
    let engine = Engine::start();
    let table: [(Serve, &str, u64); 3] = [
        (times_out_aloud, "408 on an idle connection", 9 * 70),
        (says_too_much_later, "junk after the body", 9 * 4),
        (answers_twice, "a second response", 10 * 47),
    ];
    for (serve, what, unsolicited) in table {
        for peer in peers(serve) {
            let report = engine.run(&at_a_rate(&peer.url("/"), "GET")).finish();
            assert_all_answered(&report, 10, &peer, what);
            let counted = count(&report, "transport/unsolicitedBytes");
            assert_eq!(counted, unsolicited, "{what}: {}", report["transport"]);
            assert_eq!(count(&report, "transport/connections"), 10, "{what}");
        }
    }
}

#[test]
fn a_healthy_idle_connection_is_used_again() {
    let engine = Engine::start();
    for peer in peers(|with| {
        loop {
            with.request()?;
            with.say(OK)?;
        }
    }) {
        let report = engine.run(&at_a_rate(&peer.url("/"), "POST")).finish();
        assert_all_answered(&report, 10, &peer, &peer.url("/"));
        // Over TLS 1.3, session tickets are unread in the socket.
        assert_eq!(count(&report, "transport/connections"), 1);
        assert_eq!(count(&report, "transport/connectionsPeak"), 1);
        assert_eq!(count(&report, "transport/reused"), 9);
    }
}

/// Serves one request of each connection, reads the next one and drops it after `pause`.
fn drops_every_second(with: &mut Conversation, pause: Duration) -> Result<()> {
    with.request()?;
    with.say(OK)?;
    with.request()?;
    sleep(pause);
    Err(Error::other("dropped"))
}

#[test]
fn a_failure_after_a_while_is_the_targets_own() {
    let engine = Engine::start();
    let peer = Peer::start(|with| drops_every_second(with, Duration::from_millis(100)));
    let report = engine.run(&iterations(&peer.url("/"), "GET", 10)).finish();
    assert_eq!(report["statusCodes"], json!({"200": 5}), "{report:#}");
    assert_eq!(report["errors"]["classes"], json!({"closed_early": 5}));
    assert_eq!(count(&report, "transport/staleRetries"), 0);
    assert_eq!(peer.requests(), count(&report, "accounting/issued"));
    let law = &report["littlesLaw"];
    assert!(law["unansweredPercent"].as_f64() > Some(50.0), "{law}");
    let reasons = report["verdict"]["reasons"].to_string();
    assert!(reasons.contains("littles_law"), "{reasons}");
}

#[test]
fn a_failure_at_once_is_tried_again_only_where_that_does_no_harm() {
    let engine = Engine::start();
    let retried = |method: &str, connection: Value| {
        let peer = Peer::start(|with| drops_every_second(with, Duration::ZERO));
        let mut body = iterations(&peer.url("/"), method, 10);
        body["connection"] = connection;
        let report = engine.run(&body).finish();
        assert_balanced(&report);
        let retries = count(&report, "transport/staleRetries");
        let asked = peer.requests();
        assert_eq!(
            asked,
            count(&report, "accounting/issued") + retries,
            "{report:#}"
        );
        (retries, count(&report, "errors/total"))
    };
    // On a busy machine, a failure may be seen after the window of 5 ms; it then counts as an error.
    let (retries, errors) = retried("GET", json!({}));
    assert!(
        retries > 0,
        "idempotent: {retries} retries, {errors} errors"
    );
    assert_eq!(retried("POST", json!({})), (0, 5), "it may have been done");
    assert_eq!(
        retried("GET", json!({"retryStale": false})),
        (0, 5),
        "turned off"
    );
}

#[test]
fn the_first_attempt_is_part_of_the_time_and_littles_law_holds() {
    let engine = Engine::start();
    let peer = Peer::start(|with| {
        with.request()?;
        sleep(Duration::from_millis(5));
        with.say(OK)?;
        with.request()?;
        Err(Error::other("dropped"))
    });
    let report = engine.run(&iterations(&peer.url("/"), "GET", 40)).finish();
    let retries = count(&report, "transport/staleRetries");
    assert!(retries > 0, "{report:#}");
    assert_eq!(peer.requests(), 40 + retries);
    assert_balanced(&report);
    let law = &report["littlesLaw"];
    let of = |name: &str| law[name].as_f64().expect("a number");
    assert!(of("unexplainedPercent").abs() < 3.0, "{law}");
    // What was not retried in time failed, and is in no latency.
    let answered = 1.0 - of("unansweredPercent") / 100.0;
    let ratio = of("requestsAtOnce") / of("users");
    assert!((ratio - answered).abs() < 0.03, "{law}");
}

#[test]
fn a_request_that_asks_for_close_is_the_last_of_its_connection() {
    let engine = Engine::start();
    for peer in peers(|with| {
        loop {
            with.request()?;
            // Whatever the request says, the response does not announce the close.
            with.say(OK)?;
        }
    }) {
        let mut body = iterations(&peer.url("/"), "POST", 20);
        body["request"]["headers"] = json!({"connection": "Keep-Alive, CLOSE"});
        let report = engine.run(&body).finish();
        assert_all_answered(&report, 20, &peer, "Connection: close");
        assert_eq!(
            (peer.connections(), count(&report, "transport/reused")),
            (20, 0)
        );
    }
}
