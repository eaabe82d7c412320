//! A response that arrives while the request is still being sent is the outcome of the request, whatever the
//! target then does to the connection.

use std::io::Result;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use vayu_tests::{Certs, Conversation, Engine, Peer, assert_balanced};

/// Far more than both sockets buffer together (Linux: up to 4 and 6 MiB).
const LARGE: usize = 15 * 1024 * 1024;
/// The maximum that a design mode response can return to the harness.
const LARGE_IN_DESIGN: usize = 4 * 1024 * 1024;
const TOO_LARGE: &[u8] = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nbig\n";
/// Long enough that a client which only writes would still be writing.
const LINGERS: Duration = Duration::from_millis(300);

fn upload(url: &str, iterations: u64) -> Value {
    json!({
        "request": {"method": "POST", "url": url, "body": "x".repeat(LARGE)}, "mode": "iterations",
        "iterations": iterations, "concurrency": 1, "timeout": 10_000,
        "connection": {"verifySsl": false}
    })
}

type Serve = fn(&mut Conversation) -> Result<()>;

/// Refuses after reading the head; the rest depends on the row.
const WAYS: [(&str, Serve); 4] = [
    ("closes its side", |with| {
        with.head()?;
        with.say(TOO_LARGE)?;
        with.end_sending()?;
        sleep(LINGERS);
        Ok(())
    }),
    ("resets", |with| {
        with.head()?;
        with.say(TOO_LARGE)?;
        sleep(LINGERS);
        with.reset()
    }),
    ("keeps the connection", |with| {
        with.head()?;
        with.say(TOO_LARGE)?;
        sleep(2 * LINGERS);
        Ok(())
    }),
    ("says 100 first", |with| {
        with.head()?;
        with.say(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        sleep(LINGERS);
        with.say(TOO_LARGE)?;
        sleep(LINGERS);
        Ok(())
    }),
];

#[test]
fn an_early_refusal_is_the_outcome_under_load() {
    let (engine, certs) = (Engine::start(), Certs::make());
    for (way, serve) in WAYS {
        for peer in [Peer::start(serve), Peer::start_tls(&certs.good, &[], serve)] {
            let report = engine.run(&upload(&peer.url("/"), 3)).finish();
            let what = format!("{way}, {}", peer.url("/"));
            assert_eq!(
                report["statusCodes"],
                json!({"413": 3}),
                "{what}: {}",
                report["errors"]
            );
            assert_eq!(
                peer.connections(),
                3,
                "{what}: the rest of a body is no request"
            );
            assert_balanced(&report);
        }
    }
}

#[test]
fn an_early_refusal_is_the_outcome_in_design_mode() {
    let engine = Engine::start();
    for (way, serve) in WAYS {
        let peer = Peer::start(serve);
        let request =
            json!({"method": "PUT", "url": peer.url("/"), "body": "x".repeat(LARGE_IN_DESIGN)});
        let answer = engine.post("/request", &request);
        assert_eq!(answer.body["status"], 413, "{way}: {answer:?}");
        assert_eq!(answer.body["bodyRaw"], "big\n", "{way}");
    }
}

#[test]
fn a_body_that_is_read_to_its_end_is_sent_whole() {
    let engine = Engine::start();
    let peer = Peer::start(|with| {
        loop {
            with.request()?;
            with.say(vayu_tests::OK)?;
        }
    });
    let report = engine.run(&upload(&peer.url("/"), 4)).finish();
    assert_eq!(
        report["statusCodes"],
        json!({"200": 4}),
        "{}",
        report["errors"]
    );
    assert_eq!((peer.requests(), peer.connections()), (4, 1));
}

#[test]
fn failures_while_sending_say_so() {
    let engine = Engine::start();
    let never_reads = Peer::start(|with| {
        with.head()?;
        sleep(Duration::from_secs(2));
        Ok(())
    });
    let mut body = upload(&never_reads.url("/"), 1);
    body["timeout"] = json!(300);
    let report = engine.run(&body).finish();
    assert_eq!(
        report["errors"]["classes"],
        json!({"write_timeout": 1}),
        "{report:#}"
    );
    assert_eq!(report["errors"]["types"], json!({"timeout": 1}));
    let closes = Peer::start(|with| {
        with.head()?;
        with.end_sending()?;
        sleep(LINGERS);
        Ok(())
    });
    let report = engine.run(&upload(&closes.url("/"), 1)).finish();
    let example = &report["errors"]["examples"]["closed_early"][0]["message"];
    let message = example.as_str().unwrap_or_default();
    assert!(
        message.contains("while the request was being sent"),
        "{}",
        report["errors"]
    );
}
