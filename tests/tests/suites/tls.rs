//! TLS against third-party servers: nginx with certificates of every kind, and raw servers that break the
//! handshake. Each fault is in one class.

use std::process::Command;

use serde_json::{Value, json};
use vayu_tests::{
    Certs, Engine, Nginx, RawServer, Tls, TlsFault, assert_balanced, count, number, print_line,
    refused,
};

/// `iterations` requests by two virtual users, with the given `connection`.
fn body(url: &str, iterations: u64, connection: &Value) -> Value {
    json!({
        "request": {"method": "GET", "url": url}, "mode": "iterations",
        "iterations": iterations, "concurrency": 2, "connectTimeout": 500, "connection": connection
    })
}

fn trusting(certs: &Certs) -> Value {
    json!({"tls": {"ca": certs.ca.text}})
}

#[test]
fn every_mode_works_over_tls_and_counts_what_nginx_counts() {
    let certs = Certs::make();
    let loads = [
        json!({"mode": "constant", "duration": "1s", "targetRps": 300}),
        json!({"mode": "constant", "duration": "1s", "concurrency": 4}),
        json!({"mode": "iterations", "iterations": 5_000, "concurrency": 8}),
        json!({"mode": "ramp_up", "duration": "1s", "rampUpDuration": "500ms", "concurrency": 6}),
    ];
    for load in loads {
        let (engine, nginx) = (Engine::start(), Nginx::start_tls(&Tls::new(&certs.good)));
        let mut body = load.clone();
        body["request"] = json!({"method": "GET", "url": nginx.url("/")});
        body["connection"] = trusting(&certs);
        body["success_sample_rate"] = json!(1);
        let report = engine.run(&body).finish();
        let total = count(&report, "summary/totalRequests");
        assert_eq!(
            report["statusCodes"],
            json!({"200": total}),
            "{load}: {report:#}"
        );
        assert_balanced(&report);
        let seen = nginx.tls_requests();
        assert_eq!(seen.len() as u64, total, "{load}");
        assert!(
            seen.iter().all(|request| request.protocol == "TLSv1.3"
                && request.server_name == "localhost"
                && request.alpn == "http/1.1"),
            "{:?}",
            seen.first()
        );
        let handshakes = &report["transport"]["tlsHandshakes"];
        let made = count(handshakes, "full") + count(handshakes, "resumed");
        assert_eq!(
            made,
            count(&report, "transport/connections"),
            "{handshakes}"
        );
        assert_eq!(count(&report, "tlsTime/count"), made);
        assert!(number(&report, "tlsTime/p50") > 0.0 && number(&report, "connectTime/p50") > 0.0);
    }
}

#[test]
fn certificates_are_judged_and_each_fault_has_its_class() {
    let certs = Certs::make();
    let engine = Engine::start();
    let table = [
        ("expired", Tls::new(&certs.expired), "tls_expired"),
        ("not valid yet", Tls::new(&certs.not_yet), "tls_expired"),
        (
            "of another host",
            Tls::new(&certs.wrong_host),
            "tls_wrong_host",
        ),
        (
            "self-signed",
            Tls::new(&certs.self_signed),
            "tls_unknown_ca",
        ),
        (
            "of an unknown authority",
            Tls::new(&certs.unknown_ca),
            "tls_unknown_ca",
        ),
        (
            "no common cipher",
            Tls::without_common_cipher(&certs.good),
            "tls_alert",
        ),
    ];
    for (what, tls, class) in table {
        let nginx = Nginx::start_tls(&tls);
        let report = engine
            .run(&body(&nginx.url("/"), 6, &trusting(&certs)))
            .finish();
        let example = &report["errors"]["examples"][class][0];
        print_line(&format!("{what}: {class}: {}", example["message"]));
        assert_eq!(
            report["errors"]["classes"],
            json!({class: 6}),
            "{what}: {report:#}"
        );
        assert_eq!(report["errors"]["types"], json!({"ssl_error": 6}), "{what}");
        assert!(
            example["message"].is_string(),
            "{what}: {}",
            report["errors"]
        );
        assert_balanced(&report);
        if class != "tls_alert" {
            let lax = json!({"verifySsl": false});
            let report = engine.run(&body(&nginx.url("/"), 6, &lax)).finish();
            assert_eq!(
                report["statusCodes"],
                json!({"200": 6}),
                "{what}, not verified"
            );
        }
    }
}

#[test]
fn a_self_signed_certificate_can_be_trusted_by_naming_it() {
    let certs = Certs::make();
    let (engine, nginx) = (
        Engine::start(),
        Nginx::start_tls(&Tls::new(&certs.self_signed)),
    );
    let named = json!({"tls": {"ca": certs.self_signed.certificate.text}});
    let report = engine.run(&body(&nginx.url("/"), 4, &named)).finish();
    assert_eq!(report["statusCodes"], json!({"200": 4}), "{report:#}");
    let elsewhere = json!({"tls": {
        "ca": certs.self_signed.certificate.text, "serverName": "elsewhere.example"}});
    let report = engine.run(&body(&nginx.url("/"), 4, &elsewhere)).finish();
    assert_eq!(
        report["errors"]["classes"],
        json!({"tls_wrong_host": 4}),
        "{report:#}"
    );
}

#[test]
fn broken_handshakes_have_their_classes_and_hang_nothing() {
    let engine = Engine::start();
    let table = [
        (TlsFault::Silence, "tls_timeout", "timeout"),
        (TlsFault::Close, "tls_other", "ssl_error"),
        (TlsFault::Reset, "tls_other", "ssl_error"),
        (TlsFault::Garbage, "tls_other", "ssl_error"),
        (TlsFault::PlainHttp, "tls_other", "ssl_error"),
    ];
    for (fault, class, wire_type) in table {
        let what = format!("{fault:?}");
        let server = RawServer::start(fault);
        let report = engine
            .run(&body(&server.url("/"), 4, &json!({"verifySsl": false})))
            .finish();
        let message = &report["errors"]["examples"][class][0]["message"];
        print_line(&format!("{what}: {class}: {message}"));
        assert_eq!(
            report["errors"]["classes"],
            json!({class: 4}),
            "{what}: {report:#}"
        );
        assert_eq!(report["errors"]["types"], json!({wire_type: 4}), "{what}");
        assert_balanced(&report);
    }
}

#[test]
fn sessions_are_resumed_by_choice_and_counted() {
    let certs = Certs::make();
    for (resumption, protocols) in [(true, "TLSv1.3"), (true, "TLSv1.2"), (false, "TLSv1.3")] {
        let engine = Engine::start();
        let nginx = Nginx::start_tls(&Tls {
            protocols,
            ..Tls::new(&certs.good)
        });
        let mut connection = trusting(&certs);
        connection["keepAlive"] = json!(false);
        connection["tls"]["resumption"] = json!(resumption);
        let report = engine.run(&body(&nginx.url("/"), 50, &connection)).finish();
        let handshakes = &report["transport"]["tlsHandshakes"];
        print_line(&format!(
            "{protocols}, resumption {resumption}: {handshakes}"
        ));
        let (full, resumed) = (count(handshakes, "full"), count(handshakes, "resumed"));
        assert_eq!(full + resumed, 50, "{handshakes}");
        assert_eq!(resumed > 0, resumption, "{handshakes}");
        let seen = nginx
            .tls_requests()
            .iter()
            .filter(|one| one.resumed)
            .count();
        assert_eq!(seen as u64, resumed, "nginx counts otherwise");
    }
}

#[test]
fn a_client_certificate_is_shown_when_it_is_asked_for() {
    let certs = Certs::make();
    let engine = Engine::start();
    let nginx = Nginx::start_tls(&Tls {
        client_ca: Some(&certs.ca),
        ..Tls::new(&certs.good)
    });
    let mut connection = trusting(&certs);
    let without = engine.run(&body(&nginx.url("/"), 2, &connection)).finish();
    assert_eq!(without["statusCodes"], json!({"400": 2}));
    // One file with both, as is common: the key in it must not be stored either.
    let both = format!("{}{}", certs.client.certificate.text, certs.client.key.text);
    connection["tls"]["certificate"] = json!(both);
    connection["tls"]["key"] = json!(certs.client.key.text);
    let run = engine.run(&body(&nginx.url("/"), 2, &connection));
    assert_eq!(run.finish()["statusCodes"], json!({"200": 2}));
    let verified = nginx
        .tls_requests()
        .into_iter()
        .filter(|one| one.client_verify == "SUCCESS");
    assert_eq!(verified.count(), 2);
    let snapshot = run.show()["configSnapshot"]
        .as_str()
        .expect("text")
        .to_owned();
    assert!(
        snapshot.contains("(not stored)") && !snapshot.contains("PRIVATE KEY"),
        "the key was stored: {snapshot}"
    );
    let foreign = &certs.foreign_client;
    connection["tls"]["key"] = json!(foreign.key.text);
    let answer = engine.post("/run", &body(&nginx.url("/"), 2, &connection));
    assert_eq!(
        answer.status, 400,
        "a key of another certificate: {answer:?}"
    );
    assert!(
        answer.message().contains("connection.tls.key"),
        "{answer:?}"
    );
}

#[test]
fn the_name_asked_for_can_be_another_than_the_hosts() {
    let certs = Certs::make();
    let engine = Engine::start();
    let nginx = Nginx::start_tls(&Tls::new(&certs.wrong_host));
    let mut connection = trusting(&certs);
    connection["tls"]["serverName"] = json!("other.example");
    connection["tls"]["alpn"] = json!([]);
    let report = engine.run(&body(&nginx.url("/"), 3, &connection)).finish();
    assert_eq!(report["statusCodes"], json!({"200": 3}), "{report:#}");
    let seen = nginx.tls_requests();
    assert!(
        seen.iter()
            .all(|one| one.server_name == "other.example" && one.alpn.is_empty()),
        "{seen:?}"
    );
}

/// A self-signed certificate of X.509 version 1, with its key.
fn version_one() -> (String, String) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let (key, request, certificate) = (path("key"), path("request"), path("certificate"));
    // Without extensions in the request, `x509 -req` creates version 1.
    let config = path("config");
    std::fs::write(&config, "[req]\ndistinguished_name=dn\n[dn]\n").expect("writable");
    let steps = [
        vec![
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            &key,
        ],
        vec![
            "req", "-new", "-config", &config, "-subj", "/CN=old", "-key", &key, "-out", &request,
        ],
        vec![
            "x509",
            "-req",
            "-in",
            &request,
            "-signkey",
            &key,
            "-out",
            &certificate,
        ],
    ];
    for step in steps {
        let output = Command::new("openssl").args(&step).output();
        let output = output.expect("openssl is installed (apt-get install openssl)");
        assert!(output.status.success(), "{step:?}: {output:?}");
    }
    let read = |path: &str| std::fs::read_to_string(path).expect("openssl wrote it");
    (read(&certificate), read(&key))
}

#[test]
fn client_certificates_that_cannot_be_used_are_refused_for_what_is_wrong() {
    let certs = Certs::make();
    let engine = Engine::start();
    let (old, old_key) = version_one();
    let (good, good_key) = (&certs.client.certificate.text, &certs.client.key.text);
    let foreign_key = &certs.foreign_client.key.text;
    // Its first byte is no longer that of a certificate.
    let broken = good.replacen("MII", "AII", 1);
    for (certificate, key, field, part) in [
        (
            &old,
            &old_key,
            "connection.tls.certificate",
            "of version 1; only version 3",
        ),
        (
            good,
            foreign_key,
            "connection.tls.key",
            "their public keys differ",
        ),
        (
            &broken,
            good_key,
            "connection.tls.certificate",
            "cannot be used",
        ),
    ] {
        let connection =
            json!({"verifySsl": false, "tls": {"certificate": certificate, "key": key}});
        let run = body("https://127.0.0.1:1/", 1, &connection);
        let mut design = run["request"].clone();
        design["connection"] = connection;
        for (path, body) in [("/run", &run), ("/request", &design)] {
            let answer = engine.post(path, body);
            refused(&answer, 400, "INVALID_REQUEST", part);
            assert!(
                answer.message().contains(&format!("`{field}`")),
                "{answer:?}"
            );
            assert!(!answer.message().contains("PRIVATE"), "{answer:?}");
        }
    }
    assert_eq!(engine.get("/runs").body, json!([]), "nothing was stored");
}
