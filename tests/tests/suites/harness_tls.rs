//! The TLS servers of the harness behave as specified, checked with OpenSSL's own client, which shares no
//! code with the engine. No engine is started here.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use vayu_tests::{Certs, Identity, Nginx, RawServer, Tls, TlsFault};

/// Exit status of coreutils' `timeout` for a command that it had to end.
const ENDED_BY_TIMEOUT: i32 = 124;

/// Runs `openssl s_client` against a loopback port, for at most `seconds`.
fn s_client(seconds: u32, port: u16, options: &[&str]) -> Output {
    let mut child = Command::new("timeout")
        .args([&seconds.to_string(), "openssl", "s_client", "-ign_eof"])
        .args(["-connect", &format!("127.0.0.1:{port}")])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is installed (apt-get install openssl)");
    let mut input = child.stdin.take().expect("it is piped");
    // If the handshake fails, it ends without reading.
    let _ = input.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    child.wait_with_output().expect("timeout ends it")
}

/// Returns its output on both streams, for a server that responds at all.
fn seen(port: u16, options: &[&str]) -> String {
    let output = s_client(10, port, options);
    assert_ne!(
        output.status.code(),
        Some(ENDED_BY_TIMEOUT),
        "it hangs: {output:?}"
    );
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary path is text")
}

/// Asserts that `seen` contains all of `words`.
fn assert_says(seen: &str, words: &[&str], what: &str) {
    for word in words {
        assert!(seen.contains(word), "{what}: no {word:?} in\n{seen}");
    }
}

#[test]
fn each_certificate_is_wrong_in_one_way() {
    let certs = Certs::make();
    let table = [
        (&certs.good, "0 (ok)"),
        (&certs.expired, "10 (certificate has expired)"),
        (&certs.not_yet, "9 (certificate is not yet valid)"),
        (&certs.wrong_host, "62 (hostname mismatch)"),
        (&certs.self_signed, "18 (self-signed certificate)"),
        (
            &certs.unknown_ca,
            "21 (unable to verify the first certificate)",
        ),
    ];
    let strict = [
        "-CAfile",
        text(&certs.ca.path),
        "-verify_hostname",
        "localhost",
    ];
    for (identity, verdict) in table {
        let nginx = Nginx::start_tls(&Tls::new(identity));
        let verdict = format!("Verify return code: {verdict}");
        let seen = seen(nginx.port(), &strict);
        assert_says(&seen, &[&verdict, "HTTP/1.1 200 OK"], &verdict);
    }
}

#[test]
fn the_good_certificate_is_for_every_name_of_the_loopback() {
    let certs = Certs::make();
    let nginx = Nginx::start_tls(&Tls::new(&certs.good));
    for name in [
        ["-verify_hostname", "localhost"],
        ["-verify_ip", "127.0.0.1"],
        ["-verify_ip", "::1"],
    ] {
        let ca = ["-CAfile", text(&certs.ca.path)];
        let seen = seen(nginx.port(), &[name, ca].concat());
        assert_says(&seen, &["Verify return code: 0 (ok)"], name[1]);
    }
    if TcpListener::bind("[::1]:0").is_ok() {
        let ipv6 = TcpStream::connect(("::1", nginx.port()));
        assert!(ipv6.is_ok(), "localhost may be ::1: {ipv6:?}");
    }
}

#[test]
fn the_log_tells_protocol_name_and_alpn() {
    let certs = Certs::make();
    let nginx = Nginx::start_tls(&Tls::new(&certs.good));
    let named = ["-tls1_2", "-servername", "localhost", "-alpn", "http/1.1"];
    let _ = seen(nginx.port(), &named);
    let _ = seen(nginx.port(), &["-tls1_3", "-noservername"]);
    let log = nginx.tls_requests();
    let told = log.iter().map(|request| {
        let names = (request.server_name.as_str(), request.alpn.as_str());
        (request.status, request.protocol.as_str(), names)
    });
    let expected = [
        (200, "TLSv1.2", ("localhost", "http/1.1")),
        (200, "TLSv1.3", ("", "")),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected, "{log:?}");
    assert_eq!(nginx.requests(), 2);
    assert_ne!(log[0].connection, log[1].connection, "{log:?}");
    assert!(log.iter().all(|request| request.connection_request == 1));
}

/// Returns whether each of two connections resumed a session. The second offers the session of the first, and
/// is not made if the server issued none.
fn resumed(nginx: &Nginx, protocol: &str) -> Vec<bool> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let session = directory.path().join("session");
    for option in ["-sess_out", "-sess_in"] {
        if option == "-sess_in" && !session.exists() {
            break;
        }
        let _ = seen(nginx.port(), &[protocol, option, text(&session)]);
    }
    let log = nginx.tls_requests();
    log.iter().map(|request| request.resumed).collect()
}

#[test]
fn sessions_are_resumed_by_choice() {
    let certs = Certs::make();
    let by_ticket = Tls {
        session_cache: false,
        ..Tls::new(&certs.good)
    };
    let by_cache = Tls {
        session_tickets: false,
        ..Tls::new(&certs.good)
    };
    let never = Tls::without_resumption(&certs.good);
    for protocol in ["-tls1_2", "-tls1_3"] {
        for (tls, expected) in [(by_ticket, true), (by_cache, true), (never, false)] {
            let nginx = Nginx::start_tls(&tls);
            let resumed = resumed(&nginx, protocol);
            assert!(!resumed[0], "the first is a full one: {protocol} {tls:?}");
            assert_eq!(resumed.last(), Some(&expected), "{protocol} {tls:?}");
        }
    }
}

#[test]
fn client_certificates_are_demanded_and_judged() {
    let certs = Certs::make();
    let demand = Tls {
        client_ca: Some(&certs.ca),
        ..Tls::new(&certs.good)
    };
    let nginx = Nginx::start_tls(&demand);
    let show = |identity: &Identity| {
        let (certificate, key) = (text(&identity.certificate.path), text(&identity.key.path));
        seen(nginx.port(), &["-cert", certificate, "-key", key])
    };
    let ours = show(&certs.client);
    assert_says(&ours, &["HTTP/1.1 200 OK"], "ours");
    let _ = show(&certs.foreign_client);
    let _ = seen(nginx.port(), &[]);
    let log = nginx.tls_requests();
    let told = log.iter().map(|request| {
        let verdict = request.client_verify.split(':').next();
        (request.status, verdict.unwrap_or_default())
    });
    let expected = [(200, "SUCCESS"), (400, "FAILED"), (400, "NONE")];
    assert_eq!(told.collect::<Vec<_>>(), expected, "{log:?}");
}

#[test]
fn a_connection_ends_after_its_requests() {
    let certs = Certs::make();
    let one = Tls {
        requests_per_connection: 1,
        ..Tls::new(&certs.good)
    };
    let nginx = Nginx::start_tls(&one);
    assert_says(&seen(nginx.port(), &[]), &["Connection: close"], "one");
}

#[test]
fn without_a_common_cipher_an_alert_is_sent() {
    let certs = Certs::make();
    let nginx = Nginx::start_tls(&Tls::without_common_cipher(&certs.good));
    // The TLS 1.2 ciphers that rustls with ring offers, by OpenSSL's names.
    let modern = [
        "-cipher",
        "ECDHE+AESGCM:ECDHE+CHACHA20",
        "-curves",
        "X25519:P-256:P-384",
    ];
    assert_says(
        &seen(nginx.port(), &modern),
        &["SSL alert number 40"],
        "modern",
    );
    assert_says(&nginx.error_log(), &["no shared cipher"], "error log");
    let newest = seen(nginx.port(), &["-tls1_3"]);
    assert_says(&newest, &["SSL alert number 70"], "TLS 1.3 only");
    let old = seen(nginx.port(), &["-cipher", "ECDHE-ECDSA-AES128-SHA"]);
    assert_says(&old, &["HTTP/1.1 200 OK"], "a client with the suite");
    assert_eq!(nginx.requests(), 1, "failed handshakes are no requests");
}

#[test]
fn a_client_that_distrusts_the_server_is_told_of_in_the_error_log() {
    let certs = Certs::make();
    let nginx = Nginx::start_tls(&Tls::new(&certs.unknown_ca));
    let strict = ["-CAfile", text(&certs.ca.path), "-verify_return_error"];
    let _ = seen(nginx.port(), &strict);
    assert_says(&nginx.error_log(), &["alert unknown ca"], "error log");
    assert_eq!(nginx.requests(), 0);
}

#[test]
fn raw_servers_break_the_handshake_as_they_say() {
    let table = [
        (TlsFault::Close, "unexpected eof while reading"),
        (TlsFault::Reset, "errno=104"),
        (TlsFault::Garbage, "wrong version number"),
        (TlsFault::PlainHttp, "wrong version number"),
    ];
    for (fault, said) in table {
        let server = RawServer::start(fault);
        for _ in 0..2 {
            let seen = seen(server.address().port(), &[]);
            assert_says(&seen, &[said, "CONNECTED"], &format!("{fault:?}"));
        }
        let counts = (server.accepted(), server.hellos());
        assert_eq!(counts, (2, 2), "{fault:?}");
    }
}

#[test]
fn a_silent_server_accepts_and_never_answers() {
    let server = RawServer::start(TlsFault::Silence);
    let output = s_client(2, server.address().port(), &[]);
    assert_eq!(output.status.code(), Some(ENDED_BY_TIMEOUT), "{output:?}");
    assert_eq!((server.accepted(), server.hellos()), (1, 0));
    assert_eq!(server.url("/x"), format!("https://{}/x", server.address()));
}

#[test]
fn a_raw_server_ends_with_its_value() {
    for fault in [TlsFault::Silence, TlsFault::Close] {
        let server = RawServer::start(fault);
        let address = server.address();
        drop(server);
        let refused = TcpStream::connect(address);
        assert!(refused.is_err(), "{fault:?} still listens on {address}");
    }
}
