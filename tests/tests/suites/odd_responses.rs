//! Responses of nonconforming servers: accepted if RFC 9112 or curl accepts them, in load and in design mode
//! alike, and otherwise refused for a named reason.

use serde_json::{Value, json};
use vayu_tests::{Certs, Conversation, Engine, OK, Peer, RawServer, TlsFault, count};

/// A peer that answers every request with these bytes and lets the client close the connection. A peer that
/// closes right after its response would race with the client's next request on a busy machine.
fn answering(bytes: Vec<u8>) -> Peer {
    Peer::start(move |with| {
        loop {
            with.request()?;
            with.say(&bytes)?;
        }
    })
}

fn load(engine: &Engine, url: &str, connection: Value) -> Value {
    let body = json!({
        "request": {"method": "GET", "url": url}, "mode": "iterations",
        "iterations": 2, "concurrency": 1, "timeout": 5_000, "connection": connection
    });
    engine.run(&body).finish()
}

fn example(report: &Value, class: &str) -> String {
    let message = &report["errors"]["examples"][class][0]["message"];
    message.as_str().unwrap_or_default().to_owned()
}

fn many_headers(lines: usize) -> Vec<u8> {
    let lines: String = (0..lines).map(|n| format!("X-H{n}: v\r\n")).collect();
    format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: 2\r\n\r\nok").into_bytes()
}

#[test]
fn odd_heads_are_read() {
    let engine = Engine::start();
    let table: [(&str, Vec<u8>); 12] = [
        (
            "a folded line",
            b"HTTP/1.1 200 OK\r\nX-A: one;\r\n\ttwo;\r\n  three\r\nContent-Length: 2\r\n\r\nok".into(),
        ),
        (
            "a folded length",
            b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\nX-A: one; two; three\r\n\r\nok".into(),
        ),
        (
            "several blanks in the status line",
            b"HTTP/1.1  200   OK\r\nX-A: one; two; three\r\nContent-Length: 2\r\n\r\nok".into(),
        ),
        (
            "a blank before the colon",
            b"HTTP/1.1 200 OK\r\nX-A : one; two; three\r\nContent-Length : 2\r\n\r\nok".into(),
        ),
        (
            "the length twice",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: one; two; three\r\nContent-Length: 2\r\n\r\nok".into(),
        ),
        (
            "the length as a list",
            b"HTTP/1.1 200 OK\r\nX-A: one; two; three\r\nContent-Length: 2, 2,2\r\n\r\nok".into(),
        ),
        (
            "bytes beyond ASCII",
            b"HTTP/1.1 200 Tr\xe8s bien\r\nX-L: J\xf6rg\r\nX-A: one; two; three\r\nContent-Length: 2\r\n\r\nok".into(),
        ),
        (
            "a line that is no header",
            b"HTTP/1.1 200 OK\r\nnonsense\r\nX-A: one; two; three\r\nContent-Length: 2\r\n\r\nok".into(),
        ),
        (
            "names with odd characters",
            b"HTTP/1.1 200 OK\r\nX[y]: z\r\nX-A: one; two; three\r\nContent-Length: 2\r\n\r\nok".into(),
        ),
        (
            "line feeds alone",
            b"HTTP/1.1 200 OK\nX-A: one; two; three\nContent-Length: 2\n\nok".into(),
        ),
        (
            "an empty line first",
            b"\r\nHTTP/1.1 200 OK\r\nX-A: one; two; three\r\nContent-Length: 2\r\n\r\nok".into(),
        ),
        (
            "interim responses first",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-A: no\r\n\r\nHTTP/1.1 200 OK\r\nX-A: one; two; three\r\nContent-Length: 2\r\n\r\nok".into(),
        ),
    ];
    for (what, bytes) in table {
        let peer = answering(bytes);
        let report = load(&engine, &peer.url("/"), json!({}));
        assert_eq!(
            report["statusCodes"],
            json!({"200": 2}),
            "{what}: {}",
            report["errors"]
        );
        let answer = engine.post(
            "/request",
            &json!({"method": "GET", "url": peer.url("/"), "postRequestScript":
                "pm.test('x', () => pm.expect(pm.response.headers.get('X-A')).to.eql('one; two; three'))"}),
        );
        assert_eq!(answer.body["bodyRaw"], "ok", "{what}: {answer:?}");
        assert_eq!(
            answer.body["testResults"][0]["passed"], true,
            "{what}: {answer:?}"
        );
    }
}

#[test]
fn the_size_of_a_head_is_bounded_by_settings_of_the_run() {
    let engine = Engine::start();
    let table = [
        (many_headers(300), json!({}), None),
        (
            many_headers(300),
            json!({"maxHeaderLines": 200}),
            Some("exceeds 200 header lines; increase connection.maxHeaderLines"),
        ),
        (
            many_headers(6_000),
            json!({}),
            Some("exceeds 5000 header lines"),
        ),
        (many_headers(6_000), json!({"maxHeaderLines": 7_000}), None),
        (
            many_headers(300),
            json!({"maxHeaderBytes": 2_048}),
            Some("exceeds 2048 bytes; increase connection.maxHeaderBytes"),
        ),
        (
            many_headers(5_000 * 6),
            json!({"maxHeaderBytes": 1 << 20, "maxHeaderLines": 50_000}),
            None,
        ),
    ];
    for (bytes, connection, refusal) in table {
        let peer = answering(bytes);
        let report = load(&engine, &peer.url("/"), connection.clone());
        match refusal {
            None => assert_eq!(
                report["statusCodes"],
                json!({"200": 2}),
                "{connection}: {}",
                report["errors"]
            ),
            Some(words) => {
                let message = example(&report, "protocol");
                assert!(message.contains(words), "{connection}: {message}");
            }
        }
    }
}

/// Asserts that the messages of both a run and a design request name the peer's protocol.
fn assert_named(engine: &Engine, url: &str, words: &str) {
    let connection = json!({"verifySsl": false});
    let report = load(engine, url, connection.clone());
    assert_eq!(count(&report, "errors/total"), 2, "{url}: {report:#}");
    let messages = report["errors"]["examples"].to_string();
    assert!(messages.contains(words), "{words}: {messages}");
    let request = json!({"method": "GET", "url": url, "timeout": 5_000, "connection": connection});
    let refused = engine.post("/request", &request);
    assert_eq!(refused.status, 502, "{refused:?}");
    assert!(
        refused.body.to_string().contains(words),
        "{words}: {refused:?}"
    );
}

#[test]
fn a_peer_of_another_protocol_is_named() {
    let (engine, certs) = (Engine::start(), Certs::make());
    let settings = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64";
    let speaks_h2 = |with: &mut Conversation| {
        with.request()?;
        with.say(settings)
    };
    assert_named(&engine, &Peer::start(speaks_h2).url("/"), "HTTP/2");
    // A server that requires h2 refuses the handshake; a lenient one responds in frames.
    let insists = Peer::start_tls(&certs.good, &["h2"], |with| with.request().map(drop));
    assert_named(&engine, &insists.url("/"), "HTTP/2");
    let lenient = Peer::start_tls(&certs.good, &[], speaks_h2);
    assert_named(&engine, &lenient.url("/"), "HTTP/2");
    let tls_alert = answering(b"\x15\x03\x01\x00\x02\x02\x46".into());
    assert_named(&engine, &tls_alert.url("/"), "https://");
    let plain = RawServer::start(TlsFault::PlainHttp);
    assert_named(&engine, &plain.url("/"), "http://");
}

#[test]
fn a_refusal_names_the_address_where_there_are_several() {
    let engine = Engine::start();
    let peer = answering(OK.into());
    let port = peer.address().port();
    let name = format!("api.test:{port}");
    let resolve =
        |addresses: &[&str]| json!({"resolve": {name.as_str(): addresses}, "keepAlive": false});
    let url = format!("http://{name}/");
    // Nothing listens on 127.0.0.2 at this port.
    let report = load(&engine, &url, resolve(&["127.0.0.1", "127.0.0.2"]));
    let message = example(&report, "connect_refused");
    assert!(
        message.starts_with(&format!("127.0.0.2:{port}: ")),
        "{message}"
    );
    let alone = load(&engine, &url, resolve(&["127.0.0.2"]));
    let message = example(&alone, "connect_refused");
    assert!(message.starts_with("Connection refused"), "{message}");
}

#[test]
fn limits_of_heads_are_judged_before_the_run() {
    let engine = Engine::start();
    let table = [
        (json!({"maxHeaderBytes": 100}), "connection.maxHeaderBytes"),
        (json!({"maxHeaderLines": 0}), "connection.maxHeaderLines"),
        (json!({"retryStale": "no"}), "connection.retryStale"),
    ];
    for (connection, field) in table {
        let refused = engine.post(
            "/run",
            &json!({"request": {"method": "GET", "url": "http://127.0.0.1:9/"}, "mode": "iterations",
                    "iterations": 1, "concurrency": 1, "connection": connection}),
        );
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(refused.body.to_string().contains(field), "{refused:?}");
    }
}
