//! The boundary between HTTP and the API: what its parser refuses, and how one client's long request affects
//! the others.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_tests::{Engine, Scripted, get, response};

/// Sends these bytes. Returns the head and the body of the response.
fn exchange(engine: &Engine, bytes: &[u8]) -> (String, Value) {
    let mut connection = TcpStream::connect(engine.address()).expect("the engine listens");
    let patience = Some(Duration::from_secs(20));
    connection.set_read_timeout(patience).expect("a timeout");
    connection.write_all(bytes).expect("it is read");
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    // If the engine did not read everything, the connection may end with a reset.
    while let Ok(count @ 1..) = connection.read(&mut part) {
        answer.extend_from_slice(&part[..count]);
    }
    let answer = String::from_utf8(answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
    (head.to_owned(), body)
}

#[test]
fn what_cannot_be_parsed_is_answered_as_every_error_is() {
    let engine = Engine::start();
    let many: String = (0..120)
        .map(|number| format!("X-{number}: y\r\n"))
        .collect();
    let host = "Host: 127.0.0.1\r\n";
    for (bytes, status, code) in [
        ("NONSENSE\r\n\r\n".to_owned(), 400, "INVALID_REQUEST"),
        (
            format!("GET /a b HTTP/1.1\r\n{host}\r\n"),
            400,
            "INVALID_REQUEST",
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}no colon\r\n\r\n"),
            400,
            "INVALID_REQUEST",
        ),
        (
            format!("POST /globals HTTP/1.1\r\n{host}Content-Length: abc\r\n\r\n"),
            400,
            "INVALID_REQUEST",
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}{many}\r\n"),
            431,
            "HEADERS_TOO_LARGE",
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}X: {}", "y".repeat(140_000)),
            431,
            "HEADERS_TOO_LARGE",
        ),
        (format!("GET / HTTP/1.1\r\n{host}"), 408, "REQUEST_TIMEOUT"),
    ] {
        let (head, body) = exchange(&engine, bytes.as_bytes());
        let shown: String = bytes.chars().take(60).collect();
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status} ")),
            "{shown}: {head}"
        );
        assert_eq!(body["error"]["code"], code, "{shown}: {body}");
        assert!(
            head.contains("application/json") && head.contains("x-frame-options"),
            "{head}"
        );
    }
}

#[test]
fn long_json_holds_up_nobody() {
    let server = Scripted::start(|_| {
        let body = format!("[{}1]", "{\"a\":1},".repeat(2_000_000));
        response(
            "200 OK",
            &["Content-Type: application/json"],
            body.as_bytes(),
        )
    });
    let engine = Engine::start();
    let health = engine.url("/health");
    let asked =
        json!({"method": "GET", "url": server.url("/"), "maxResponseBytes": 64 * 1024 * 1024});
    let (address, asked) = (engine.address().to_owned(), asked.to_string());
    let long = std::thread::spawn(move || {
        let begun = Instant::now();
        let head = format!(
            "POST /request HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            asked.len()
        );
        let mut connection = TcpStream::connect(address).expect("the engine listens");
        connection
            .write_all(format!("{head}{asked}").as_bytes())
            .expect("it is read");
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).expect("an answer");
        (answer, begun.elapsed())
    });
    let mut slowest = Duration::ZERO;
    while !long.is_finished() {
        let begun = Instant::now();
        assert_eq!(get(&health).status, 200);
        slowest = slowest.max(begun.elapsed());
        std::thread::sleep(Duration::from_millis(5));
    }
    let (answer, took) = long.join().expect("no panic");
    assert!(answer.starts_with(b"HTTP/1.1 200 "));
    // As values and as text.
    assert!(answer.len() > 2 * 16_000_000, "{} bytes", answer.len());
    let limit = Duration::from_millis(300).max(took / 3);
    assert!(
        slowest < limit,
        "/health took {slowest:?} beside a request of {took:?}"
    );
}
