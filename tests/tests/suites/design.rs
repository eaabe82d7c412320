//! Design mode beyond single cases: what is stored, variables, cookies, templates under load, clients that
//! disconnect, and many requests at once next to load.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_tests::{
    Answer, Engine, Nginx, Origin, Scripted, assert_balanced, count, get_request as get, made,
    number, print_line, refused, response,
};

#[test]
fn the_example_of_the_reference_and_its_answer() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let body = json!({
        "method": "POST",
        "url": origin.url("/echo"),
        "headers": {"Content-Type": "application/json", "Authorization": "Bearer eyJhbGci..."},
        "body": {"name": "Jane Doe", "email": "jane@example.com"},
        "requestId": "req_123",
        "environmentId": "env_prod"
    });
    let answer = made(&engine, &body);
    assert_eq!(answer["status"], 200);
    assert_eq!(answer["statusText"], "OK");
    assert_eq!(answer["headers"]["content-type"], "application/json");
    assert_eq!(answer["body"], body["body"]);
    assert_eq!(answer["bodyRaw"], body["body"].to_string());
    let timing = &answer["timing"];
    let phases = [
        "dns_ms",
        "connect_ms",
        "tls_ms",
        "first_byte_ms",
        "download_ms",
    ];
    let sum: f64 = phases.iter().map(|phase| number(timing, phase)).sum();
    assert!((number(timing, "total_ms") - sum).abs() < 1e-6, "{timing}");
    assert!(
        phases.iter().all(|phase| number(timing, phase) >= 0.0),
        "{timing}"
    );

    let id = answer["runId"].as_str().expect("an id");
    let run = engine.get(&format!("/run/{id}")).body;
    for (field, value) in [
        ("type", json!("design")),
        ("status", json!("completed")),
        ("requestId", json!("req_123")),
        ("environmentId", json!("env_prod")),
        ("configSnapshot", json!(body.to_string())),
    ] {
        assert_eq!(run[field], value, "{field}");
    }
    let report = engine.get(&format!("/run/{id}/report")).body;
    assert_eq!(report["statusCodes"], json!({"200": 1}));
    assert_eq!(report["metadata"]["runType"], "design");
    assert_eq!(report["metadata"]["requestUrl"], origin.url("/echo"));
    assert_balanced(&report);
    let results = engine.get(&format!("/run/{id}/results")).body;
    let trace = &results["data"][0]["trace"];
    assert_eq!(trace["response"]["body"], answer["bodyRaw"]);
    assert_eq!(trace["request"]["body"], body["body"].to_string());
    let events = engine.get(&format!("/metrics/live/{id}"));
    assert_eq!(events.status, 200);
    assert_eq!(engine.get("/runs?type=design").body[0]["id"], id);
}

#[test]
fn failures_are_stored_and_mistakes_are_not() {
    let engine = Engine::start();
    refused(
        &engine.post("/request", &json!({"method": "GET"})),
        400,
        "INVALID_URL",
        "`url`",
    );
    assert_eq!(engine.get("/runs").body, json!([]));
    let failed = engine.post("/request", &get("http://127.0.0.1:1/"));
    refused(&failed, 502, "CONNECTION_FAILED", "127.0.0.1:1");
    let run = &engine.get("/runs").body[0];
    assert_eq!(
        (&run["status"], &run["type"]),
        (&json!("failed"), &json!("design"))
    );
    assert_eq!(run["reason"], failed.message());
    let id = run["id"].as_str().expect("an id");
    let report = engine.get(&format!("/run/{id}/report")).body;
    assert_eq!(report["errors"]["classes"], json!({"connect_refused": 1}));
    assert_eq!(count(&report, "summary/failedRequests"), 1);
}

#[test]
fn variables_come_from_the_environment_the_collection_and_the_globals() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let save = |path: &str, body: Value| assert_eq!(engine.post(path, &body).status, 200, "{body}");
    save(
        "/globals",
        json!({"variables": {"a": "global", "b": "global", "c": "global", "d": "global"}}),
    );
    save(
        "/collections",
        json!({"id": "col", "name": "c", "variables": {"a": "collection", "b": "collection", "c": "collection"}}),
    );
    save(
        "/requests",
        json!({"id": "req", "collectionId": "col", "name": "r", "method": "GET", "url": "u"}),
    );
    save(
        "/environments",
        json!({"id": "env", "name": "e", "variables": {"a": "environment", "b": {"value": "environment"}, "d": {"value": "x", "enabled": false}}}),
    );
    let mut body = json!({"method": "POST", "url": origin.url("/echo"), "body": "{{a}} {{b}} {{c}} {{d}}",
        "variables": {"a": "own"}, "requestId": "req", "environmentId": "env"});
    assert_eq!(
        made(&engine, &body)["bodyRaw"],
        "own environment collection global"
    );
    body["environmentId"] = json!("env_unknown");
    assert_eq!(
        made(&engine, &body)["bodyRaw"],
        "own collection collection global"
    );
}

#[test]
fn cookies_are_kept_per_environment_and_outlive_the_engine() {
    let (engine, nginx) = (Engine::start(), Nginx::start_client_site());
    let at = |path: &str, environment: &str| json!({"method": "GET", "url": nginx.url(path), "environmentId": environment});
    let _ = made(&engine, &at("/cookie", "lab"));
    let _ = made(&engine, &at("/foreign", "lab"));
    let seen = |body: &Value| {
        made(&engine, body)["bodyRaw"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(
        seen(&at("/echo", "lab")).contains("cookie=a=1 "),
        "a, and not b"
    );
    assert!(
        seen(&at("/echo/b", "lab")).contains("cookie=b=2; a=1 "),
        "longer paths first"
    );
    assert!(
        seen(&at("/echo", "other")).contains("cookie= "),
        "another environment"
    );
    let mut without = at("/echo", "lab");
    without["cookies"] = json!(false);
    assert!(seen(&without).contains("cookie= "));
    assert!(
        seen(&at("/cookie-then", "lab")).contains("c=3"),
        "kept on the way"
    );
    let _ = made(&engine, &at("/expire", "lab"));
    assert!(!seen(&at("/echo", "lab")).contains("a=1"), "it has expired");

    let engine = Engine::in_directory(engine.end(), &["--cpus", "0"]);
    let list = engine.get("/cookies?environmentId=lab").body;
    let names: Vec<&str> = list
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|cookie| cookie["name"].as_str())
        .collect();
    assert_eq!(names.len(), 2, "{list}");
    assert!(names.contains(&"b") && names.contains(&"c"), "{list}");
    let gone = engine.delete("/cookies?environmentId=lab&domain=127.0.0.1");
    assert_eq!(gone.body, json!({"deleted": 2}));
    assert_eq!(engine.get("/cookies?environmentId=lab").body, json!([]));
    assert_eq!(engine.get("/cookies").body, json!([]));
}

#[test]
fn the_users_cookies_and_those_kept_are_one_line() {
    let engine = Engine::start();
    let elsewhere = Scripted::start(|_| response("200 OK", &[], b"there"));
    let away = format!(
        "Location: {}",
        elsewhere.url("/").replace("127.0.0.1", "localhost")
    );
    let server = Scripted::start(move |asked| match asked.line.split(' ').nth(1) {
        Some("/set") => {
            let cookies = [
                "Set-Cookie: a=jar; Path=/",
                "Set-Cookie: b=2; Path=/; Secure",
            ];
            response("200 OK", &cookies, b"")
        }
        Some("/away") => response("302 Found", &[&away], b""),
        _ => response("200 OK", &[], b"here"),
    });
    let _ = made(
        &engine,
        &json!({"method": "GET", "url": server.url("/set")}),
    );
    for (own, expected) in [
        (json!({}), "a=jar; b=2"),
        (json!({"cOOKIE": "x=1"}), "x=1; a=jar; b=2"),
        (json!({"Cookie": "a=own; x=1"}), "a=own; x=1; b=2"),
        (json!({"Cookie": ["x=1", "b=own"]}), "x=1; b=own; a=jar"),
    ] {
        let request = json!({"method": "GET", "url": server.url("/"), "headers": own});
        let _ = made(&engine, &request);
        let asked = server.asked().pop().expect("a request");
        let lines = asked.headers.iter().filter(|(name, _)| name == "cookie");
        let lines: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
        assert_eq!(lines, [expected], "{own}");
    }
    let own = json!({"Cookie": "x=1"});
    let request = json!({"method": "GET", "url": server.url("/away"), "headers": own});
    assert_eq!(made(&engine, &request)["bodyRaw"], "there");
    let asked = elsewhere.asked().pop().expect("a request");
    assert_eq!(asked.header("cookie"), "", "another origin gets neither");
}

#[test]
fn cookies_go_with_their_environment() {
    let (engine, nginx) = (Engine::start(), Nginx::start_client_site());
    let lab = json!({"id": "lab", "name": "lab"});
    let _ = engine.post("/environments", &lab);
    let body = json!({"method": "GET", "url": nginx.url("/cookie"), "environmentId": "lab"});
    let _ = made(&engine, &body);
    assert_ne!(engine.get("/cookies?environmentId=lab").body, json!([]));
    assert_eq!(engine.delete("/environments/lab").status, 200);
    assert_eq!(engine.get("/cookies?environmentId=lab").body, json!([]));

    let engine = Engine::in_directory(engine.end(), &["--cpus", "0"]);
    let _ = engine.post("/environments", &lab);
    assert_eq!(engine.get("/cookies?environmentId=lab").body, json!([]));
}

#[test]
fn a_request_whose_client_goes_away_is_given_up() {
    use std::io::Write;
    let (engine, origin) = (Engine::start(), Origin::start());
    // It prints its address shortly before it has opened all its descriptors.
    std::thread::sleep(Duration::from_millis(300));
    let before = vayu_tests::descriptors(engine.pid());
    let body = json!({"method": "GET", "url": origin.url("/never"), "timeout": "60s"}).to_string();
    for _ in 0..10 {
        let mut socket = std::net::TcpStream::connect(engine.address()).expect("it listens");
        let head = format!(
            "POST /request HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).expect("it reads");
        socket.write_all(body.as_bytes()).expect("it reads");
        std::thread::sleep(Duration::from_millis(50));
    }
    let after = vayu_tests::settled_descriptors(engine.pid(), before);
    assert!(after <= before, "{before} descriptors, then {after}");
}

#[test]
fn two_hundred_at_once_beside_load_are_all_answered() {
    let (engine, origin) = (Engine::start(), Origin::start());
    for load in [json!({"targetRps": 2_000}), json!({"concurrency": 16})] {
        let mut body = load.clone();
        body["request"] = get(&origin.url("/"));
        body["mode"] = json!("constant");
        body["duration"] = json!("4s");
        body["success_sample_rate"] = json!(0);
        let run = engine.run(&body);
        std::thread::sleep(Duration::from_millis(500));
        let begun = Instant::now();
        make_at_once(&engine, 200, &get(&origin.url("/delay/1000")));
        let took = begun.elapsed();
        let report = run.finish();
        assert_balanced(&report);
        let answered = count(&report, "accounting/answered");
        assert_eq!(report["statusCodes"], json!({"200": answered}), "{load}");
        if load.get("targetRps").is_some() {
            assert_eq!(count(&report, "accounting/offered"), 8_000);
        }
        print_line(&format!(
            "200 design requests in {took:.0?} beside {load}; schedule lag p99 {:.3} ms",
            number(&report, "scheduleLag/p99")
        ));
    }
}

/// Sends `count` requests at the same time. All must be answered.
fn make_at_once(engine: &Engine, count: usize, body: &Value) {
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let ask = || engine.post("/request", body);
        let asking: Vec<_> = (0..count).map(|_| scope.spawn(ask)).collect();
        let ended = asking.into_iter();
        ended.map(|one| one.join().expect("it ends")).collect()
    });
    let failed = answers
        .iter()
        .find(|answer| answer.status != 200 || answer.body["status"] != 200);
    assert!(failed.is_none(), "{failed:?}");
}

#[test]
fn templates_are_another_request_every_time() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let environment =
        json!({"id": "env", "name": "e", "variables": {"route": "echo", "who": "Ada"}});
    assert_eq!(engine.post("/environments", &environment).status, 200);
    let run = engine.run(&json!({
        "request": {
            "method": "POST", "url": format!("{}/{{{{route}}}}?id={{{{$guid}}}}", origin.url("")),
            "body": {"id": "{{$guid}}", "who": "{{who}}", "at": "{{$timestamp}}"},
            "auth": {"type": "bearer", "token": "{{who}}"}
        },
        "mode": "iterations", "iterations": 50, "concurrency": 4, "environmentId": "env"
    }));
    let report = run.finish();
    assert_eq!(report["statusCodes"], json!({"200": 50}));
    let results = engine.get(&format!("/run/{}/results", run.id)).body;
    let bodies: std::collections::BTreeSet<String> = results["data"]
        .as_array()
        .expect("results")
        .iter()
        .filter_map(|result| {
            result["trace"]["response"]["body"]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(bodies.len(), 50, "no two alike");
    let first: Value = serde_json::from_str(bodies.first().expect("some")).expect("JSON");
    assert_eq!(first["who"], "Ada");
    assert_eq!(first["id"].as_str().map(str::len), Some(36), "{first}");
    let signed = json!({"type": "aws", "accessKey": "a", "secretKey": "s", "service": "sqs"});
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/headers"), "auth": signed},
        "mode": "iterations", "iterations": 2, "concurrency": 1
    }));
    let _ = run.finish();
    let results = engine
        .get(&format!("/run/{}/results", run.id))
        .body
        .to_string();
    assert!(results.contains("AWS4-HMAC-SHA256"), "{results}");
    let run = engine.run(&json!({
        "request": {"method": "POST", "url": origin.url("/echo"), "body": {"t": "{{$randomLoremLines}}"},
                    "auth": {"type": "api-key", "key": "k", "value": "{{$guid}}", "in": "query"}},
        "mode": "iterations", "iterations": 20, "concurrency": 2
    }));
    let _ = run.finish();
    let results = engine.get(&format!("/run/{}/results", run.id)).body;
    for result in results["data"].as_array().expect("results") {
        let response = &result["trace"]["response"];
        let body = response["body"].as_str().unwrap_or_default();
        assert!(
            serde_json::from_str::<Value>(body).is_ok(),
            "no JSON: {body}"
        );
        let path = response["headers"]["x-path"].as_str().unwrap_or_default();
        assert!(!path.contains("guid") && path.len() > 30, "{path}");
    }
}
