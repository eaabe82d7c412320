//! Bodies as the target receives them, in design mode and under load.

use serde_json::{Value, json};
use vayu_tests::{Engine, Scripted, merged, raw, response};

/// A server that echoes bodies, declared as JSON.
fn mirror() -> Scripted {
    Scripted::start(|asked| response("200 OK", &["Content-Type: application/json"], &asked.body))
}

/// Sends text without re-serializing it.
fn post_text(engine: &Engine, path: &str, body: &str) -> Value {
    let answer = raw("POST", &engine.url(path), &[], body);
    assert!(answer.status < 300, "{path} {body}: {answer:?}");
    answer.body
}

/// One request of a load run.
fn load_once(engine: &Engine, request: &str) {
    let body =
        format!(r#"{{"request":{request},"mode":"iterations","iterations":1,"concurrency":1}}"#);
    let started = post_text(engine, "/run", &body);
    let path = format!("/stats/{}", started["runId"].as_str().expect("an id"));
    let events = vayu_tests::stream(&engine.url(&path), None);
    let last = &events.last().expect("events").data;
    assert_eq!(last["status"], "completed", "{request}");
}

const NUMBERS: &str =
    r#"{"a":18446744073709551616,"b":[1.00,-0,1e2,1E400,-0.0],"c":{"d":2936.23380448434092597}}"#;

#[test]
fn numbers_keep_their_digits_on_every_way() {
    let (engine, server) = (Engine::start(), mirror());
    let url = server.url("/");
    let pre = "pm.environment.set('x', 1)";
    let test = "pm.test('a', () => {})";
    for body in [
        NUMBERS.to_owned(),
        format!(r#"{{"mode":"json","json":{NUMBERS}}}"#),
        format!(r#"{{"mode":"raw","raw":{}}}"#, json!(NUMBERS)),
    ] {
        for scripts in [
            String::new(),
            format!(r#","preRequestScript":{}"#, json!(pre)),
            format!(r#","postRequestScript":{}"#, json!(test)),
        ] {
            let request = format!(r#"{{"method":"POST","url":"{url}","body":{body}{scripts}}}"#);
            let answer = post_text(&engine, "/request", &request);
            assert_eq!(answer["body"].to_string(), NUMBERS, "{request}");
            load_once(&engine, &request);
            let asked = server.asked();
            assert_eq!(
                asked.last().expect("a request").text(),
                NUMBERS,
                "{request}"
            );
        }
    }
}

#[test]
fn saved_numbers_and_those_of_variables_keep_their_digits() {
    let (engine, server) = (Engine::start(), mirror());
    let _ = post_text(&engine, "/collections", r#"{"id":"c","name":"c"}"#);
    let saved = format!(
        r#"{{"id":"r","collectionId":"c","name":"n","method":"POST","url":"u","body":{NUMBERS}}}"#
    );
    assert_eq!(
        post_text(&engine, "/requests", &saved)["body"].to_string(),
        NUMBERS
    );
    assert_eq!(engine.get("/requests/r").body["body"].to_string(), NUMBERS);
    let variables = r#"{"a":{"value":1e2},"b":{"value":9007199254740993}}"#;
    let environment = format!(r#"{{"id":"e","name":"e","variables":{variables}}}"#);
    let _ = post_text(&engine, "/environments", &environment);
    // A script that changes one variable leaves the digits of the others unchanged.
    let request = format!(
        r#"{{"method":"POST","url":"{}","environmentId":"e","variables":{{"c":1.00}},
            "postRequestScript":"pm.environment.set('d', 1)","body":"[{{{{a}}}},{{{{b}}}},{{{{c}}}}]"}}"#,
        server.url("/")
    );
    for _ in 0..2 {
        let answer = post_text(&engine, "/request", &request);
        assert_eq!(answer["body"].to_string(), "[1e2,9007199254740993,1.00]");
    }
}

/// Returns the body of the last request of one load iteration.
fn loaded(engine: &Engine, server: &Scripted, request: &Value, variables: &Value) -> Vec<u8> {
    let body = json!({"request": request, "variables": variables,
                      "mode": "iterations", "iterations": 1, "concurrency": 1});
    let report = engine.run(&body).finish();
    assert_eq!(report["statusCodes"], json!({"200": 1}), "{report}");
    server.asked().last().expect("a request").body.clone()
}

const TEST: &str = "pm.test('ok', () => pm.response.to.have.status(200))";
/// Changes a request, so that it is built on the shard.
const CHANGE: &str = "pm.request.headers.upsert({key: 'X-Own', value: '1'})";

#[test]
fn graphql_variables_are_an_object_whoever_builds_them() {
    let (engine, server) = (Engine::start(), mirror());
    let variables = json!({"n": "5", "s": "a\"b", "all": "{\"n\":1.0}"});
    let query = "query { a(t: \"{{s}}\") }";
    let sent_query = "query { a(t: \"a\"b\") }";
    for (written, expected) in [
        (
            json!({"n": "{{n}}", "s": "{{s}}"}),
            Some(json!({"n": "5", "s": "a\"b"})),
        ),
        (json!("{\"n\": {{n}}}"), Some(json!({"n": 5}))),
        (json!(" {{all}} "), Some(json!({"n": 1.0}))),
        (json!("{\"n\": 1}"), Some(json!({"n": 1}))),
        (json!(""), None),
        (Value::Null, None),
    ] {
        let graphql = json!({"query": query, "variables": written, "operationName": ""});
        let mut request = json!({"method": "POST", "url": server.url("/"),
                                 "body": {"mode": "graphql", "graphql": graphql}});
        let mut expected_body = json!({"query": sent_query});
        if let Some(expected) = expected {
            expected_body["variables"] = expected;
        }
        request["variables"] = variables.clone();
        let answer = engine.post("/request", &request);
        assert_eq!(
            answer.body["body"], expected_body,
            "{request}: {}",
            answer.body
        );
        request
            .as_object_mut()
            .expect("an object")
            .remove("variables");
        for script in [None, Some("postRequestScript"), Some("preRequestScript")] {
            let mut request = request.clone();
            if let Some(script) = script {
                let text = if script == "preRequestScript" {
                    CHANGE
                } else {
                    TEST
                };
                request[script] = text.into();
            }
            let body = loaded(&engine, &server, &request, &variables);
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            assert_eq!(body, expected_body, "{script:?} {request}");
        }
    }
}

#[test]
fn comments_of_json_are_not_sent() {
    let (engine, server) = (Engine::start(), mirror());
    let raw = "{ // one\n \"u\": \"http://{{v}}//\", /* {{v}} */ \"n\": {{n}} // end\n}";
    let expected = json!({"u": "http://x//", "n": 5});
    let variables = json!({"v": "x", "n": "5"});
    let body = json!({"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}});
    let request = json!({"method": "POST", "url": server.url("/"), "body": body});
    let mut design = request.clone();
    design["variables"] = variables.clone();
    assert_eq!(engine.post("/request", &design).body["body"], expected);
    for script in [
        json!({}),
        json!({"postRequestScript": TEST}),
        json!({"preRequestScript": CHANGE}),
    ] {
        let request = merged(request.clone(), &script);
        let body = loaded(&engine, &server, &request, &variables);
        let text = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(
            serde_json::from_str(&text).ok(),
            Some(expected.clone()),
            "{script}: {text}"
        );
    }
    let text = json!({"mode": "raw", "raw": "{} // x", "options": {"raw": {"language": "text"}}});
    let mut request = request;
    request["body"] = text;
    assert_eq!(loaded(&engine, &server, &request, &json!({})), b"{} // x");
}

#[test]
fn load_sends_bytes_and_files_as_they_are() {
    let files = tempfile::tempdir().expect("a directory");
    let content = b"\x00\xff{{v}}{{$guid}}\r\n--";
    let path = files.path().join("a.png");
    std::fs::write(&path, content).expect("writable");
    let allowed = files.path().to_str().expect("text");
    let engine = Engine::with(&["--cpus", "0", "--allow-files", allowed]);
    let server = mirror();
    let variables = json!({"v": "val", "k": "a\"k"});
    let base64 = "AP97e3Z9fXt7JGd1aWR9fQ0KLS0=";
    let form = json!([{"key": "{{k}}", "value": "{{v}}"},
                      {"key": "f", "type": "file", "src": path}]);
    for (body, content_type) in [
        (
            json!({"mode": "binary", "binary": {"base64": base64}}),
            "application/octet-stream",
        ),
        (
            json!({"mode": "bytes", "bytes": base64}),
            "application/octet-stream",
        ),
        (json!({"mode": "file", "file": {"src": path}}), "image/png"),
        (
            json!({"mode": "formdata", "formdata": form}),
            "multipart/form-data; boundary=",
        ),
    ] {
        for script in [None, Some(TEST)] {
            let mut request =
                json!({"method": "PUT", "url": server.url("/{{v}}?{{$timestamp}}"), "body": body});
            if let Some(script) = script {
                request["postRequestScript"] = script.into();
            }
            let sent = loaded(&engine, &server, &request, &variables);
            let asked = server.asked().pop().expect("a request");
            assert!(asked.line.starts_with("PUT /val?1"), "{}", asked.line);
            let found = asked.header("content-type");
            assert!(found.starts_with(content_type), "{found}");
            if body["mode"] != "formdata" {
                assert_eq!(sent, content, "{body} {script:?}");
                continue;
            }
            let text = String::from_utf8_lossy(&sent).into_owned();
            assert!(
                text.contains("name=\"a%22k\"\r\n\r\nval\r\n"),
                "{script:?} {text}"
            );
            assert!(
                sent.windows(content.len()).any(|part| part == content),
                "{text}"
            );
            let boundary = found.split("boundary=").nth(1).expect("a boundary");
            assert!(text.ends_with(&format!("--{boundary}--\r\n")), "{text}");
        }
    }
}

#[test]
fn multipart_bodies_and_their_header_have_one_boundary() {
    let (engine, server) = (Engine::start(), mirror());
    let form = json!({"mode": "formdata", "formdata": [{"key": "a", "value": "1"}]});
    let check = |how: &str| {
        let asked = server.asked().pop().expect("a request");
        let kinds = asked
            .headers
            .iter()
            .filter(|(name, _)| name == "content-type");
        assert_eq!(kinds.count(), 1, "{how}");
        let kind = asked.header("content-type");
        let boundary = kind.split("boundary=").nth(1).unwrap_or_default();
        let text = asked.text();
        assert!(
            !boundary.is_empty() && text.ends_with(&format!("--{boundary}--\r\n")),
            "{how}: {kind}\n{text}"
        );
        kind.to_owned()
    };
    for (own, expected) in [
        ("multipart/form-data", "multipart/form-data; boundary=vayu-"),
        (
            "Multipart/Mixed; a=b",
            "Multipart/Mixed; a=b; boundary=vayu-",
        ),
        (
            "multipart/form-data; boundary=XYZ",
            "multipart/form-data; boundary=XYZ",
        ),
    ] {
        let headers = json!({"content-TYPE": own});
        let request =
            json!({"method": "POST", "url": server.url("/"), "headers": headers, "body": form});
        assert_eq!(engine.post("/request", &request).status, 200);
        assert!(check(own).starts_with(expected), "{own}");
        let _ = loaded(&engine, &server, &request, &json!({}));
        assert!(check("load").starts_with(expected), "{own}");
        let send = format!(
            "pm.sendRequest({{url: '{}', method: 'POST', header: {{'Content-Type': '{own}'}}, body: {form}}}, () => {{}});",
            server.url("/sent")
        );
        let script = json!({"method": "GET", "url": server.url("/"), "postRequestScript": send});
        assert_eq!(engine.post("/request", &script).status, 200);
        assert!(check("pm.sendRequest").starts_with(expected), "{own}");
    }
}
