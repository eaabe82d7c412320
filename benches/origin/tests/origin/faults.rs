//! Every fault violates the protocol exactly where documented.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::origin;

/// Returns what a fault sends before the connection ends, as text.
fn sent_by(target: &str) -> (String, std::io::Result<()>) {
    let origin = origin();
    let (bytes, end) = Client::connect(&origin).get_raw(target);
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

fn is_reset(end: std::io::Result<()>) -> bool {
    end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
}

#[test]
fn resets_come_in_the_head_and_in_the_body() {
    let (head, end) = sent_by("/reset/head");
    assert!(head.starts_with("HTTP/1.1 200 OK") && !head.contains("\r\n\r\n"));
    assert!(is_reset(end));

    let (body, end) = sent_by("/reset/body");
    assert!(body.contains("Content-Length: 1000\r\n") && body.ends_with(&"x".repeat(100)));
    assert!(is_reset(end));
}

#[test]
fn bodies_and_answers_end_early_in_order() {
    let (body, end) = sent_by("/early-close");
    assert!(body.contains("Content-Length: 1000\r\n") && body.ends_with(&"x".repeat(100)));
    assert!(end.is_ok());

    let (nothing, end) = sent_by("/no-answer");
    assert!(nothing.is_empty() && end.is_ok());
}

#[test]
fn framing_is_broken() {
    let (chunks, end) = sent_by("/bad-chunk");
    assert!(chunks.contains("\r\n\r\n5\r\nhello\r\nzz\r\n") && end.is_ok());

    let (garbage, end) = sent_by("/bad-head");
    assert!(!garbage.starts_with("HTTP/") && !garbage.is_empty() && end.is_ok());
}

#[test]
fn a_head_can_be_too_large_for_most() {
    let origin = origin();
    let answer = Client::connect(&origin).get("/big-head");
    assert!(answer.head.len() >= 1 << 20);
    assert_eq!(answer.body, b"ok");
}

#[test]
fn a_slow_body_comes_in_two_halves() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    let start = Instant::now();
    client.send("GET /slow-body?ms=150 HTTP/1.1\r\nHost: o\r\n\r\n");
    assert!(client.hears_within(Duration::from_millis(100)));
    assert_eq!(client.answer(false).body.len(), 100);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[test]
fn a_request_can_stay_unanswered() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    client.send("GET /never HTTP/1.1\r\nHost: o\r\n\r\n");
    assert!(!client.hears_within(Duration::from_millis(100)));
    assert_eq!(origin.counters().by_path["/never"], 1);
    assert_eq!(origin.counters().open_connections, 1);
    client.shutdown_write();
    assert!(client.is_closed());
}

#[test]
fn a_connection_closes_silently_after_so_many_answers() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    for _ in 0..3 {
        let answer = client.get("/close-after/3");
        assert_eq!((answer.status, answer.header("connection")), (200, None));
    }
    assert!(client.is_closed());
}

#[test]
fn a_stall_freezes_every_executor_and_ends() {
    let origin = crate::origin_on(vec![0, 1]);
    let mut others: Vec<Client> = (0..8).map(|_| Client::connect(&origin)).collect();
    for other in &mut others {
        assert_eq!(other.get("/").status, 200);
    }
    let start = Instant::now();
    assert_eq!(Client::connect(&origin).get("/stall?ms=300").status, 200);
    assert!(
        start.elapsed() < Duration::from_millis(200),
        "a stall is answered at once"
    );
    for other in &mut others {
        other.send("GET / HTTP/1.1\r\nHost: o\r\n\r\n");
    }
    assert!(!others[0].hears_within(Duration::from_millis(50)));
    assert_eq!(
        origin.counters().by_path["/"],
        8,
        "frozen executors read nothing"
    );
    for other in &mut others {
        assert_eq!(other.answer(false).status, 200);
    }
    assert!(start.elapsed() >= Duration::from_millis(300));
}
