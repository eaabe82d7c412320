//! Every well-behaved route responds as the route table documents.

use std::time::{Duration, Instant};

use vayu_origin::ServiceTimes;

use crate::client::{Answer, Client};
use crate::origin;

#[test]
fn plain_routes_answer_on_one_connection() {
    let rows = [
        ("/", 200, 100),
        ("/?query=1", 200, 100),
        ("http://origin/", 200, 100),
        ("/size/0", 200, 0),
        ("/size/1", 200, 1),
        ("/size/300000", 200, 300_000),
        ("/status/201", 201, 12),
        ("/status/204", 204, 0),
        ("/status/205", 205, 0),
        ("/status/304", 304, 0),
        ("/status/404", 404, 14),
        ("/status/503", 503, 24),
        ("/status/599", 599, 12),
        ("/split", 200, 100),
        ("/slow-body?ms=10", 200, 100),
        ("/delay/100", 200, 100),
        ("/queue?mean_us=100", 200, 100),
        ("/close-after/1000", 200, 100),
    ];
    let origin = origin();
    let mut client = Client::connect(&origin);
    for (target, status, length) in rows {
        let answer = client.get(target);
        assert_eq!(
            (answer.status, answer.body.len()),
            (status, length),
            "{target}"
        );
        assert_eq!(answer.header("connection"), None, "{target}");
    }
    assert_eq!(origin.counters().connections, 1);
}

#[test]
fn a_head_request_gets_the_head_alone() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    for target in [
        "/",
        "/size/5000",
        "/status/404",
        "/echo",
        "/delay/1",
        "/split",
        "/stats",
    ] {
        let full = client
            .get(target)
            .header("content-length")
            .map(str::to_owned);
        let head = client.request("HEAD", target);
        assert!(head.header("content-length").is_some(), "{target}");
        if target != "/stats" {
            assert_eq!(
                head.header("content-length").map(str::to_owned),
                full,
                "{target}"
            );
        }
    }
    let chunked = client.request("HEAD", "/chunked/50");
    assert_eq!(chunked.header("transfer-encoding"), Some("chunked"));
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn parameters_out_of_range_are_explained() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    for target in [
        "/delay/x",
        "/size/1073741825",
        "/queue",
        "/status/100",
        "/stall?ms=60001",
    ] {
        assert_eq!(client.get(target).status, 400, "{target}");
    }
    let unknown = client.get("/nothing");
    assert_eq!(unknown.status, 404);
    assert!(String::from_utf8_lossy(&unknown.body).contains("/chunked/{bytes}"));
    let by_get = client.get("/stats/reset");
    assert_eq!((by_get.status, by_get.header("allow")), (405, Some("POST")));
}

#[test]
fn chunked_bodies_have_several_chunks() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    let short = client.get("/chunked/10");
    assert_eq!(
        short.body,
        b"3\r\nxxx\r\n3\r\nxxx\r\n3\r\nxxx\r\n1\r\nx\r\n0\r\n\r\n"
    );
    assert_eq!(client.get("/chunked/0").body, b"0\r\n\r\n");
    let long = client.get("/chunked/200001");
    assert_eq!(
        long.body.iter().filter(|byte| **byte == b'x').count(),
        200_001
    );
    let text = String::from_utf8(long.body).expect("ASCII");
    assert_eq!(text.matches("400\r\n").count(), 195);

    let trailer = client.get("/chunked/2?trailer=1");
    assert_eq!(trailer.header("trailer"), Some("x-origin-length"));
    assert_eq!(
        trailer.body,
        b"1;vayu=1\r\nx\r\n1\r\nx\r\n0\r\nx-origin-length: 2\r\n\r\n"
    );
}

#[test]
fn closing_answers_say_so_and_close() {
    let origin = origin();
    let rows = [
        ("/close", None),
        ("/close?length=1", Some("100")),
        ("/no-keepalive", Some("100")),
    ];
    for (target, length) in rows {
        let mut client = Client::connect(&origin);
        let answer = client.get(target);
        assert_eq!(answer.header("connection"), Some("close"), "{target}");
        assert_eq!(answer.header("content-length"), length, "{target}");
        assert_eq!(answer.body.len(), 100, "{target}");
        assert!(client.is_closed(), "{target}");
        let old = answer.head.starts_with("HTTP/1.0");
        assert_eq!(old, target == "/no-keepalive");
    }
}

#[test]
fn an_interim_answer_precedes_the_real_one() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    let hints = client.get("/early-hints");
    assert_eq!(hints.status, 103);
    assert!(hints.header("link").is_some());
    assert_eq!(client.answer(false).status, 200);
}

#[test]
fn the_echo_returns_the_body_and_describes_the_head() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    client.send(
        "PUT /echo?a=b HTTP/1.1\r\nHost: o\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nhello",
    );
    let sized = client.answer(false);
    assert_echo(&sized, "PUT", "3");
    assert_eq!(sized.header("content-type"), Some("a/b"));

    client.send("POST /echo?a=b HTTP/1.1\r\nHost: o\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nx-trailer: 1\r\n\r\n");
    let chunked = client.answer(false);
    assert_echo(&chunked, "POST", "2");
    assert_eq!(chunked.header("content-type"), None);
    assert_eq!(origin.counters().body_bytes, 10);
}

fn assert_echo(answer: &Answer, method: &str, headers: &str) {
    assert_eq!(answer.body, b"hello");
    assert_eq!(answer.header("x-method"), Some(method));
    assert_eq!(answer.header("x-path"), Some("/echo?a=b"));
    assert_eq!(answer.header("x-headers-count"), Some(headers));
}

#[test]
fn the_headers_come_back_as_json() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    client.send("GET /headers?q HTTP/1.1\r\nHost: o\r\nX-Quote: a\"b\r\nx-quote: c\r\n\r\n");
    let expected = serde_json::json!({
        "method": "GET",
        "path": "/headers?q",
        "headers": [["Host", "o"], ["X-Quote", "a\"b"], ["x-quote", "c"]],
    });
    assert_eq!(client.answer(false).json(), expected);
}

#[test]
fn the_queue_serves_all_connections_in_turn() {
    let origin = origin();
    let mut clients: Vec<Client> = (0..4).map(|_| Client::connect(&origin)).collect();
    let mean = Duration::from_millis(5);
    let start = Instant::now();
    for client in &mut clients {
        client.send("GET /queue?mean_us=5000 HTTP/1.1\r\nHost: o\r\n\r\n");
    }
    let mut service_times = ServiceTimes::default();
    let mut departure = Duration::ZERO;
    for client in &mut clients {
        assert_eq!(client.answer(false).status, 200);
        departure += service_times.draw(mean);
        let taken = start.elapsed();
        assert!(taken >= departure, "{taken:?}, {departure:?} of service");
    }
}

#[test]
fn delays_are_kept() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    for micros in [1_000, 20_000] {
        let delay = Duration::from_micros(micros);
        let start = Instant::now();
        client.get(&format!("/delay/{micros}"));
        let taken = start.elapsed();
        assert!(taken >= delay, "{taken:?} for {delay:?}");
        assert!(
            taken < delay + Duration::from_millis(100),
            "{taken:?} for {delay:?}"
        );
    }
}
