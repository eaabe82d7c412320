//! Every invalid field of `POST /run` is refused by name, and stores no row.

use serde_json::{Value, json};
use vayu_tests::{Database, Engine, raw};

/// Returns a valid body with one field changed; `null` removes the field.
fn with(field: &str, value: Value) -> Value {
    let mut body = json!({
        "request": {"method": "GET", "url": "http://127.0.0.1:1/"},
        "mode": "constant", "duration": "1s", "targetRps": 1
    });
    let (object, name) = match field.split_once('.') {
        Some((_, name)) => (&mut body["request"], name),
        None => (&mut body, field),
    };
    object[name] = value;
    body
}

fn ramp(field: &str, value: Value) -> Value {
    let mut body = with("mode", json!("ramp_up"));
    body["rampUpDuration"] = json!("1s");
    body["concurrency"] = json!(2);
    body[field] = value;
    body
}

fn iterations(field: &str, value: Value) -> Value {
    let mut body = with("mode", json!("iterations"));
    body["iterations"] = json!(1);
    body["concurrency"] = json!(1);
    body[field] = value;
    body
}

#[test]
fn every_bad_field_is_named_and_leaves_no_row() {
    let long_url = format!("http://a/{}", "x".repeat(9000));
    let table: Vec<(Value, &str, &str)> = vec![
        (with("request", Value::Null), "request", "INVALID_REQUEST"),
        (
            with("request", json!("GET /")),
            "request",
            "INVALID_REQUEST",
        ),
        (
            with("request.method", Value::Null),
            "request.method",
            "INVALID_REQUEST",
        ),
        (
            with("request.method", json!("FETCH")),
            "request.method",
            "INVALID_METHOD",
        ),
        (
            with("request.method", json!(7)),
            "request.method",
            "INVALID_METHOD",
        ),
        (
            with("request.url", Value::Null),
            "request.url",
            "INVALID_URL",
        ),
        (with("request.url", json!("")), "request.url", "INVALID_URL"),
        (
            with("request.url", json!("not a url")),
            "request.url",
            "INVALID_URL",
        ),
        (
            with("request.url", json!("ftp://a/")),
            "request.url",
            "INVALID_URL",
        ),
        (
            with("request.url", json!(long_url)),
            "request.url",
            "INVALID_URL",
        ),
        (
            with("request.url", json!("http://u:p@/x")),
            "request.url",
            "INVALID_URL",
        ),
        (
            with("request.pathAsIs", json!("yes")),
            "request.pathAsIs",
            "INVALID_REQUEST",
        ),
        (
            with("request.customMethod", json!(1)),
            "request.customMethod",
            "INVALID_REQUEST",
        ),
        (
            with("request.headers", json!(["a"])),
            "request.headers",
            "INVALID_REQUEST",
        ),
        (
            with("request.headers", json!({"a b": "c"})),
            "request.headers.a b",
            "INVALID_REQUEST",
        ),
        (
            with("request.headers", json!({"a": "b\r\nc: d"})),
            "request.headers.a",
            "INVALID_REQUEST",
        ),
        (
            with("request.headers", json!({"Host": "a", "hOST": "b"})),
            "request.headers.Host",
            "INVALID_REQUEST",
        ),
        (
            with("request.body", json!({"mode": "bytes", "bytes": "A"})),
            "request.body.bytes",
            "INVALID_REQUEST",
        ),
        (
            with(
                "request.body",
                json!({"mode": "binary", "binary": {"base64": "?"}}),
            ),
            "request.body.binary.base64",
            "INVALID_REQUEST",
        ),
        (
            with(
                "request.body",
                json!({"mode": "graphql", "graphql": {"query": "q", "variables": "{"}}),
            ),
            "request.body.graphql.variables",
            "INVALID_REQUEST",
        ),
        (
            with("request.headers", json!({"a": 1})),
            "request.headers.a",
            "INVALID_REQUEST",
        ),
        (
            with("request.headers", json!({"Transfer-Encoding": "gzip"})),
            "request.headers.Transfer-Encoding",
            "INVALID_REQUEST",
        ),
        (with("mode", Value::Null), "mode", "INVALID_REQUEST"),
        (with("mode", json!("fast")), "mode", "INVALID_REQUEST"),
        (with("mode", json!(1)), "mode", "INVALID_REQUEST"),
        (with("duration", Value::Null), "duration", "INVALID_REQUEST"),
        (with("duration", json!("0s")), "duration", "INVALID_REQUEST"),
        (
            iterations("duration", json!("0s")),
            "duration",
            "INVALID_REQUEST",
        ),
        (
            with("iterations", json!(0)),
            "iterations",
            "INVALID_REQUEST",
        ),
        (
            {
                let mut body = with("iterations", json!(1_000_000_000_000_u64));
                body["duration"] = Value::Null;
                body
            },
            "iterations",
            "INVALID_REQUEST",
        ),
        (
            with("scriptErrors", json!("refuse")),
            "scriptErrors",
            "INVALID_REQUEST",
        ),
        (
            with("variables", json!("a=1")),
            "variables",
            "INVALID_REQUEST",
        ),
        (
            with("duration", json!("-5s")),
            "duration",
            "INVALID_REQUEST",
        ),
        (
            with("duration", json!("soon")),
            "duration",
            "INVALID_REQUEST",
        ),
        (
            with("duration", json!("9999999h")),
            "duration",
            "INVALID_REQUEST",
        ),
        (with("duration", json!([1])), "duration", "INVALID_REQUEST"),
        (
            with("targetRps", Value::Null),
            "targetRps",
            "INVALID_REQUEST",
        ),
        (with("targetRps", json!(0)), "targetRps", "INVALID_REQUEST"),
        (with("targetRps", json!(-1)), "targetRps", "INVALID_REQUEST"),
        (
            with("targetRps", json!("50")),
            "targetRps",
            "INVALID_REQUEST",
        ),
        (
            with("targetRps", json!(1e12)),
            "targetRps",
            "INVALID_REQUEST",
        ),
        (
            with("arrivals", json!("random")),
            "arrivals",
            "INVALID_REQUEST",
        ),
        (with("seed", json!(-1)), "seed", "INVALID_REQUEST"),
        (
            with("concurrency", json!(1.5)),
            "concurrency",
            "INVALID_REQUEST",
        ),
        (
            with("success_sample_rate", json!(101)),
            "success_sample_rate",
            "INVALID_REQUEST",
        ),
        (
            with("success_sample_rate", json!(-1)),
            "success_sample_rate",
            "INVALID_REQUEST",
        ),
        (
            with("slow_threshold_ms", json!("slow")),
            "slow_threshold_ms",
            "INVALID_REQUEST",
        ),
        (
            with("save_timing_breakdown", json!("yes")),
            "save_timing_breakdown",
            "INVALID_REQUEST",
        ),
        (with("requestId", json!(5)), "requestId", "INVALID_REQUEST"),
        (with("comment", json!(5)), "comment", "INVALID_REQUEST"),
        (with("timeout", json!(0)), "timeout", "INVALID_REQUEST"),
        (
            with("maxConnections", json!(0)),
            "maxConnections",
            "INVALID_REQUEST",
        ),
        (
            iterations("iterations", Value::Null),
            "iterations",
            "INVALID_REQUEST",
        ),
        (
            iterations("arrivals", json!("poisson")),
            "arrivals",
            "INVALID_REQUEST",
        ),
        (
            iterations("iterations", json!(0)),
            "iterations",
            "INVALID_REQUEST",
        ),
        (
            iterations("concurrency", json!(0)),
            "concurrency",
            "INVALID_REQUEST",
        ),
        (
            iterations("concurrency", Value::Null),
            "concurrency",
            "INVALID_REQUEST",
        ),
        (
            ramp("rampUpDuration", Value::Null),
            "rampUpDuration",
            "INVALID_REQUEST",
        ),
        (
            ramp("rampUpDuration", json!("2s")),
            "rampUpDuration",
            "INVALID_REQUEST",
        ),
        (
            ramp("startConcurrency", json!(-1)),
            "startConcurrency",
            "INVALID_REQUEST",
        ),
        (
            ramp("concurrency", Value::Null),
            "concurrency",
            "INVALID_REQUEST",
        ),
        (json!([]), "body", "INVALID_REQUEST"),
    ];
    let engine = Engine::start();
    for (body, field, code) in &table {
        let answer = engine.post("/run", body);
        assert_eq!(
            (answer.status, answer.code()),
            (400, *code),
            "{body}: {answer:?}"
        );
        let named = format!("`{field}`");
        assert!(
            answer.message().contains(&named),
            "{body}: {:?} does not name {named}",
            answer.message()
        );
    }
    for body in ["", "{", "nonsense", "\u{0}"] {
        let answer = raw("POST", &engine.url("/run"), &[], body);
        assert_eq!(
            (answer.status, answer.code()),
            (400, "INVALID_REQUEST"),
            "{body:?}: {answer:?}"
        );
    }
    let directory = engine.end();
    assert_eq!(
        Database::open(directory.path()).runs(),
        [],
        "a refused run left a row"
    );
}

#[test]
fn every_bad_field_of_the_connection_is_named_and_leaves_no_row() {
    let table = [
        (json!("fast"), "connection"),
        (json!({"keepAlive": "yes"}), "connection.keepAlive"),
        (json!({"maxRequests": 0}), "connection.maxRequests"),
        (json!({"maxConnections": -1}), "connection.maxConnections"),
        (
            json!({"localAddresses": "10.0.0.1"}),
            "connection.localAddresses",
        ),
        (
            json!({"localAddresses": ["10.0.0"]}),
            "connection.localAddresses[0]",
        ),
        (
            json!({"localAddresses": ["192.0.2.1"]}),
            "connection.localAddresses[0]",
        ),
        (
            json!({"resolve": {"a": "10.0.0.1"}}),
            "connection.resolve.a",
        ),
        (json!({"resolve": {"a:1": "b"}}), "connection.resolve.a:1"),
        (json!({"resolve": {"a:1": []}}), "connection.resolve.a:1"),
        (
            json!({"dns": {"policy": "always"}}),
            "connection.dns.policy",
        ),
        (
            json!({"dns": {"servers": ["dns.example"]}}),
            "connection.dns.servers[0]",
        ),
        (json!({"verifySsl": 0}), "connection.verifySsl"),
        (json!({"tls": {"ca": "no PEM"}}), "connection.tls.ca"),
        (json!({"tls": {"ca": 5}}), "connection.tls.ca"),
        (json!({"tls": {"key": "x"}}), "connection.tls.certificate"),
        (
            json!({"tls": {"serverName": "not a name"}}),
            "connection.tls.serverName",
        ),
        (json!({"tls": {"alpn": ["h2"]}}), "connection.tls.alpn"),
        (json!({"tls": {"alpn": [""]}}), "connection.tls.alpn"),
        (
            json!({"tls": {"resumption": null, "alpn": "x"}}),
            "connection.tls.alpn",
        ),
    ];
    let engine = Engine::start();
    for (connection, field) in table {
        let mut body = with("request.url", json!("https://127.0.0.1:1/"));
        body["connection"] = connection;
        let answer = engine.post("/run", &body);
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        let named = format!("`{field}`");
        assert!(
            answer.message().contains(&named),
            "{body}: {:?}",
            answer.message()
        );
    }
    let both = json!({"maxConnections": 7});
    let mut body = with("maxConnections", json!(8));
    body["connection"] = both;
    let answer = engine.post("/run", &body);
    assert!(
        answer
            .message()
            .contains("`connection.maxConnections` is 7"),
        "{answer:?}"
    );
    let directory = engine.end();
    assert_eq!(Database::open(directory.path()).runs(), []);
}
