//! Requests are sent as specified: all kinds of methods, URLs as typed, and user and password in a URL. In
//! design mode, under load and from the command line.

use std::process::{Command, Output};

use serde_json::{Value, json};
use vayu_tests::{Engine, Scripted, binary, made, refused, response};

fn server() -> Scripted {
    Scripted::start(|_| response("200 OK", &[], b"ok"))
}

/// Returns method and target of every request so far.
fn lines(server: &Scripted) -> Vec<String> {
    let lines = server.asked().into_iter().map(|asked| asked.line);
    lines.map(|line| line.replace(" HTTP/1.1", "")).collect()
}

fn one(request: &Value) -> Value {
    json!({"request": request, "mode": "iterations", "iterations": 1, "concurrency": 1})
}

fn cli(arguments: &[&str]) -> Output {
    Command::new(binary("vayu-cli"))
        .args(["run", "-n", "1", "--quiet", "--workers", "1"])
        .args(arguments)
        .output()
        .expect("it starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn methods_of_the_registry_need_no_permission_and_others_do() {
    let (engine, server) = (Engine::start(), server());
    // The method given, whether it is custom, and the method sent.
    let table = [
        ("PROPFIND", false, "PROPFIND"),
        ("version-control", false, "VERSION-CONTROL"),
        ("Query", false, "QUERY"),
        ("TRACE", false, "TRACE"),
        ("purge", false, "PURGE"),
        ("delete", true, "DELETE"),
        ("Frob", true, "Frob"),
        ("x!#$%&'*+-.^_`|~9", true, "x!#$%&'*+-.^_`|~9"),
    ];
    for (asked, is_custom, sent) in table {
        let mut request = json!({"method": asked, "url": server.url("/m"), "body": "<a/>"});
        if is_custom {
            request["customMethod"] = true.into();
        }
        let answer = made(&engine, &request);
        assert_eq!(answer["request"]["method"], sent);
        let report = engine.run(&one(&request)).finish();
        assert_eq!(report["summary"]["successfulRequests"], 1, "{asked}");
        let both = server.asked();
        let [design, load] = &both[both.len() - 2..] else {
            panic!("{both:?}");
        };
        for request in [design, load] {
            assert_eq!(request.line, format!("{sent} /m HTTP/1.1"));
            assert_eq!(request.text(), "<a/>", "{asked}");
        }
    }
    let before = server.asked().len();
    for (method, is_custom, part) in [
        ("FROB", false, "`customMethod`"),
        ("PRI", false, "`customMethod`"),
        ("A B", true, "not a token"),
        ("", true, "not a token"),
        (&"x".repeat(33), true, "not a token"),
    ] {
        let request = json!({"method": method, "customMethod": is_custom, "url": server.url("/")});
        for (path, body) in [("/request", request.clone()), ("/run", one(&request))] {
            let answer = engine.post(path, &body);
            refused(&answer, 400, "INVALID_METHOD", part);
            assert!(
                answer.message().contains(&format!("\"{method}\"")),
                "{answer:?}"
            );
        }
    }
    let wrong = json!({"method": "GET", "customMethod": "yes", "url": server.url("/")});
    refused(
        &engine.post("/request", &wrong),
        400,
        "INVALID_REQUEST",
        "`customMethod`",
    );
    assert_eq!(server.asked().len(), before, "nothing of that was sent");
}

#[test]
fn any_method_can_be_saved() {
    let engine = Engine::start();
    let _ = engine.post("/collections", &json!({"id": "c", "name": "c"}));
    let save = |method: &str, is_custom: bool| {
        let body = json!({"id": "r", "collectionId": "c", "name": "r", "url": "http://a/",
                          "method": method, "customMethod": is_custom});
        engine.post("/requests", &body)
    };
    for (method, is_custom, stored) in [("report", false, "REPORT"), ("Frob", true, "Frob")] {
        let answer = save(method, is_custom);
        assert_eq!(
            (answer.status, &answer.body["method"]),
            (200, &json!(stored))
        );
    }
    refused(&save("Frob", false), 400, "INVALID_METHOD", "Frob");
}

#[test]
fn scripts_may_use_any_method() {
    let (engine, server) = (Engine::start(), server());
    let script = format!(
        "pm.request.method = 'FROB'; pm.sendRequest({{url: '{}', method: 'PURGE'}}, () => {{}})",
        server.url("/sent")
    );
    let request = json!({"method": "GET", "url": server.url("/m"), "preRequestScript": script});
    let _ = made(&engine, &request);
    assert_eq!(lines(&server), ["PURGE /sent", "FROB /m"]);
    let request = json!({"method": "GET", "url": server.url("/load"),
                         "preRequestScript": "pm.request.method = 'FROB'"});
    let _ = engine.run(&one(&request)).finish();
    assert_eq!(
        lines(&server).last().map(String::as_str),
        Some("FROB /load")
    );
}

const DOTS: &str = "/a/../b/./c/%2e%2e/d?q=../'\"";

#[test]
fn paths_are_sent_as_typed_or_a_warning_says_how() {
    let (engine, server) = (Engine::start(), server());
    for (as_is, sent, warned) in [(true, DOTS, false), (false, "/b/d?q=../%27%22", true)] {
        let request = json!({"method": "GET", "url": server.url(DOTS), "pathAsIs": as_is});
        let answer = made(&engine, &request);
        assert_eq!(answer["request"]["url"], server.url(sent));
        let started = engine.post("/run", &one(&request)).body;
        for warnings in [&answer["warnings"], &started["warnings"]] {
            let text = warnings.to_string();
            assert_eq!(text.contains("pathAsIs"), warned, "{text}");
            assert_eq!(text.contains("/b/d"), warned, "{text}");
        }
        let id = started["runId"].as_str().expect("an id");
        let ended = vayu_tests::stream(&engine.url(&format!("/stats/{id}")), None);
        assert!(ended.iter().any(|event| event.name == "complete"));
        let sent = format!("GET {sent}");
        assert_eq!(
            lines(&server)[lines(&server).len() - 2..],
            [sent.clone(), sent]
        );
    }
    let request = json!({"method": "GET", "url": server.url("/a b/ü"), "pathAsIs": false});
    assert_eq!(
        made(&engine, &request)["warnings"],
        Value::Null,
        "encoding changes nothing"
    );
}

#[test]
fn what_goes_with_a_path_goes_with_it_as_typed() {
    let (engine, server) = (Engine::start(), server());
    let key = json!({"type": "api-key", "key": "k", "value": "a b", "in": "query"});
    let cases = [
        (json!({"auth": key}), "/x/../y?q=1", "GET /x/../y?q=1&k=a+b"),
        (
            json!({"variables": {"v": ".."}}),
            "/x/{{v}}/y",
            "GET /x/../y",
        ),
        (
            json!({"preRequestScript": "pm.request.headers.add({key: 'X', value: '1'})"}),
            "/x/./y",
            "GET /x/./y",
        ),
    ];
    for (more, path, sent) in cases {
        let mut request = json!({"method": "GET", "url": server.url(path), "pathAsIs": true});
        let mut run = one(&Value::Null);
        for (name, value) in more.as_object().expect("fields") {
            request[name] = value.clone();
            run[name] = value.clone();
        }
        let _ = made(&engine, &request);
        run["request"] = request;
        let _ = engine.run(&run).finish();
        let all = lines(&server);
        assert_eq!(all[all.len() - 2..], [sent, sent], "{more}");
    }
    for path in ["/a b", "/a\tb"] {
        let request = json!({"method": "GET", "url": server.url(path), "pathAsIs": true});
        refused(
            &engine.post("/request", &request),
            400,
            "INVALID_URL",
            "`pathAsIs`",
        );
        refused(
            &engine.post("/run", &one(&request)),
            400,
            "INVALID_URL",
            "`pathAsIs`",
        );
    }
}

#[test]
fn user_and_password_in_a_url_become_basic_authentication() {
    let (engine, server) = (Engine::start(), server());
    let url = server
        .url("/in")
        .replace("http://", "http://ada:p%40ss%3a@");
    let given = json!({"type": "bearer", "token": "mine"});
    for (more, authorization) in [
        (json!({}), "Basic YWRhOnBAc3M6"),
        (json!({"auth": {"type": "none"}}), "Basic YWRhOnBAc3M6"),
        (json!({"auth": given}), "Bearer mine"),
        (json!({"headers": {"authorization": "own"}}), "own"),
        (json!({"postRequestScript": "1"}), "Basic YWRhOnBAc3M6"),
    ] {
        let mut request = json!({"method": "GET", "url": url});
        for (name, value) in more.as_object().expect("fields") {
            request[name] = value.clone();
        }
        let answer = made(&engine, &request);
        assert_eq!(answer["request"]["url"], server.url("/in"));
        let run = engine.run(&one(&request));
        let report = run.finish();
        let asked = server.asked();
        for asked in &asked[asked.len() - 2..] {
            assert_eq!(asked.header("authorization"), authorization, "{more}");
            assert_eq!(asked.header("host"), server.address().to_string());
        }
        for shown in [&report, &engine.get("/runs").body, &run.show()] {
            let text = shown.to_string();
            assert!(!text.contains("ss%3a") && !text.contains("ada:"), "{text}");
        }
    }
    let request = json!({"method": "GET", "url": "{{base}}/in",
                         "variables": {"base": url.trim_end_matches("/in")}});
    let answer = made(&engine, &request);
    assert_eq!(answer["request"]["url"], server.url("/in"));
    let asked = server.asked();
    let last = asked.last().expect("it was sent");
    assert_eq!(last.header("authorization"), "Basic YWRhOnBAc3M6");
}

#[test]
fn the_command_line_sends_what_is_typed() {
    let server = server();
    let bare = server.address().to_string();
    let with_user = format!("ada:secret@{bare}/in");
    let dots = server.url(DOTS);
    for (arguments, sent, said) in [
        (vec!["-X", "PURGE", &bare], "PURGE /", ""),
        (vec!["-X", "Frob", &bare], "Frob /", ""),
        (vec!["--path-as-is", &dots], &format!("GET {DOTS}"), ""),
        (vec![&dots], "GET /b/d?q=../%27%22", "--path-as-is"),
        (vec![&with_user], "GET /in", ""),
    ] {
        let output = cli(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        let all = lines(&server);
        assert_eq!(all.last().map(String::as_str), Some(sent), "{arguments:?}");
        assert!(stderr(&output).contains(said), "{arguments:?}: {output:?}");
        assert_eq!(said.is_empty(), !stderr(&output).contains("path of"));
        let page = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!page.contains("secret") && !stderr(&output).contains("secret"));
    }
    let asked = server.asked();
    let last = asked.last().expect("it was sent");
    assert_eq!(last.header("authorization"), "Basic YWRhOnNlY3JldA==");
    let refused = cli(&["-X", "A B", &bare]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(stderr(&refused).contains("request.method"), "{refused:?}");
}
