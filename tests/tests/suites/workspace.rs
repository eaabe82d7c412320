//! "Project Management" of the API reference: collections, requests and environments, and also globals. The
//! bodies are those of the reference.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use vayu_tests::{Engine, raw};

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = since.expect("it is after 1970").as_millis();
    i64::try_from(ms).expect("it is not that late")
}

/// An engine with a collection `col_123`.
fn engine() -> Engine {
    let engine = Engine::start();
    let root = json!({"id": "col_123", "name": "API Tests"});
    let _ = saved(&engine, "/collections", &root);
    engine
}

/// Sends a body that must be accepted, and returns the response.
fn saved(engine: &Engine, path: &str, body: &Value) -> Value {
    let answer = engine.post(path, body);
    assert_eq!(answer.status, 200, "POST {path} {body}: {answer:?}");
    answer.body
}

/// Reads a path that must exist, and returns the response.
fn got(engine: &Engine, path: &str) -> Value {
    let answer = engine.get(path);
    assert_eq!(answer.status, 200, "GET {path}: {answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.body
}

/// Asserts that the response has the fields of `expected`, the times of a save that was made after `since`,
/// and nothing else.
fn assert_saved(answer: &Value, expected: &Value, times: &[&str], since: i64) {
    let mut rest = answer.clone();
    let object = rest.as_object_mut().expect("an object");
    for name in times {
        let time = object.remove(*name).and_then(|time| time.as_i64());
        let time = time.unwrap_or_else(|| panic!("no time `{name}` in {answer}"));
        assert!((since..=now_ms()).contains(&time), "{name} of {answer}");
    }
    assert_eq!(rest, *expected);
}

fn update_user() -> Value {
    json!({
        "id": "req_xyz",
        "collectionId": "col_123",
        "name": "Update User",
        "method": "PUT",
        "url": "https://api.example.com/users/{{userId}}",
        "headers": {
            "Content-Type": "application/json",
            "Authorization": "Bearer {{token}}"
        },
        "body": {"name": "John Doe", "email": "john@example.com"},
        "auth": {"type": "bearer", "token": "{{token}}"},
        "preRequestScript": "console.log('Updating user:', pm.variables.get('userId'));",
        "postRequestScript": "pm.test('Updated', () => pm.response.code === 200);"
    })
}

#[test]
fn post_collections_and_get_collections() {
    let engine = engine();
    let since = now_ms();
    let body =
        json!({"id": "col_789", "name": "Admin Endpoints", "parentId": "col_123", "order": 2});
    let answer = saved(&engine, "/collections", &body);
    let mut expected = body.clone();
    expected["variables"] = json!({});
    assert_saved(&answer, &expected, &["createdAt", "updatedAt"], since);
    assert_eq!(got(&engine, "/collections/col_789"), answer);

    let list = got(&engine, "/collections");
    assert_eq!(list[1], answer);
    let root = &list[0];
    assert_eq!(
        (&root["parentId"], &root["order"]),
        (&Value::Null, &json!(0))
    );
    assert_eq!(root["name"], "API Tests");

    let again = saved(&engine, "/collections", &body);
    assert_eq!(again["createdAt"], answer["createdAt"]);
    assert_eq!(
        got(&engine, "/collections").as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn post_requests_and_get_requests() {
    let engine = engine();
    assert_eq!(got(&engine, "/requests?collectionId=col_123"), json!([]));
    let since = now_ms();
    let answer = saved(&engine, "/requests", &update_user());
    let mut expected = update_user();
    (expected["params"], expected["bodyType"]) = (json!({}), Value::Null);
    assert_saved(&answer, &expected, &["createdAt", "updatedAt"], since);
    assert_eq!(got(&engine, "/requests/req_xyz"), answer);
    assert_eq!(
        got(&engine, "/requests?collectionId=col_123"),
        json!([answer])
    );
    assert_eq!(got(&engine, "/requests?collectionId=other"), json!([]));

    // The object that the reference lists, sent as it is.
    let listed = json!({
        "id": "req_abc",
        "collectionId": "col_123",
        "name": "Get User Profile",
        "method": "GET",
        "url": "https://api.example.com/users/{{userId}}",
        "headers": {"Authorization": "Bearer {{token}}", "Accept": "application/json"},
        "body": {},
        "auth": {},
        "preRequestScript": "",
        "postRequestScript": "pm.test('Status OK', () => pm.response.code === 200);",
        "updatedAt": 1_704_200_000_000_i64
    });
    let mut answer = saved(&engine, "/requests", &listed);
    assert!(answer["updatedAt"].as_i64() >= Some(since), "{answer}");
    answer["updatedAt"] = listed["updatedAt"].clone();
    for (name, value) in listed.as_object().expect("an object") {
        assert_eq!(answer[name], *value, "{name}");
    }
}

#[test]
fn post_environments_and_get_environments() {
    let engine = Engine::start();
    assert_eq!(got(&engine, "/environments"), json!([]));
    let since = now_ms();
    let body = json!({
        "id": "env_staging",
        "name": "Staging",
        "variables": {
            "BASE_URL": "https://staging-api.example.com",
            "API_KEY": "staging_key_789",
            "timeout": "5000"
        }
    });
    let answer = saved(&engine, "/environments", &body);
    let mut expected = body.clone();
    expected["isActive"] = json!(false);
    assert_saved(&answer, &expected, &["createdAt", "updatedAt"], since);
    assert_eq!(got(&engine, "/environments/env_staging"), answer);
    let bare = saved(&engine, "/environments", &json!({"id": "z", "name": "n"}));
    assert_eq!(bare["variables"], json!({}));
    assert_eq!(got(&engine, "/environments"), json!([answer, bare]));
}

#[test]
fn the_lists_of_the_reference_may_be_sent_as_they_are() {
    let engine = Engine::start();
    let lists = [
        (
            "/collections",
            json!([
                {"id": "col_123", "parentId": null, "name": "API Tests", "order": 0,
                 "createdAt": 1_704_200_000_000_i64},
                {"id": "col_456", "parentId": "col_123", "name": "User Endpoints", "order": 1,
                 "createdAt": 1_704_200_001_000_i64}
            ]),
        ),
        (
            "/environments",
            json!([
                {"id": "env_prod", "name": "Production", "updatedAt": 1_704_200_000_000_i64,
                 "variables": {"BASE_URL": "https://api.example.com", "API_KEY": "prod_key_123",
                               "userId": "12345"}},
                {"id": "env_dev", "name": "Development", "updatedAt": 1_704_200_001_000_i64,
                 "variables": {"BASE_URL": "http://localhost:3000", "API_KEY": "dev_key_456"}}
            ]),
        ),
    ];
    for (path, list) in lists {
        for sent in list.as_array().expect("a list") {
            let mut answer = saved(&engine, path, sent);
            for (name, value) in sent.as_object().expect("an object") {
                // The engine sets the times, whatever is sent.
                if name.ends_with("At") {
                    assert_ne!(answer[name].take(), *value, "{name}");
                } else {
                    assert_eq!(answer[name], *value, "{name}");
                }
            }
        }
    }
}

#[test]
fn globals() {
    let engine = Engine::start();
    let before = json!({"id": "globals", "variables": {}, "updatedAt": 0});
    assert_eq!(got(&engine, "/globals"), before);
    let since = now_ms();
    let variables = json!({"a": "1", "b": {"value": "2", "enabled": false, "secret": true}});
    let answer = saved(&engine, "/globals", &json!({"variables": variables}));
    let expected = json!({"id": "globals", "variables": variables});
    assert_saved(&answer, &expected, &["updatedAt"], since);
    assert_eq!(got(&engine, "/globals"), answer);
    let answer = saved(&engine, "/globals", &json!({"variables": {}}));
    assert_eq!(answer["variables"], json!({}));
}

#[test]
fn fields_not_sent_stay_and_null_resets() {
    let engine = engine();
    let _ = saved(&engine, "/requests", &update_user());
    let before = got(&engine, "/requests/req_xyz");
    let renamed = saved(
        &engine,
        "/requests",
        &json!({"id": "req_xyz", "name": "New"}),
    );
    for (name, value) in before.as_object().expect("an object") {
        match name.as_str() {
            "name" => assert_eq!(renamed[name], "New"),
            "updatedAt" => assert!(renamed[name].as_i64() >= value.as_i64(), "{renamed}"),
            _ => assert_eq!(renamed[name], *value, "{name}"),
        }
    }
    let nulls = json!({"id": "req_xyz", "headers": null, "body": null, "auth": null,
                       "preRequestScript": null, "postRequestScript": null, "unknown": 1});
    let reset = saved(&engine, "/requests", &nulls);
    let expected = [
        ("headers", json!({})),
        ("body", Value::Null),
        ("auth", json!({})),
        ("preRequestScript", json!("")),
        ("postRequestScript", json!("")),
        ("name", json!("New")),
        ("unknown", Value::Null),
    ];
    for (name, value) in expected {
        assert_eq!(reset[name], value, "{name}");
    }
    let folder = json!({"id": "f", "name": "F", "parentId": "col_123", "order": 4,
                        "variables": {"k": "v"}});
    let _ = saved(&engine, "/collections", &folder);
    let kept = saved(&engine, "/collections", &json!({"id": "f", "order": null}));
    let left = (&kept["parentId"], &kept["order"], &kept["variables"]);
    assert_eq!(left, (&json!("col_123"), &json!(0), &json!({"k": "v"})));
    let root = saved(
        &engine,
        "/collections",
        &json!({"id": "f", "parentId": null}),
    );
    assert_eq!(root["parentId"], Value::Null);
}

#[test]
fn json_comes_back_as_it_came() {
    let engine = engine();
    let bodies = [
        "123456789012345678901234567890",
        r#""text""#,
        "[null, 1.10, -0.0, 1E+2]",
        r#"{"\u00e9": [{}], "b": {"deep": "\ud83c\udf00"}}"#,
        "false",
    ];
    for body in bodies {
        let text = format!(
            r#"{{"id": "r", "collectionId": "col_123", "name": "n", "method": "post",
                 "url": "{{{{base}}}}/", "body": {body}, "bodyType": "json", "params": [1]}}"#
        );
        let answer = raw("POST", &engine.url("/requests"), &[], &text);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["method"], "POST");
        let text = vayu_tests::get_text(&engine.url("/requests/r"));
        assert!(text.contains(&format!(r#""body":{body},"#)), "{text}");
    }
}

#[test]
fn the_tree_stays_a_tree_and_in_order() {
    let engine = engine();
    let table = [
        ("b", Some("col_123"), 1),
        ("a", Some("b"), 0),
        ("c", None, -1),
    ];
    for (id, parent, order) in table {
        let body = json!({"id": id, "name": id, "parentId": parent, "order": order});
        let _ = saved(&engine, "/collections", &body);
    }
    let list = got(&engine, "/collections");
    let ids: Vec<&str> = (0..4).filter_map(|at| list[at]["id"].as_str()).collect();
    assert_eq!(ids, ["c", "col_123", "a", "b"]);
    for (id, parent) in [("b", "b"), ("b", "a"), ("col_123", "a"), ("c", "no-such")] {
        let body = json!({"id": id, "parentId": parent});
        let answer = engine.post("/collections", &body);
        assert_eq!((answer.status, answer.code()), (400, "INVALID_REQUEST"));
        let message = answer.message();
        assert!(message.starts_with("`parentId`"), "{message}");
        assert!(message.contains(&format!("\"{parent}\"")), "{message}");
        assert!(
            parent == "no-such" || message.contains(&format!("\"{id}\"")),
            "{message}"
        );
    }
    assert_eq!(got(&engine, "/collections"), list);
}

#[test]
fn deleting_says_what_is_gone_and_takes_everything_below() {
    let engine = engine();
    for (id, parent) in [("b", "col_123"), ("c", "b")] {
        let body = json!({"id": id, "name": id, "parentId": parent});
        let _ = saved(&engine, "/collections", &body);
    }
    for (id, collection) in [("1", "col_123"), ("2", "b"), ("3", "c"), ("4", "c")] {
        let mut body = update_user();
        (body["id"], body["collectionId"]) = (json!(id), json!(collection));
        let _ = saved(&engine, "/requests", &body);
    }
    let _ = saved(&engine, "/environments", &json!({"id": "e", "name": "e"}));
    let table = [
        (
            "/requests/4",
            json!({"id": "4", "deleted": {"requests": 1}}),
        ),
        (
            "/environments/e",
            json!({"id": "e", "deleted": {"environments": 1}}),
        ),
        (
            "/collections/b",
            json!({"id": "b", "deleted": {"collections": 2, "requests": 2}}),
        ),
    ];
    for (path, expected) in table {
        let answer = engine.delete(path);
        assert_eq!((answer.status, answer.body), (200, expected), "{path}");
        assert_eq!(engine.delete(path).status, 404, "{path} once more");
        assert_eq!(engine.get(path).status, 404, "{path}");
    }
    assert_eq!(
        got(&engine, "/collections").as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(engine.get("/requests/3").status, 404);
    assert_eq!(engine.get("/requests/1").status, 200);
}

#[test]
fn everything_outlives_the_engine() {
    let engine = engine();
    let _ = saved(&engine, "/requests", &update_user());
    let environment = json!({"id": "e", "name": "e", "variables": {"k": {"value": "v"}}});
    let _ = saved(&engine, "/environments", &environment);
    let _ = saved(&engine, "/globals", &json!({"variables": {"g": "1"}}));
    let paths = [
        "/collections",
        "/requests?collectionId=col_123",
        "/environments",
        "/globals",
    ];
    let before = paths.map(|path| got(&engine, path));
    engine.signal("KILL");
    let (_, directory) = engine.wait(std::time::Duration::from_secs(5));
    let engine = Engine::in_directory(directory, &["--cpus", "0"]);
    assert_eq!(paths.map(|path| got(&engine, path)), before);
}
