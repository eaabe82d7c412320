//! Where the engine sends no requests: to itself, and to targets that the rules of its operator forbid,
//! whichever way a request gets there.

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin, Scripted, count, response};

/// A server that redirects to the URL in the rest of the path.
fn redirecting() -> Scripted {
    Scripted::start(|asked| {
        let target = asked.line.split(' ').nth(1).unwrap_or_default();
        let to = target.trim_start_matches("/to/");
        response("307 Temporary Redirect", &[&format!("Location: {to}")], b"")
    })
}

fn design(engine: &Engine, method: &str, url: &str) -> (u16, String) {
    let answer = engine.post("/request", &json!({"method": method, "url": url}));
    let told = match answer.status {
        200 => answer.body["status"].to_string(),
        _ => answer.message().to_owned(),
    };
    (answer.status, told)
}

fn port(engine: &Engine) -> String {
    let (_, port) = engine.address().rsplit_once(':').expect("a port");
    port.to_owned()
}

#[test]
fn no_request_reaches_the_engine_that_sends_it() {
    let (engine, server) = (Engine::start(), redirecting());
    let made = engine.post("/collections", &json!({"id": "c", "name": "kept"}));
    assert_eq!(made.status, 200, "{made:?}");
    let port = port(&engine);
    for host in [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "2130706433",
    ] {
        let own = format!("http://{host}:{port}");
        for (method, url) in [
            ("GET", format!("{own}/health")),
            ("DELETE", server.url(&format!("/to/{own}/collections/c"))),
            ("POST", server.url(&format!("/to/{own}/shutdown"))),
        ] {
            let (status, told) = design(&engine, method, &url);
            // Either the request itself is invalid, or the redirect of the target is.
            let expected = if url.starts_with(&own) { 400 } else { 502 };
            assert!(
                status == expected
                    && told.contains("the address of this engine")
                    && told.contains("--allow-self"),
                "{method} {url}: {status} {told}"
            );
        }
    }
    let kept = engine.get("/collections").body;
    assert_eq!(kept[0]["id"], "c", "{kept}");
}

#[test]
fn scripts_tokens_and_load_do_not_reach_it_either() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let own = engine.url("/health");
    let script = format!(
        "pm.sendRequest('{own}', (error) => pm.test('refused', () => {{ \
           pm.expect(error.code).to.equal('EACCES'); pm.expect(error.message).to.include('address of this engine'); }}));"
    );
    let body = json!({"method": "GET", "url": origin.url("/"), "postRequestScript": script});
    let tests = engine.post("/request", &body).body["testResults"].clone();
    assert_eq!(tests[0]["passed"], true, "{tests}");
    let auth = json!({"type": "oauth2", "grantType": "client_credentials", "tokenUrl": own,
        "clientId": "a", "clientSecret": "b"});
    let body = json!({"method": "GET", "url": origin.url("/"), "auth": auth});
    let answer = engine.post("/request", &body);
    assert!(
        answer.message().contains("the address of this engine"),
        "{answer:?}"
    );
    for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
        let url = format!("http://{host}:{}/health", port(&engine));
        let refused = engine.post(
            "/run",
            &json!({"request": {"method": "GET", "url": url}, "mode": "iterations", "iterations": 5,
                    "concurrency": 1}),
        );
        assert_eq!((refused.status, refused.code()), (400, "INVALID_URL"));
        assert!(refused.message().contains("--allow-self"), "{refused:?}");
    }
    // A name that must be resolved is checked when the connection is made.
    let runs = engine.get("/runs?type=load").body;
    assert_eq!(runs, json!([]), "nothing was stored");
}

#[test]
fn a_proxy_is_not_asked_for_it() {
    let (engine, proxy) = (Engine::start(), redirecting());
    let proxy_url = proxy.url("");
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{}/health", port(&engine));
        let body = json!({"method": "GET", "url": url, "connection": {"proxy": proxy_url}});
        let answer = engine.post("/request", &body);
        assert!(
            answer.message().contains("the address of this engine"),
            "{answer:?}"
        );
    }
    assert!(proxy.asked().is_empty());
}

#[test]
fn it_may_be_permitted() {
    let engine = Engine::with(&["--cpus", "0", "--allow-self"]);
    let own = engine.url("/health");
    assert_eq!(design(&engine, "GET", &own), (200, "200".to_owned()));
}

#[test]
fn rules_fence_the_rest() {
    let (origin, other, server) = (Origin::start(), Origin::start(), redirecting());
    let port_of = |url: &str| {
        url.trim_end_matches('/')
            .rsplit_once(':')
            .expect("a port")
            .1
            .to_owned()
    };
    let (allowed, denied) = (port_of(&origin.url("")), port_of(&other.url("")));
    let deny = format!("*.denied.test,*:{denied}");
    let engine = Engine::with(&["--cpus", "0", "--deny-targets", &deny]);
    assert_eq!(design(&engine, "GET", &origin.url("/")).0, 200);
    for url in [
        other.url("/"),
        server.url(&format!("/to/{}", other.url("/"))),
    ] {
        let (status, told) = design(&engine, "GET", &url);
        assert!(
            status == 502 && told.ends_with(&format!("is denied by --deny-targets *:{denied}")),
            "{url}: {status} {told}"
        );
    }
    let allow = format!("localhost:{allowed}");
    let engine = Engine::with(&["--cpus", "0", "--allow-targets", &allow]);
    let url = format!("http://localhost:{allowed}/");
    assert_eq!(design(&engine, "GET", &url).0, 200);
    let run = |url: &str| -> Value {
        let body = json!({"request": {"method": "GET", "url": url}, "mode": "iterations", "iterations": 3,
            "concurrency": 1});
        engine.run(&body).finish()
    };
    assert_eq!(count(&run(&url), "statusCodes/200"), 3);
    let report = run(&origin.url("/"));
    assert_eq!(
        report["errors"]["classes"],
        json!({"connect_denied": 3}),
        "{report}"
    );
    assert_eq!(other.requests(), 0);
}

#[test]
fn redirects_may_be_kept_to_their_origin() {
    let (engine, server, origin) = (Engine::start(), redirecting(), Origin::start());
    let ask = |to: &str, follows: Value| {
        let url = server.url(&format!("/to/{to}"));
        let body =
            json!({"method": "GET", "url": url, "followRedirects": follows, "maxRedirects": 3});
        engine.post("/request", &body)
    };
    // It redirects to itself, up to the maximum number of redirects.
    let within = ask("/to/x", json!("sameOrigin")).body;
    let redirects = within["redirects"].as_array().map(Vec::len);
    assert_eq!(redirects, Some(3), "{within}");
    let beyond = ask(&origin.url("/"), json!("sameOrigin")).body;
    assert_eq!(beyond["status"], 307, "{beyond}");
    let told = beyond["warnings"].to_string();
    assert!(told.contains("was not followed"), "{told}");
    assert_eq!(origin.requests(), 0);
    assert_eq!(ask(&origin.url("/"), json!(true)).body["status"], 200);
    let wrong = ask("/", json!("sameSite"));
    assert!(
        wrong.status == 400 && wrong.message().contains("sameOrigin"),
        "{wrong:?}"
    );
}

#[test]
fn scripts_may_be_kept_from_sending() {
    let engine = Engine::with(&["--cpus", "0", "--no-script-requests"]);
    let origin = Origin::start();
    let script = format!(
        "pm.sendRequest('{}', (error) => pm.test('refused', () => {{ \
           pm.expect(error.code).to.equal('EACCES'); pm.expect(error.message).to.include('--no-script-requests'); }}));",
        origin.url("/")
    );
    let request = json!({"method": "GET", "url": origin.url("/"), "postRequestScript": script});
    let tests = engine.post("/request", &request).body["testResults"].clone();
    assert_eq!(tests[0]["passed"], true, "{tests}");
    let run = json!({"request": request, "mode": "iterations", "iterations": 4, "concurrency": 1});
    let report = engine.run(&run).finish();
    assert_eq!(report["checks"][0]["passed"], 4, "{report:#}");
    assert_eq!(origin.requests(), 5, "the requests themselves");
}
