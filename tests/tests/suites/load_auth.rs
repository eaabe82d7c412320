//! Authentication of load runs in which every request needs a value of its own, or in which a credential
//! expires in the middle.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin, ReceivedRequest, Scripted, count, response, token_server};

/// Returns the part of a header after `name=`, without quotes.
fn field<'a>(header: &'a str, name: &str) -> &'a str {
    let rest = header.split(&format!("{name}=")).nth(1).unwrap_or_default();
    rest.split([',', ' '])
        .next()
        .unwrap_or_default()
        .trim_matches('"')
}

fn iterations(request: Value, iterations: u64, concurrency: u64) -> Value {
    json!({"request": request, "mode": "iterations", "iterations": iterations, "concurrency": concurrency,
           "success_sample_rate": 100})
}

/// Returns the bodies of the stored responses.
fn bodies(engine: &Engine, body: &Value) -> Vec<String> {
    let run = engine.run(body);
    let _ = run.finish();
    let results = engine
        .get(&format!("/run/{}/results?limit=1000", run.id))
        .body;
    let results = results["data"].as_array().expect("results").iter();
    let bodies = results.filter_map(|result| result["trace"]["response"]["body"].as_str());
    bodies.map(str::to_owned).collect()
}

fn challenge(nonce: &str) -> String {
    format!("WWW-Authenticate: Digest realm=\"lab\", nonce=\"{nonce}\", qop=\"auth\"")
}

#[test]
fn digest_answers_one_challenge_with_every_request() {
    let engine = Engine::start();
    let server = Scripted::start(|asked| match asked.header("authorization") {
        "" => response("401 Unauthorized", &[&challenge("n1")], b""),
        _ => response("200 OK", &[], b"in"),
    });
    let request = json!({"method": "GET", "url": server.url("/a?n={{$randomInt}}"),
                         "auth": {"type": "digest", "username": "u", "password": "p"}});
    let report = engine.run(&iterations(request, 40, 4)).finish();
    assert_eq!(report["statusCodes"], json!({"200": 40}), "{report}");
    let asked = server.asked();
    assert_eq!(asked.len(), 41, "one asks what is wanted, before the run");
    let signed: Vec<&str> = asked[1..]
        .iter()
        .map(|one| one.header("authorization"))
        .collect();
    let counts: BTreeSet<u64> = signed
        .iter()
        .map(|header| u64::from_str_radix(field(header, "nc"), 16).expect("a count"))
        .collect();
    assert_eq!(counts.len(), 40, "no count is used twice: {counts:?}");
    for (one, header) in asked[1..].iter().zip(signed) {
        let target = one.line.split(' ').nth(1).unwrap_or_default();
        assert_eq!(field(header, "uri"), target, "{header}");
        assert_eq!(field(header, "response").len(), 32, "{header}");
    }
}

#[test]
fn digest_takes_a_new_challenge_up_and_counts_the_refusal() {
    let engine = Engine::with_shards(1);
    let good = |asked: &ReceivedRequest, so_far: usize| {
        let nonce = if so_far < 11 { "n1" } else { "n2" };
        (
            field(asked.header("authorization"), "nonce") == nonce,
            nonce,
        )
    };
    let seen = std::sync::atomic::AtomicUsize::new(0);
    let server = Scripted::start(move |asked| {
        let so_far = seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        match good(asked, so_far) {
            (true, _) => response("200 OK", &[], b"in"),
            (false, nonce) => response(
                "401 Unauthorized",
                &[&format!("{}, stale=true", challenge(nonce))],
                b"",
            ),
        }
    });
    let request = json!({"method": "GET", "url": server.url("/"),
                         "auth": {"type": "digest", "username": "u", "password": "p"}});
    let report = engine.run(&iterations(request, 20, 1)).finish();
    assert_eq!(
        report["statusCodes"],
        json!({"200": 19, "401": 1}),
        "{report}"
    );
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    let (engine, origin, tokens) = (Engine::start(), Origin::start(), token_server());
    let auth = json!({"type": "oauth2", "tokenUrl": tokens.url("/token"), "clientId": "id",
                      "clientSecret": "secret", "scope": "short"});
    let bodies = bodies(
        &engine,
        &json!({
            "request": {"method": "GET", "url": origin.url("/headers"), "auth": auth},
            "mode": "constant", "targetRps": 20, "duration": "3s", "success_sample_rate": 100,
        }),
    );
    assert_eq!(bodies.len(), 60);
    let with = |token: &str| bodies.iter().filter(|body| body.contains(token)).count();
    let (first, renewed) = (with("Bearer first"), with("Bearer renewed"));
    assert!(
        first >= 10 && renewed >= 20,
        "{first} with the first token, {renewed} with a renewed one"
    );
    assert_eq!(first + renewed, 60, "every request had a token");
}

#[test]
fn aws_signs_every_request_as_it_goes_out() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let auth = json!({"type": "aws", "accessKey": "a", "secretKey": "s", "service": "sqs"});
    let dates = |request: &Value| {
        let bodies = bodies(
            &engine,
            &json!({
                "request": request, "mode": "constant", "targetRps": 10, "duration": "2500ms",
                "success_sample_rate": 100,
            }),
        );
        let told = bodies
            .iter()
            .map(|body| serde_json::from_str::<Value>(body).expect("JSON"));
        let headers = told.map(|told| told["headers"].to_string().to_lowercase());
        let signed: Vec<String> = headers
            .filter(|headers| headers.contains("aws4-hmac-sha256"))
            .collect();
        assert_eq!(signed.len(), 25, "every request is signed");
        let date = |headers: &String| {
            headers
                .split("x-amz-date")
                .nth(1)
                .map(|rest| rest[..25].to_owned())
        };
        signed
            .iter()
            .filter_map(date)
            .collect::<BTreeSet<_>>()
            .len()
    };
    let constant = json!({"method": "GET", "url": origin.url("/headers"), "auth": auth});
    assert!(
        dates(&constant) >= 3,
        "the signature is made anew each second"
    );
    let dynamic =
        json!({"method": "GET", "url": origin.url("/headers?id={{$guid}}"), "auth": auth});
    assert!(dates(&dynamic) >= 3);
}

#[test]
fn basic_and_chunked_bodies_may_be_dynamic() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let request = json!({"method": "GET", "url": origin.url("/headers"),
                         "auth": {"type": "basic", "username": "{{$guid}}", "password": "p"}});
    let seen: BTreeSet<String> = bodies(&engine, &iterations(request, 10, 2))
        .into_iter()
        .collect();
    assert_eq!(seen.len(), 10, "ten users: {seen:?}");
    let request = json!({"method": "POST", "url": origin.url("/echo"), "body": "id={{$guid}}",
                         "headers": {"Transfer-Encoding": "chunked"}});
    let seen: BTreeSet<String> = bodies(&engine, &iterations(request, 10, 2))
        .into_iter()
        .collect();
    assert!(
        seen.len() == 10 && seen.iter().all(|body| body.len() == 39),
        "{seen:?}"
    );
}

#[test]
fn a_target_that_cannot_be_asked_is_no_obstacle() {
    let engine = Engine::start();
    let request = json!({"method": "GET", "url": "http://127.0.0.1:1/",
                         "auth": {"type": "digest", "username": "u", "password": "p"}});
    let report = engine.run(&iterations(request, 3, 1)).finish();
    assert_eq!(count(&report, "summary/failedRequests"), 3, "{report}");
}

/// A token server whose tokens are `t1`, `t2` and so on.
fn numbered_tokens() -> Scripted {
    let count = std::sync::atomic::AtomicUsize::new(0);
    Scripted::start(move |_| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let body = json!({"access_token": format!("t{number}"), "expires_in": 3_600});
        response("200 OK", &[], body.to_string().as_bytes())
    })
}

/// A resource that accepts only one token.
fn resource(token: &'static str) -> Scripted {
    Scripted::start(move |asked| match asked.header("authorization") == token {
        true => response("200 OK", &[], b"in"),
        false => response("401 Unauthorized", &[], b"out"),
    })
}

fn oauth2(tokens: &Scripted) -> Value {
    json!({"type": "oauth2", "tokenUrl": tokens.url("/token"), "clientId": "id", "clientSecret": "s"})
}

#[test]
fn a_refused_token_is_fetched_anew_once() {
    let (engine, tokens, target) = (Engine::start(), numbered_tokens(), resource("Bearer t2"));
    let request =
        json!({"method": "POST", "url": target.url("/"), "body": "b", "auth": oauth2(&tokens)});
    let answer = engine.post("/request", &request).body;
    assert_eq!(answer["status"], 200, "{answer}");
    assert_eq!(answer["redirects"][0]["status"], 401, "{answer}");
    assert_eq!(tokens.asked().len(), 2);
    assert_eq!(engine.post("/request", &request).body["status"], 200);
    assert_eq!(tokens.asked().len(), 2, "the one that was taken is kept");
    // A header set by the user is not one of the engine's tokens.
    let mut own = request.clone();
    own["headers"] = json!({"authorization": "mine"});
    assert_eq!(engine.post("/request", &own).body["status"], 401);
    assert_eq!(tokens.asked().len(), 2);
    // Every token is refused: two are tried, then the 401 is the result.
    let closed = resource("Bearer none");
    let request = json!({"method": "GET", "url": closed.url("/"), "auth": oauth2(&tokens)});
    let answer = engine.post("/request", &request).body;
    assert_eq!(
        (&answer["status"], answer["body"].as_str()),
        (&json!(401), Some("out"))
    );
    assert_eq!((closed.asked().len(), tokens.asked().len()), (2, 3));
    assert_eq!(
        engine.delete("/tokens").body,
        json!({"deleted": 0}),
        "neither was kept"
    );
}

#[test]
fn tokens_are_dropped_on_request() {
    let (engine, tokens, target) = (Engine::start(), numbered_tokens(), Origin::start());
    let mut request = json!({"method": "GET", "url": target.url("/"), "auth": oauth2(&tokens)});
    for scope in ["a", "b", "a"] {
        request["auth"]["scope"] = scope.into();
        assert_eq!(engine.post("/request", &request).body["status"], 200);
    }
    assert_eq!(tokens.asked().len(), 2);
    assert_eq!(engine.delete("/tokens").body, json!({"deleted": 2}));
    assert_eq!(engine.delete("/tokens").body, json!({"deleted": 0}));
    assert_eq!(engine.post("/request", &request).body["status"], 200);
    assert_eq!(tokens.asked().len(), 3);
}

#[test]
fn load_asks_for_one_token_when_its_own_is_refused() {
    let (engine, tokens, target) = (Engine::start(), numbered_tokens(), resource("Bearer t2"));
    let run = json!({
        "request": {"method": "GET", "url": target.url("/"), "auth": oauth2(&tokens)},
        "mode": "constant", "targetRps": 100, "duration": "2s",
    });
    let report = engine.run(&run).finish();
    let codes = &report["statusCodes"];
    assert!(codes["200"].is_u64() && codes["401"].is_u64(), "{report}");
    assert_eq!(
        tokens.asked().len(),
        2,
        "one to begin with, one for all refusals"
    );
}

#[test]
fn load_does_not_storm_a_token_server_whose_tokens_are_refused() {
    let (engine, tokens, target) = (Engine::start(), numbered_tokens(), resource("Bearer none"));
    let run = json!({
        "request": {"method": "GET", "url": target.url("/"), "auth": oauth2(&tokens)},
        "mode": "constant", "targetRps": 200, "duration": "4s",
    });
    let report = engine.run(&run).finish();
    assert!(report["statusCodes"]["200"].is_null(), "{report}");
    // At the start, immediately, after one second and after two more.
    let fetched = tokens.asked().len();
    assert!((3..=4).contains(&fetched), "{fetched} tokens");
}

#[test]
fn token_answers_are_decoded_like_any_other() {
    let (engine, target) = (Engine::start(), Origin::start());
    // gzip of {"access_token":"T"}
    let gzip = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 171, 86, 74, 76, 78, 78, 45, 46, 142, 47, 201, 207, 78,
        205, 83, 178, 82, 10, 81, 170, 5, 0, 87, 142, 130, 140, 20, 0, 0, 0,
    ];
    let tokens = Scripted::start(move |asked| match asked.line.split(' ').nth(1) {
        Some("/gzip") => response("200 OK", &["Content-Encoding: gzip"], &gzip),
        Some("/mark") => response(
            "201 Created",
            &[],
            "\u{feff}{\"access_token\":\"T\"}".as_bytes(),
        ),
        _ => response(
            "200 OK",
            &["Content-Type: application/octet-stream"],
            b"{\"access_token\":\"T\"}",
        ),
    });
    for path in ["/gzip", "/mark", "/octets"] {
        let mut auth = oauth2(&tokens);
        auth["tokenUrl"] = tokens.url(path).into();
        let request = json!({"method": "GET", "url": target.url("/headers"), "auth": auth});
        let answer = engine.post("/request", &request).body;
        assert!(
            answer["rawRequest"]
                .as_str()
                .is_some_and(|sent| sent.contains("Bearer T")),
            "{path}: {answer}"
        );
    }
}
