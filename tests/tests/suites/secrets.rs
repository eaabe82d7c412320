//! Secrets planted in a body: where they may be found afterwards, and where they must not be.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vayu_tests::{Engine, Scripted, files_below, get_text, response};

/// Prefix of a secret; each secret has its own number after it.
const CANARY: &str = "canary-3b1f";

/// A body with a canary in every place that holds a secret, and a private key in places where none belongs.
fn planted(url: &str) -> Value {
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{CANARY}-key\n-----END PRIVATE KEY-----\n");
    json!({
        "method": "POST", "url": url,
        "headers": {"Authorization": format!("Bearer {CANARY}-1"), "Cookie": format!("a={CANARY}-2"),
            "X-Api-Key": format!("{CANARY}-3"), "X-Key": pem.replace('\n', "")},
        "body": {"mode": "json", "content": {"note": pem}},
        "auth": {"type": "basic", "username": "u", "password": format!("{CANARY}-4")},
    })
}

fn server() -> Scripted {
    Scripted::start(|_| {
        let cookie = format!("Set-Cookie: session={CANARY}-5");
        response("200 OK", &[&cookie], b"{}")
    })
}

/// Sends a design request and starts a run with them, and with a variable marked as secret.
fn plant(engine: &Engine, server: &Scripted) -> Vec<String> {
    let mut design = planted(&server.url("/"));
    design["variables"] = json!({"v": {"value": format!("{CANARY}-6"), "secret": true}});
    let made = engine.post("/request", &design);
    assert_eq!(made.status, 200, "{made:?}");
    let run = engine.run(&json!({
        "request": planted(&server.url("/")), "mode": "iterations", "iterations": 5, "concurrency": 1,
        "success_sample_rate": 100,
        "variables": {"v": {"value": format!("{CANARY}-6"), "secret": true}}
    }));
    assert_eq!(run.finish()["statusCodes"], json!({"200": 5}));
    let design = made.body["runId"].as_str().expect("an id").to_owned();
    vec![design, run.id]
}

/// Returns the files below a folder that contain the text.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("readable");
        let mut parts = bytes.windows(text.len());
        parts.any(|part| part == text.as_bytes())
    };
    let found = files_below(folder).into_iter().filter(holds);
    found.map(|path| path.display().to_string()).collect()
}

#[test]
fn secrets_are_in_no_log_list_metric_or_report() {
    let (engine, server) = (Engine::with(&["--cpus", "0", "-v"]), server());
    let runs = plant(&engine, &server);
    let mut paths = vec![
        "/runs".to_owned(),
        "/runs?limit=10".to_owned(),
        "/metrics".to_owned(),
    ];
    for id in &runs {
        paths.push(format!("/run/{id}/report"));
        paths.push(format!("/stats/{id}?format=json"));
    }
    for path in paths {
        let text = get_text(&engine.url(&path));
        assert!(!text.contains(CANARY), "{path}: {text}");
    }
    // The run's own response contains what is needed to repeat it.
    let whole = get_text(&engine.url(&format!("/run/{}", runs[1])));
    assert!(whole.contains(&format!("{CANARY}-4")), "{whole}");
    assert!(!whole.contains(&format!("{CANARY}-key")), "{whole}");
    let logs = holding(&engine.data_dir().join("logs"), CANARY);
    assert_eq!(logs, Vec::<String>::new());
    engine.signal("TERM");
    let (_, directory) = engine.wait(Duration::from_secs(20));
    let key = format!("{CANARY}-key");
    assert_eq!(holding(directory.path(), &key), Vec::<String>::new());
}

#[test]
fn private_keys_are_not_saved() {
    let engine = Engine::start();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{CANARY}-key\n-----END PRIVATE KEY-----\n");
    let encoded = STANDARD.encode(&pem);
    let collection = engine.post(
        "/collections",
        &json!({"id": "c", "name": "c", "variables": {"a": encoded}}),
    );
    let environment = engine.post(
        "/environments",
        &json!({"id": "e", "name": "e", "variables": {"a": {"value": pem, "enabled": true}, "b": "kept"}}),
    );
    let globals = engine.post("/globals", &json!({"variables": {"a": {"value": encoded}}}));
    let request = engine.post(
        "/requests",
        &json!({"id": "r", "collectionId": "c", "name": "r", "method": "GET", "url": "http://127.0.0.1/",
            "headers": {"X": encoded}, "preRequestScript": format!("const key = `{pem}`")}),
    );
    for answer in [&globals, &request, &environment, &collection] {
        let text = answer.body.to_string();
        assert_eq!(answer.status, 200, "{text}");
        assert!(text.contains("(not stored)"), "{text}");
    }
    assert_eq!(environment.body["variables"]["b"], "kept");
    // Saved by a script.
    let server = server();
    let made = engine.post(
        "/request",
        &json!({"method": "GET", "url": server.url("/"), "environmentId": "e",
            "variables": {"given": pem},
            "preRequestScript": "pm.environment.set('made', pm.variables.get('given')); pm.globals.set('made', 'x')"}),
    );
    assert_eq!(made.status, 200, "{made:?}");
    let script =
        format!("pm.test(`{pem}`, () => {{ throw new Error(`{pem}`) }}); throw new Error(`{pem}`)");
    let run = engine.run(
        &json!({"request": {"method": "GET", "url": server.url("/"), "postRequestScript": script},
        "mode": "iterations", "iterations": 3, "concurrency": 1}),
    );
    let _ = run.finish();
    let sets = format!("Set-Cookie: key={}", pem.replace('\n', ""));
    let setting = Scripted::start(move |_| response("200 OK", &[&sets], b"{}"));
    let made = engine.post(
        "/request",
        &json!({"method": "GET", "url": setting.url("/")}),
    );
    assert_eq!(made.status, 200, "{made:?}");
    let changed = engine.get("/environments/e").body;
    assert_eq!(changed["variables"]["made"], "(not stored)", "{changed}");
    engine.signal("TERM");
    let (_, directory) = engine.wait(Duration::from_secs(20));
    for secret in [&format!("{CANARY}-key"), &encoded[..64]] {
        let files = holding(directory.path(), secret);
        assert_eq!(files, Vec::<String>::new(), "{secret}");
    }
}

#[test]
fn with_redaction_they_are_not_stored_with_runs() {
    let (engine, server) = (Engine::with(&["--cpus", "0", "--redact-secrets"]), server());
    let runs = plant(&engine, &server);
    // A secret sent under a custom header name, and a script that prints it.
    let made = engine.post(
        "/request",
        &json!({
            "method": "GET", "url": server.url("/"),
            "auth": {"type": "apikey", "key": "X-Mine", "value": format!("{CANARY}-7")},
            "postRequestScript": "console.log(pm.request.headers.get('X-Mine'))"
        }),
    );
    assert!(
        made.body["consoleLogs"]
            .to_string()
            .contains(&format!("{CANARY}-7")),
        "{made:?}"
    );
    for id in &runs {
        for path in [format!("/run/{id}"), format!("/run/{id}/results")] {
            let text = get_text(&engine.url(&path));
            assert!(
                !text.contains(CANARY) && text.contains("(redacted)"),
                "{path}: {text}"
            );
        }
    }
    // Cookies of design requests are kept for later requests.
    assert_eq!(engine.delete("/cookies").status, 200);
    engine.signal("TERM");
    let (_, directory) = engine.wait(Duration::from_secs(20));
    let database = vayu_tests::Database::open(directory.path());
    for run in database.runs() {
        assert!(
            !run.config_snapshot.contains(CANARY),
            "{}",
            run.config_snapshot
        );
        let traces = database.results(&run.id);
        assert!(
            traces
                .iter()
                .all(|row| !row.trace.as_deref().unwrap_or_default().contains(CANARY))
        );
    }
}
