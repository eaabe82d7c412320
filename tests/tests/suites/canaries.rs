//! A private key in every string of every body, one at a time: whether or not the engine accepts the body,
//! the key is found nowhere afterwards, neither in stored data nor in output.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use vayu_tests::{Engine, Scripted, files_below, get_text, merged, response};

/// The content of the key; a number follows.
const CANARY: &str = "MIICanary";

/// Returns a key, on a single line for places that only accept one.
fn key(number: usize, is_long: bool) -> String {
    let end = if is_long { "\n" } else { " " };
    format!("-----BEGIN PRIVATE KEY-----{end}{CANARY}{number}{end}-----END PRIVATE KEY-----")
}

/// Returns bodies with a string in every place that accepts one, and their routes.
fn bodies(url: &str) -> Vec<(&'static str, Value)> {
    let scripts = json!({"preRequestScript": "console.log('a')", "postRequestScript": "pm.test('b', () => {})"});
    let request = merged(
        json!({
            "method": "POST", "url": url, "headers": {"A": "b", "C": ["d", "e"]},
            "body": {"mode": "urlencoded", "urlencoded": [{"key": "f", "value": "g"}]},
            "auth": {"type": "basic", "username": "h", "password": "i"}
        }),
        &scripts,
    );
    let variables = json!({"j": "k", "l": {"value": "m", "enabled": true, "secret": true}});
    let single = json!({"variables": variables, "environmentId": "e", "requestId": "r", "timeout": "5s",
        "connection": {"tls": {"serverName": "n", "alpn": ["http/1.1"]}, "resolve": {"o:1": "127.0.0.1"}}});
    let load = json!({"request": request, "mode": "iterations", "iterations": 1, "concurrency": 1,
        "comment": "p", "success_sample_rate": 100});
    let load = merged(load, &single);
    vec![
        ("/request", merged(request.clone(), &single)),
        (
            "/request",
            json!({"method": "POST", "url": url, "body": "q", "auth": {"type": "apikey", "in": "query", "key": "r", "value": "s"}}),
        ),
        (
            "/request",
            json!({"method": "POST", "url": url, "body": {"mode": "json", "json": {"t": ["u", {"v": "w"}]}}}),
        ),
        (
            "/request",
            json!({"method": "POST", "url": url, "body": {"mode": "graphql", "graphql": {"query": "x", "variables": {"y": "z"}}}}),
        ),
        ("/run", load),
        (
            "/collections",
            json!({"id": "c", "name": "a", "description": "b", "variables": variables}),
        ),
        (
            "/requests",
            merged(
                merged(
                    json!({"id": "r", "collectionId": "c", "name": "a", "description": "b"}),
                    &request,
                ),
                &scripts,
            ),
        ),
        (
            "/environments",
            json!({"id": "e", "name": "a", "variables": variables}),
        ),
        ("/globals", json!({"variables": variables})),
        ("/config", json!({"maxConnections": "100"})),
    ]
}

/// Collects the positions of all strings in a body, as JSON pointers.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                texts(entry, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                texts(field, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Returns the files below a folder that contain the canary, and which canaries.
fn leaks(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in files_below(folder) {
        let bytes = std::fs::read(&path).expect("readable");
        let text = String::from_utf8_lossy(&bytes);
        let starts = text.match_indices(CANARY).map(|(at, _)| at + CANARY.len());
        found.extend(starts.map(|at| {
            let number: String = text[at..]
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            format!("{}: {number}", path.display())
        }));
    }
    found
}

/// Returns the status of the response to a body. A run that it starts has then ended.
fn status(engine: &Engine, path: &str, body: &Value) -> u16 {
    if path != "/run" {
        return engine.post(path, body).status;
    }
    match engine.try_run(body) {
        Ok(run) => {
            let _ = run.events();
            202
        }
        Err(answer) => answer.status,
    }
}

#[test]
fn a_key_in_any_text_of_any_body_is_stored_and_shown_nowhere() {
    let engine = Engine::with(&["--cpus", "0", "-v"]);
    // It echoes what it receives.
    let server = Scripted::start(|asked| {
        let seen = format!("X-Seen: {}", asked.line);
        response("200 OK", &[&seen], &asked.body)
    });
    let (mut planted, mut taken) = (Vec::new(), 0);
    for (path, body) in bodies(&server.url("/")) {
        let mut places = Vec::new();
        texts(&body, "", &mut places);
        for place in places {
            for is_long in [true, false] {
                let mut body = body.clone();
                *body.pointer_mut(&place).expect("it is there") =
                    key(planted.len(), is_long).into();
                let status = status(&engine, path, &body);
                taken += usize::from(status < 300);
                planted.push(format!("{path} {place}: {status}"));
            }
        }
    }
    assert!(
        planted.len() > 120 && taken > 60,
        "{taken} of {}",
        planted.len()
    );
    for path in [
        "/runs",
        "/collections",
        "/requests?collectionId=c",
        "/environments",
        "/globals",
        "/cookies",
        "/metrics",
    ] {
        let text = get_text(&engine.url(path));
        let around = text
            .find(CANARY)
            .map(|at| &text[at.saturating_sub(200)..at + 20]);
        assert_eq!(around, None, "{path}");
    }
    engine.signal("TERM");
    let (_, directory) = engine.wait(Duration::from_secs(20));
    let leaks = leaks(directory.path());
    assert!(leaks.is_empty(), "{leaks:#?} of {planted:#?}");
}
