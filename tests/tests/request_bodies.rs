//! Bodies as the target receives them, in design mode and under load.

use serde_json::{Value, json};
use vayu_tests::{Engine, Scripted, raw, response};

/// A server that sends bodies back as the JSON they are.
fn mirror() -> Scripted {
    Scripted::start(|asked| response("200 OK", &["Content-Type: application/json"], &asked.body))
}

/// Sends text that is not written anew on its way.
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
    // A script that changes one variable leaves the digits of the others alone.
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
