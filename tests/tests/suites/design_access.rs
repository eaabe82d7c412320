//! Design mode with access control at the target: challenges, tokens, proxies, TLS and files.

use std::time::Duration;

use serde_json::{Value, json};
use vayu_tests::{
    Certs, Engine, Nginx, Origin, Scripted, Tls, get_request as get, made, number, refused,
    response, token_server,
};

#[test]
fn digest_answers_a_challenge_once() {
    let engine = Engine::start();
    let server = Scripted::start(|asked| {
        let authorization = asked.header("authorization");
        if authorization.contains("username=\"Mufasa\"") && authorization.contains("qop=auth") {
            return response("200 OK", &[], b"in");
        }
        let challenge =
            "WWW-Authenticate: Digest realm=\"lab\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256";
        response("401 Unauthorized", &[challenge], b"")
    });
    let mut body = get(&server.url("/dir?x=1"));
    body["auth"] = json!({"type": "digest", "username": "Mufasa", "password": "p"});
    let answer = made(&engine, &body);
    assert_eq!(
        (&answer["status"], &answer["redirects"][0]["status"]),
        (&json!(200), &json!(401))
    );
    let sent = &server.asked()[1];
    assert!(
        sent.header("authorization").contains("uri=\"/dir?x=1\""),
        "{sent:?}"
    );
    body["auth"]["username"] = json!("Scar");
    assert_eq!(made(&engine, &body)["status"], 401);
    assert_eq!(server.asked().len(), 4, "a wrong password is tried once");
}

#[test]
fn tokens_are_fetched_kept_and_renewed() {
    let (engine, origin, tokens) = (Engine::start(), Origin::start(), token_server());
    let auth = |scope: &str| json!({"type": "oauth2", "tokenUrl": tokens.url("/token"), "clientId": "id", "clientSecret": "secret", "scope": scope});
    let with =
        |scope: &str| json!({"method": "GET", "url": origin.url("/headers"), "auth": auth(scope)});
    let sent = |body: &Value| made(&engine, body)["requestHeaders"]["Authorization"].clone();
    assert_eq!(sent(&with("long")), "Bearer first");
    assert_eq!(sent(&with("long")), "Bearer first");
    assert_eq!(tokens.asked().len(), 1, "it was kept");
    assert_eq!(sent(&with("short")), "Bearer first");
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(sent(&with("short")), "Bearer renewed");
    let mut wrong = with("long");
    wrong["auth"]["clientSecret"] = json!("other");
    let answer = engine.post("/request", &wrong);
    refused(&answer, 400, "INVALID_REQUEST", "invalid_client");
    assert!(
        !answer.message().contains("other"),
        "the secret is told: {answer:?}"
    );
}

#[test]
fn proxies_are_asked_for_whole_urls_and_for_tunnels() {
    let engine = Engine::start();
    let proxy = Scripted::start(|asked| {
        if asked.line.starts_with("CONNECT refused") {
            return response("403 Forbidden", &[], b"");
        }
        response("200 OK", &[], b"by proxy")
    });
    let mut body = get("http://far.example/path?x=1");
    body["proxy"] = json!(format!("http://u:p@{}", proxy.address()));
    assert_eq!(made(&engine, &body)["bodyRaw"], "by proxy");
    let asked = &proxy.asked()[0];
    assert_eq!(asked.line, "GET http://far.example/path?x=1 HTTP/1.1");
    assert_eq!(asked.header("host"), "far.example");
    assert_eq!(asked.header("proxy-authorization"), "Basic dTpw");
    body["url"] = json!("https://refused.example/");
    let answer = engine.post("/request", &body);
    refused(&answer, 502, "CONNECTION_FAILED", "403 Forbidden");
    assert_eq!(
        proxy.asked()[1].line,
        "CONNECT refused.example:443 HTTP/1.1"
    );
    body["proxy"] = json!(false);
    refused(
        &engine.post("/request", &body),
        502,
        "DNS_ERROR",
        "refused.example",
    );
}

#[test]
fn the_environment_says_which_proxy_and_which_hosts_have_none() {
    let (proxy, origin) = (
        Scripted::start(|_| response("200 OK", &[], b"by proxy")),
        Origin::start(),
    );
    let url = format!("http://{}", proxy.address());
    let engine = Engine::with_environment(&[("http_proxy", &url), ("NO_PROXY", "127.0.0.1")]);
    assert_eq!(
        made(&engine, &get("http://far.example/"))["bodyRaw"],
        "by proxy"
    );
    let direct = made(&engine, &get(&origin.url("/headers")));
    assert_eq!(direct["body"]["path"], "/headers");
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
fn tls_is_told_and_its_failures_are_named() {
    let (engine, certs) = (Engine::start(), Certs::make());
    let nginx = Nginx::start_tls(&Tls::new(&certs.good));
    let mut body = get(&nginx.url("/"));
    refused(
        &engine.post("/request", &body),
        502,
        "SSL_ERROR",
        "localhost",
    );
    body["connection"] = json!({"tls": {"ca": certs.ca.text}});
    let answer = made(&engine, &body);
    let tls = &answer["tls"];
    assert_eq!(
        (&tls["version"], &tls["alpn"]),
        (&json!("TLSv1_3"), &json!("http/1.1"))
    );
    assert!(
        number(&answer, "timing/tls_ms") > 0.0,
        "{}",
        answer["timing"]
    );
    let certificate = &tls["certificate"];
    assert!(
        certificate["names"].to_string().contains("localhost"),
        "{certificate}"
    );
    assert!(certificate["notAfter"].as_i64() > certificate["notBefore"].as_i64());
    assert!(
        certificate["issuer"]
            .as_str()
            .is_some_and(|issuer| issuer.contains("CN=")),
        "{certificate}"
    );
    body["connection"] = json!({"verifySsl": false});
    assert_eq!(made(&engine, &body)["status"], 200);
    for (identity, part) in [
        (&certs.expired, "certificate expired on 20"),
        (&certs.wrong_host, "not valid for name"),
    ] {
        let nginx = Nginx::start_tls(&Tls::new(identity));
        let mut body = get(&nginx.url("/"));
        body["connection"] = json!({"tls": {"ca": certs.ca.text}});
        refused(&engine.post("/request", &body), 502, "SSL_ERROR", part);
    }
}

#[test]
fn a_client_certificate_is_shown_and_its_key_is_not_stored() {
    let (engine, certs) = (Engine::start(), Certs::make());
    let nginx = Nginx::start_tls(&Tls {
        client_ca: Some(&certs.ca),
        ..Tls::new(&certs.good)
    });
    let mut body = get(&nginx.url("/"));
    body["connection"] = json!({"tls": {"ca": certs.ca.text}});
    assert_eq!(made(&engine, &body)["status"], 400, "nginx misses one");
    let client = &certs.client;
    body["connection"]["tls"]["certificate"] = json!(client.certificate.text);
    body["connection"]["tls"]["key"] = json!(client.key.text);
    let answer = made(&engine, &body);
    assert_eq!(answer["status"], 200, "{answer}");
    let run = engine.get(&format!(
        "/run/{}",
        answer["runId"].as_str().unwrap_or_default()
    ));
    let stored = run.body.to_string();
    assert!(!stored.contains("PRIVATE KEY"), "{stored}");
}

#[test]
fn files_are_sent_from_allowed_directories_only() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("note.txt"), "from a file").expect("a file");
    let allowed = directory.path().to_str().expect("a plain path");
    let engine = Engine::with(&["--cpus", "0", "--allow-files", allowed]);
    let origin = Origin::start();
    let file = |src: &str| json!({"method": "POST", "url": origin.url("/echo"), "body": {"mode": "formdata", "formdata": [{"key": "f", "type": "file", "src": src}]}});
    let answer = made(&engine, &file("note.txt"));
    let echoed = answer["bodyRaw"].as_str().unwrap_or_default();
    assert!(
        echoed.contains("filename=\"note.txt\"") && echoed.contains("from a file"),
        "{echoed}"
    );
    for outside in ["/etc/hostname", "../../etc/hostname", "missing.txt"] {
        let answer = engine.post("/request", &file(outside));
        refused(&answer, 400, "INVALID_REQUEST", "body.formdata[0].src");
    }
}
