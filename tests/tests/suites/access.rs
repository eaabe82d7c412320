//! Access control: tokens from a file, browser sessions, guessed tokens, and TLS on the engine's own address.
//! `access_scan` covers every route with every kind of client.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use vayu_tests::{Answer, Certs, Engine, Origin, binary, raw};

const TOKENS: &str = "# name scope token\nviewer read t-read\nci run t-run\nlab admin t-admin\n";

fn closed() -> (Engine, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tokens");
    std::fs::write(&file, TOKENS).expect("writable");
    let path = file.to_str().expect("UTF-8");
    (Engine::with(&["--cpus", "0", "--token-file", path]), folder)
}

fn path(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

fn ask(engine: &Engine, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    raw(method, &engine.url(path), headers, "")
}

fn with_token(engine: &Engine, method: &str, path: &str, token: &str) -> Answer {
    let value = format!("Bearer {token}");
    ask(engine, method, path, &[("authorization", &value)])
}

#[test]
fn tokens_are_read_anew_and_told_by_name_in_the_log() {
    let (engine, tokens) = closed();
    assert_eq!(with_token(&engine, "POST", "/config", "t-run").status, 403);
    std::fs::write(tokens.path().join("tokens"), "next admin t-next\n").expect("writable");
    engine.signal("HUP");
    let begun = std::time::Instant::now();
    while with_token(&engine, "GET", "/health", "t-next").status != 200 {
        assert!(begun.elapsed().as_secs() < 20, "the token is not accepted");
        std::thread::sleep(std::time::Duration::from_millis(700));
    }
    let log = engine.data_dir().join("logs/engine.log");
    let log = std::fs::read_to_string(log).expect("a log");
    assert!(
        log.contains("client=\"ci\"") && log.contains("the token has scope run"),
        "{log}"
    );
    assert!(!log.contains("t-next") && !log.contains("t-run"), "{log}");
}

#[test]
fn a_browser_gets_a_session_for_its_token() {
    let (engine, _tokens) = closed();
    let host = engine.address().to_owned();
    let port = host.rsplit(':').next().expect("a port");
    let page = ask(&engine, "GET", "/docs/", &[("accept", "text/html")]);
    assert_eq!(page.status, 401);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let begun = with_token(&engine, "POST", "/session", "t-read");
    assert_eq!(
        (begun.status, &begun.body["name"], &begun.body["scope"]),
        (200, &json!("viewer"), &json!("read"))
    );
    let set = begun.header("set-cookie").expect("a cookie").to_owned();
    let name = format!("vayu_session_{port}=");
    assert!(
        set.starts_with(&name) && set.contains("HttpOnly") && set.contains("SameSite=Strict"),
        "{set}"
    );
    let cookie = set.split(';').next().expect("a value");
    let own = format!("http://{host}");
    for (headers, status) in [
        (vec![("cookie", cookie)], 200),
        (vec![("cookie", cookie), ("origin", own.as_str())], 200),
        (
            vec![("cookie", cookie), ("origin", "http://localhost:5173")],
            401,
        ),
        (
            vec![("cookie", cookie), ("sec-fetch-site", "same-site")],
            401,
        ),
        (vec![("cookie", "vayu_session_1=x")], 401),
    ] {
        assert_eq!(
            ask(&engine, "GET", "/runs", &headers).status,
            status,
            "{headers:?}"
        );
    }
    assert_eq!(
        ask(&engine, "POST", "/shutdown", &[("cookie", cookie)]).status,
        403
    );
    assert_eq!(
        ask(&engine, "DELETE", "/session", &[("cookie", cookie)]).status,
        204
    );
    assert_eq!(
        ask(&engine, "GET", "/runs", &[("cookie", cookie)]).status,
        401
    );
    // The form of the login page.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let wrong = raw(
        "POST",
        &engine.url("/session"),
        &form,
        "token=x&next=%2Fdocs%2F",
    );
    assert_eq!((wrong.status, wrong.header("set-cookie")), (401, None));
}

#[test]
fn guesses_are_slowed_down() {
    let (engine, _tokens) = closed();
    let answers =
        (0..30).map(|number| with_token(&engine, "GET", "/health", &format!("guess{number}")));
    let refused = answers.filter(|answer| answer.status == 429).count();
    assert!(
        refused >= 10,
        "only {refused} of 30 guesses were not looked at"
    );
    let answer = with_token(&engine, "GET", "/health", "t-read");
    assert_eq!((answer.status, answer.code()), (429, "TOO_MANY_ATTEMPTS"));
    let wait: u64 = answer
        .header("retry-after")
        .and_then(|wait| wait.parse().ok())
        .expect("a number");
    assert!((1..=7).contains(&wait), "{wait}");
    let log = engine.data_dir().join("logs/engine.log");
    let log = std::fs::read_to_string(log).expect("a log");
    let count = |words: &str| log.matches(words).count();
    let (refused, unseen) = (
        count("a token was refused"),
        count("tokens from this address are rejected"),
    );
    assert!(refused >= 10 && unseen >= 1 && unseen <= refused, "{log}");
}

#[test]
fn the_address_may_speak_tls() {
    let certs = Certs::make();
    let (chain, key) = (
        path(&certs.good.certificate.path),
        path(&certs.good.key.path),
    );
    let engine = Engine::with(&["--cpus", "0", "--tls-cert", &chain, "--tls-key", &key]);
    let client = Engine::start();
    let ask = |scheme: &str| {
        let url = format!("{scheme}://{}/health", engine.address());
        client.post(
            "/request",
            &json!({"method": "GET", "url": url, "connection": {"verifySsl": false}}),
        )
    };
    let answer = ask("https");
    assert_eq!(
        (&answer.body["status"], &answer.body["body"]["status"]),
        (&json!(200), &json!("ok")),
        "{answer:?}"
    );
    assert_eq!(answer.body["tls"]["version"], "TLSv1_3", "{answer:?}");
    assert_eq!(ask("http").status, 502, "what is no TLS is not answered");

    let origin = Origin::start();
    let run = |more: &[&str]| {
        let output = Command::new(binary("vayu-cli"))
            .args(["run", &origin.url("/"), "--iterations", "5", "--engine"])
            .arg(format!("https://{}", engine.address()))
            .args(more)
            .output()
            .expect("it starts");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), stderr)
    };
    let authority = path(&certs.ca.path);
    let (done, stderr) = run(&["--engine-ca", &authority]);
    assert!(done, "{stderr}");
    let (done, stderr) = run(&[]);
    assert!(!done && stderr.contains("certificate"), "{stderr}");
    let (done, stderr) = run(&["--engine-ca", "/nowhere"]);
    assert!(
        !done && stderr.contains("cannot read --engine-ca /nowhere"),
        "{stderr}"
    );
}

#[test]
fn certificates_that_cannot_be_used_are_told_at_the_start() {
    let certs = Certs::make();
    let (chain, other) = (
        path(&certs.good.certificate.path),
        path(&certs.client.key.path),
    );
    for (options, said) in [
        (vec!["--tls-cert", chain.as_str()], "--tls-key"),
        (
            vec!["--tls-cert", &chain, "--tls-key", &other],
            "cannot be used with the key",
        ),
        (
            vec!["--tls-cert", &chain, "--tls-key", &chain],
            "cannot read --tls-key",
        ),
        (
            vec!["--token-file", "/nowhere"],
            "cannot read the token file /nowhere",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let output = Command::new(binary("vayu-engine"))
            .args(["--port", "0", "--data-dir"])
            .arg(folder.path())
            .args(&options)
            .output()
            .expect("it starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && stderr.contains(said),
            "{options:?}: {stderr}"
        );
    }
}
