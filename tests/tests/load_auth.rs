//! Authentication of load runs, where every request needs something of its own or
//! what was good at the beginning ends in the middle.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vayu_tests::{Asked, Engine, Origin, Scripted, count, response, token_server};

/// The part of a header behind `name=`, without quotes.
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

/// The bodies of the responses that were kept.
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
    let good = |asked: &Asked, so_far: usize| {
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
