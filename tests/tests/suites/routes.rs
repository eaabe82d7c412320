//! Every route of the OpenAPI document against the common mistakes of clients: unknown ids, other methods,
//! missing bodies, bodies that are far too large. The values of single fields are tested elsewhere, in
//! `bad_fields`, `workspace_refusals`, `config` and `runs_surface`.

use serde_json::Value;
use vayu_tests::{Answer, Engine, raw};

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A route and its methods.
struct Route {
    path: String,
    methods: Vec<String>,
    with_body: bool,
}

fn routes(engine: &Engine) -> Vec<Route> {
    let document = engine.get("/openapi.json").body;
    let paths = document["paths"].as_object().expect("paths").clone();
    paths
        .into_iter()
        .map(|(path, item)| Route {
            path,
            with_body: item["post"].get("requestBody").is_some(),
            methods: item
                .as_object()
                .expect("operations")
                .keys()
                .map(|method| method.to_uppercase())
                .collect(),
        })
        .collect()
}

fn call(engine: &Engine, method: &str, path: &str, body: &str) -> Answer {
    let json = [("content-type", "application/json")];
    let headers = if body.is_empty() { &json[..0] } else { &json };
    raw(method, &engine.url(path), headers, body)
}

fn assert_error(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!(
        (answer.status, answer.code()),
        (status, code),
        "{what}: {answer:?}"
    );
    let fields = answer.body.as_object().map(|body| body.len());
    assert_eq!(fields, Some(1), "{what}: {answer:?}");
    assert!(!answer.message().is_empty(), "{what}: {answer:?}");
}

#[test]
fn unknown_ids_are_not_found_by_name() {
    let engine = Engine::start();
    let with_ids = routes(&engine)
        .into_iter()
        .filter(|route| route.path.contains("{id}"));
    let mut count = 0;
    for route in with_ids {
        let code = match route.path.split('/').nth(1) {
            Some("collections") => "COLLECTION_NOT_FOUND",
            Some("requests") => "REQUEST_NOT_FOUND",
            Some("environments") => "ENVIRONMENT_NOT_FOUND",
            _ => "RUN_NOT_FOUND",
        };
        for method in &route.methods {
            for id in ["never_was", "%20", "a%2Fb", "%F0%9F%98%80"] {
                let path = route.path.replace("{id}", id);
                let answer = call(&engine, method, &path, "");
                assert_error(&answer, 404, code, &format!("{method} {path}"));
                count += 1;
            }
        }
    }
    assert!(count > 40, "only {count} calls were made");
}

#[test]
fn other_methods_are_refused_with_those_that_are_right() {
    let engine = Engine::start();
    for route in routes(&engine) {
        for method in METHODS {
            if route.methods.iter().any(|known| known == method) {
                continue;
            }
            let what = format!("{method} {}", route.path);
            let answer = call(&engine, method, &route.path, "");
            assert_error(&answer, 405, "METHOD_NOT_ALLOWED", &what);
            let mut allowed: Vec<&str> = answer
                .header("allow")
                .unwrap_or_default()
                .split(", ")
                .collect();
            let mut methods: Vec<&str> = route.methods.iter().map(String::as_str).collect();
            allowed.sort_unstable();
            methods.sort_unstable();
            assert_eq!(allowed, methods, "{what}");
        }
    }
}

#[test]
fn bodies_that_are_none_change_nothing() {
    let engine = Engine::start();
    let before = state(&engine);
    let large = format!(
        "{{\"id\":\"x\",\"name\":\"{}\"}}",
        "x".repeat(16 * 1024 * 1024)
    );
    let with_bodies = routes(&engine).into_iter().filter(|route| route.with_body);
    let mut paths = Vec::new();
    for Route { path, .. } in with_bodies {
        for body in ["{", "not json", "[]", "7", "null", "\"text\"", "{}}"] {
            let answer = call(&engine, "POST", &path, body);
            assert_error(
                &answer,
                400,
                "INVALID_REQUEST",
                &format!("POST {path} {body}"),
            );
        }
        let empty = call(&engine, "POST", &path, "");
        assert_error(
            &empty,
            400,
            "INVALID_REQUEST",
            &format!("POST {path} without a body"),
        );
        let too_large = call(&engine, "POST", &path, &large);
        assert_error(&too_large, 413, "PAYLOAD_TOO_LARGE", &path);
        paths.push(path);
    }
    assert_eq!(paths.len(), 7, "{paths:?}");
    assert_eq!(state(&engine), before);
}

/// Returns everything that is stored.
fn state(engine: &Engine) -> Vec<Value> {
    let paths = [
        "/collections",
        "/environments",
        "/globals",
        "/runs",
        "/config",
    ];
    paths.map(|path| engine.get(path).body).into()
}

#[test]
fn unknown_routes_are_told_in_the_one_shape() {
    let engine = Engine::start();
    for path in [
        "/",
        "/nowhere",
        "/run/",
        "/runs/",
        "/run/x/y",
        "/collections/x/y",
        "//health",
        "/health/",
    ] {
        for method in METHODS {
            let answer = call(&engine, method, path, "");
            assert_error(&answer, 404, "NOT_FOUND", &format!("{method} {path}"));
            assert!(answer.message().contains(path), "{answer:?}");
        }
    }
}

#[test]
fn a_call_made_twice_is_answered_twice() {
    let engine = Engine::start();
    let bodies = [
        ("/collections", serde_json::json!({"id": "c", "name": "n"})),
        (
            "/requests",
            serde_json::json!({"id": "r", "collectionId": "c", "name": "n", "method": "GET", "url": "u"}),
        ),
        ("/environments", serde_json::json!({"id": "e", "name": "n"})),
        ("/globals", serde_json::json!({"variables": {"a": "1"}})),
        ("/config", serde_json::json!({"defaultTimeout": 1_000})),
    ];
    for (path, body) in bodies {
        let mut answers = [engine.post(path, &body), engine.post(path, &body)];
        for answer in &mut answers {
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            let fields = answer.body.as_object_mut().expect("an object");
            fields.remove("updatedAt");
            for entry in fields
                .get_mut("entries")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                entry["updatedAt"] = Value::Null;
            }
        }
        assert_eq!(answers[0].body, answers[1].body, "{path}");
    }
    for path in ["/requests/r", "/collections/c", "/environments/e"] {
        assert_eq!(engine.delete(path).status, 200, "{path}");
        assert_eq!(engine.delete(path).status, 404, "{path}");
    }
}

#[test]
fn every_answer_tells_browsers_what_they_may_do_with_it() {
    let engine = Engine::start();
    let foreign = [("origin", "https://evil.example")];
    let answers = [
        engine.get("/health"),
        engine.get("/nowhere"),
        raw("GET", &engine.url("/docs/"), &[], ""),
        raw("GET", &engine.url("/health"), &foreign, ""),
        raw(
            "OPTIONS",
            &engine.url("/run"),
            &[("origin", "http://localhost:1")],
            "",
        ),
    ];
    for answer in answers {
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{answer:?}");
        }
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(
            policy.starts_with("default-src 'none'") && policy.ends_with("frame-ancestors 'none'"),
            "{answer:?}"
        );
    }
}
