//! Requests in all arrival patterns: pipelined, fragmented, large, malformed.

use crate::client::Client;
use crate::origin;

const GET: &str = "GET / HTTP/1.1\r\nHost: origin\r\n\r\n";

#[test]
fn pipelined_requests_are_answered_in_order() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    let codes = [200, 404, 204, 503];
    let mut batch = String::new();
    for code in codes {
        batch += &format!("GET /status/{code} HTTP/1.1\r\nHost: o\r\n\r\n");
        batch += &format!("GET /delay/500 HTTP/1.1\r\nHost: o\r\n\r\n{GET}");
    }
    client.send(batch);
    for code in codes {
        assert_eq!(client.answer(false).status, code);
        assert_eq!(client.answer(false).status, 200);
        assert_eq!(client.answer(false).body.len(), 100);
    }
    assert_eq!(origin.counters().requests, 12);
}

#[test]
fn thousands_of_pipelined_requests_fit_no_buffer_and_none_is_lost() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    client.send(GET.repeat(5_000));
    for _ in 0..5_000 {
        assert_eq!(client.answer(false).body.len(), 100);
    }
    assert_eq!(origin.counters().requests, 5_000);
}

#[test]
fn a_request_may_arrive_byte_by_byte() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    let request = "POST /echo HTTP/1.1\r\nHost: o\r\nTransfer-Encoding: chunked\r\n\r\n\
                   4\r\nabcd\r\n0\r\n\r\n";
    for byte in request.bytes() {
        assert_eq!(origin.counters().requests, 0);
        client.send([byte]);
    }
    assert_eq!(client.answer(false).body, b"abcd");
}

#[test]
fn the_largest_body_comes_back_whole() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    let body: Vec<u8> = (0..16_u32 << 20).map(|index| (index / 7) as u8).collect();
    client.send(format!(
        "POST /echo HTTP/1.1\r\nHost: o\r\nContent-Length: {}\r\n\r\n",
        body.len()
    ));
    client.send(&body);
    assert!(client.answer(false).body == body);
    assert_eq!(origin.counters().body_bytes, 16 << 20);
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn requests_that_break_the_protocol_are_refused_and_not_counted() {
    let origin = origin();
    let rows = [
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nHost: o\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 16777217\r\n\r\n",
            413,
        ),
    ];
    for (request, status) in rows {
        let mut client = Client::connect(&origin);
        client.send(request);
        let answer = client.answer(false);
        assert_eq!(
            (answer.status, answer.header("connection")),
            (status, Some("close"))
        );
        assert!(client.is_closed(), "{request}");
    }
    let counters = origin.counters();
    assert_eq!((counters.requests, counters.refused), (0, 4));
    assert!(counters.by_status.is_empty());
}

#[test]
fn a_client_that_wants_to_close_is_obeyed() {
    let origin = origin();
    for request in [
        "GET / HTTP/1.1\r\nHost: o\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
    ] {
        let mut client = Client::connect(&origin);
        client.send(request);
        assert_eq!(client.answer(false).header("connection"), Some("close"));
        assert!(client.is_closed());
    }
}

#[test]
fn a_half_closed_client_still_gets_its_answers() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    client.send(GET.repeat(2));
    client.shutdown_write();
    assert_eq!(client.answer(false).status, 200);
    assert_eq!(client.answer(false).status, 200);
    assert!(client.is_closed());
}
