//! What the routes of the saved workspace refuse, and with which messages: one table for each kind of
//! mistake, with every route in it.

use serde_json::{Value, json};
use vayu_tests::{Answer, Engine, raw};

const LISTS: [&str; 4] = ["/collections", "/requests", "/environments", "/globals"];

fn engine() -> Engine {
    let engine = Engine::start();
    let root = json!({"id": "col", "name": "n"});
    assert_eq!(engine.post("/collections", &root).status, 200);
    engine
}

/// A body that the route accepts.
fn legal(path: &str) -> Value {
    match path {
        "/requests" => json!({"id": "x", "collectionId": "col", "name": "n",
                              "method": "GET", "url": "http://a/"}),
        "/globals" => json!({"variables": {}}),
        _ => json!({"id": "x", "name": "n"}),
    }
}

fn assert_refused(answer: &Answer, code: &str, field: &str, about: &dyn std::fmt::Display) {
    assert_eq!(
        (answer.status, answer.code()),
        (400, code),
        "{about}: {answer:?}"
    );
    let named = format!("`{field}`");
    assert!(answer.message().contains(&named), "{about}: {answer:?}");
}

fn nothing_was_saved(engine: &Engine) {
    let table = [
        ("/requests?collectionId=col", json!([])),
        ("/environments", json!([])),
        (
            "/globals",
            json!({"id": "globals", "variables": {}, "updatedAt": 0}),
        ),
    ];
    for (path, expected) in table {
        assert_eq!(engine.get(path).body, expected, "{path}");
    }
    assert_eq!(engine.get("/collections/x").status, 404);
}

#[test]
fn missing_fields_are_named() {
    let engine = engine();
    let table = [
        ("/collections", "id", "INVALID_REQUEST"),
        ("/collections", "name", "INVALID_REQUEST"),
        ("/requests", "id", "INVALID_REQUEST"),
        ("/requests", "collectionId", "INVALID_REQUEST"),
        ("/requests", "name", "INVALID_REQUEST"),
        ("/requests", "method", "INVALID_REQUEST"),
        ("/requests", "url", "INVALID_URL"),
        ("/environments", "id", "INVALID_REQUEST"),
        ("/environments", "name", "INVALID_REQUEST"),
        ("/globals", "variables", "INVALID_REQUEST"),
    ];
    for (path, field, code) in table {
        let mut body = legal(path);
        body.as_object_mut().expect("an object").remove(field);
        assert_refused(&engine.post(path, &body), code, field, &body);
    }
    nothing_was_saved(&engine);
}

#[test]
fn wrong_values_are_named() {
    let engine = engine();
    let table = [
        ("/collections", "id", json!(1)),
        ("/collections", "id", json!("a/b")),
        ("/collections", "id", json!(".")),
        ("/environments", "id", json!("..")),
        ("/collections", "name", json!(["n"])),
        ("/collections", "name", json!("")),
        ("/collections", "parentId", json!("nowhere")),
        ("/collections", "order", json!("first")),
        ("/collections", "variables", json!("k=v")),
        ("/requests", "collectionId", json!("nowhere")),
        ("/requests", "collectionId", Value::Null),
        ("/requests", "name", json!("n".repeat(513))),
        ("/requests", "method", json!("FETCH")),
        ("/requests", "method", json!(1)),
        ("/requests", "url", json!("")),
        ("/requests", "url", json!({"raw": "x"})),
        ("/requests", "headers", json!([])),
        ("/requests", "params", json!(1)),
        ("/requests", "auth", json!("none")),
        ("/requests", "bodyType", json!(1)),
        ("/requests", "preRequestScript", json!(1)),
        ("/requests", "postRequestScript", json!(["x"])),
        ("/environments", "name", Value::Null),
        ("/environments", "variables", json!([])),
        ("/environments", "isActive", json!(1)),
        ("/globals", "variables", json!(1)),
    ];
    for (path, field, value) in table {
        let mut body = legal(path);
        body[field] = value.clone();
        let code = match (field, &value) {
            ("method", _) => "INVALID_METHOD",
            ("url", _) => "INVALID_URL",
            _ => "INVALID_REQUEST",
        };
        let answer = engine.post(path, &body);
        assert_refused(&answer, code, field, &body);
        if let Some(text @ ("FETCH" | "nowhere")) = value.as_str() {
            assert!(answer.message().contains(text), "{answer:?}");
        }
    }
    let inside = [
        ("/requests", "headers", "headers.k"),
        ("/collections", "variables", "variables.k"),
        ("/environments", "variables", "variables.k"),
        ("/globals", "variables", "variables.k"),
    ];
    for (path, field, named) in inside {
        let mut body = legal(path);
        body[field] = json!({"fits": "v", "k": 5});
        assert_refused(&engine.post(path, &body), "INVALID_REQUEST", named, &body);
    }
    nothing_was_saved(&engine);
}

#[test]
fn what_is_no_object_is_refused_on_every_route() {
    let engine = engine();
    for path in LISTS {
        for body in ["", "{", "[]", "\"id\"", "null", "{\"id\":\"\u{1}\"}"] {
            let answer = raw("POST", &engine.url(path), &[], body);
            let told = (answer.status, answer.code());
            assert_eq!(
                told,
                (400, "INVALID_REQUEST"),
                "{path} {body:?}: {answer:?}"
            );
        }
    }
    nothing_was_saved(&engine);
}

#[test]
fn too_large_bodies_are_refused_on_every_route() {
    let engine = engine();
    for path in LISTS {
        let mut body = legal(path);
        body["padding"] = json!("x".repeat(16 * 1024 * 1024));
        let answer = engine.post(path, &body);
        let told = (answer.status, answer.code());
        assert_eq!(told, (413, "PAYLOAD_TOO_LARGE"), "{path}");
        body["padding"] = json!("x".repeat(15 * 1024 * 1024));
        let answer = engine.post(path, &body);
        assert_eq!(answer.status, 200, "{path}: an unknown field is ignored");
        assert_eq!(answer.body["padding"], Value::Null, "{path}");
    }
}

#[test]
fn unknown_ids_are_not_found() {
    let engine = engine();
    let table = [
        ("/collections", "COLLECTION_NOT_FOUND"),
        ("/requests", "REQUEST_NOT_FOUND"),
        ("/environments", "ENVIRONMENT_NOT_FOUND"),
    ];
    for (path, code) in table {
        for method in ["GET", "DELETE"] {
            for (id, shown) in [("no-such", "no-such"), ("a%20b%22", "a b\""), ("%FF", "")] {
                let url = engine.url(&format!("{path}/{id}"));
                let answer = raw(method, &url, &[], "");
                let told = (answer.status, answer.code());
                assert_eq!(told, (404, code), "{method} {url}: {answer:?}");
                assert!(answer.message().contains(shown), "{answer:?}");
            }
        }
    }
}

#[test]
fn a_list_of_requests_needs_its_collection() {
    let engine = engine();
    for query in ["", "?", "?collectionId=", "?collectionid=col"] {
        let answer = engine.get(&format!("/requests{query}"));
        assert_refused(&answer, "INVALID_REQUEST", "collectionId", &query);
    }
    let twice = engine.get("/requests?collectionId=a&collectionId=b");
    assert_eq!(
        (twice.status, twice.code()),
        (400, "INVALID_REQUEST"),
        "{twice:?}"
    );
    let more = engine.get("/requests?collectionId=col&more=1");
    assert_refused(&more, "INVALID_REQUEST", "more", &"an unknown parameter");
}

#[test]
fn other_methods_are_told_the_right_ones() {
    let engine = engine();
    let lists = LISTS.map(|path| (path.to_owned(), "GET, POST"));
    let ones = LISTS[..3].iter();
    let ones = ones.map(|path| (format!("{path}/x"), "GET, DELETE"));
    for (path, allowed) in lists.into_iter().chain(ones) {
        for method in ["PUT", "PATCH", "DELETE", "POST"] {
            if allowed.contains(method) {
                continue;
            }
            let answer = raw(method, &engine.url(&path), &[], "");
            let told = (answer.status, answer.code());
            assert_eq!(told, (405, "METHOD_NOT_ALLOWED"), "{method} {path}");
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        }
    }
}
