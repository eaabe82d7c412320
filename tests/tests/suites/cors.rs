//! Pages in a browser: pages of allowed origins may use the whole API, others get no access.

use serde_json::json;
use vayu_tests::{Answer, Engine, Origin, raw};

const LAB: &str = "https://lab.example";
const VITE: &str = "http://localhost:5173";

fn preflight(engine: &Engine, path: &str, origin: &str, method: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", method),
        (
            "access-control-request-headers",
            "content-type,ngrok-skip-browser-warning",
        ),
    ];
    raw("OPTIONS", &engine.url(path), &headers, "")
}

/// Asserts that the response allows the page to read it.
fn assert_readable(answer: &Answer, origin: &str, what: &str) {
    let told = answer.header("access-control-allow-origin");
    assert_eq!(told, Some(origin), "{what}: {answer:?}");
    assert_eq!(answer.header("vary"), Some("Origin"), "{what}: {answer:?}");
    let exposed = answer.header("access-control-expose-headers");
    assert_eq!(exposed, Some("allow"), "{what}: {answer:?}");
}

fn assert_silent(answer: &Answer, what: &str) {
    let told = answer
        .headers
        .iter()
        .find(|(name, _)| name.starts_with("access-control-"));
    assert_eq!(told, None, "{what}");
}

#[test]
fn preflights_are_answered_before_the_token_is_asked_for() {
    let engine = Engine::with(&["--cpus", "0", "--token", "s3cret", "--allow-origin", LAB]);
    for origin in [VITE, "http://127.0.0.1:3000", "http://[::1]:3000", LAB] {
        for (path, method) in [
            ("/health", "GET"),
            ("/run", "POST"),
            ("/requests/req_1", "DELETE"),
            ("/nowhere", "GET"),
            ("/stats/run_1", "GET"),
        ] {
            let answer = preflight(&engine, path, origin, method);
            assert_eq!(answer.status, 204, "{origin} {path}: {answer:?}");
            assert_readable(&answer, origin, path);
            let methods = answer.header("access-control-allow-methods");
            assert_eq!(methods, Some("GET, POST, DELETE"));
            let headers = answer.header("access-control-allow-headers");
            let expected = "content-type, authorization, last-event-id, ngrok-skip-browser-warning";
            assert_eq!(headers, Some(expected));
            let age = answer.header("access-control-max-age");
            assert!(age.is_some_and(|age| age.parse::<u32>().is_ok()), "{age:?}");
        }
    }
}

#[test]
fn refused_origins_learn_nothing() {
    let engine = Engine::with(&["--cpus", "0", "--allow-origin", LAB]);
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost.evil.example",
        "https://lab.example:8443",
        "*",
    ] {
        let asked = raw("GET", &engine.url("/health"), &[("origin", origin)], "");
        let before = preflight(&engine, "/health", origin, "GET");
        for answer in [asked, before] {
            assert_eq!(
                (answer.status, answer.code()),
                (403, "FORBIDDEN"),
                "{origin}"
            );
            assert_silent(&answer, origin);
        }
    }
    let headers = [("origin", VITE), ("host", "evil.example")];
    let rebound = raw("OPTIONS", &engine.url("/health"), &headers, "");
    assert_eq!(rebound.status, 403, "{rebound:?}");
    assert_silent(&rebound, "a foreign host");
}

#[test]
fn every_answer_can_be_read_errors_included() {
    let guarded = Engine::with(&["--cpus", "0", "--token", "s3cret"]);
    let table = [
        ("GET", "/health", "", 200),
        ("GET", "/nowhere", "", 404),
        ("GET", "/run/run_1", "", 404),
        ("DELETE", "/health", "", 405),
        ("POST", "/run", "{", 400),
    ];
    for (method, path, body, status) in table {
        let headers = [("origin", VITE), ("authorization", "Bearer s3cret")];
        let answer = raw(method, &guarded.url(path), &headers, body);
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert_readable(&answer, VITE, path);
        let without_token = raw(method, &guarded.url(path), &headers[..1], body);
        assert_eq!(without_token.status, 401, "{method} {path}");
        assert_readable(&without_token, VITE, path);
    }
}

#[test]
fn streams_can_be_read_live_and_afterwards() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "duration": "1s", "targetRps": 10
    }));
    for what in ["live", "afterwards"] {
        let stream = engine.url(&format!("/stats/{}", run.id));
        let answer = raw("GET", &stream, &[("origin", VITE)], "");
        let kind = answer.header("content-type");
        assert_eq!(kind, Some("text/event-stream"), "{what}");
        assert_readable(&answer, VITE, what);
    }
}

#[test]
fn who_is_no_page_is_answered_as_before() {
    let engine = Engine::start();
    let answer = engine.get("/health");
    assert_eq!(answer.status, 200);
    assert_silent(&answer, "no origin");
    // A cache must not serve this response to a page.
    assert_eq!(answer.header("vary"), Some("Origin"));
    let options = raw("OPTIONS", &engine.url("/health"), &[], "");
    assert_eq!(
        (options.status, options.code()),
        (405, "METHOD_NOT_ALLOWED")
    );
    assert_eq!(options.header("allow"), Some("GET"));
}
