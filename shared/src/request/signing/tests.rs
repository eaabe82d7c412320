//! Tests what is added to requests, to which of them, and for how long.

use super::*;
use crate::dynamic::DynamicSource;
use crate::http::{Endpoint, Header, Method};
use crate::request::RequestTemplate;
use crate::request::Values;
use crate::request::http1::{Encoder, Scratch};
use crate::spec::RequestSpec;
use crate::template::{Deferred, NoVariables};

const CHALLENGE: &str = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"";

fn request(method: Method, headers: &[(&str, &str)], body: &[u8]) -> RequestSpec {
    let url = "http://h/dir/index.html";
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| Header::new(name, value).expect("legal"));
    RequestSpec {
        headers: headers.collect(),
        body: body.to_vec(),
        ..RequestSpec::new(method, url, Endpoint::parse(url).expect("legal"))
    }
}

fn get() -> RequestSpec {
    request(Method::Get, &[], b"")
}

fn signed(signer: &mut Signer, request: &RequestSpec, unix_ns: u64) -> (String, Validity) {
    let template = RequestTemplate::new(request, Deferred::Dynamic).signed(signer.signing());
    let values = Values {
        source: &mut DynamicSource::new(1),
        unix_ns,
        variables: &NoVariables,
    };
    let mut bytes = Vec::new();
    let encoder = Encoder::new(&template, true);
    let signer = Some(signer).filter(|_| template.is_signed());
    let validity = encoder.render(values, signer, &mut Scratch::default(), &mut bytes);
    (String::from_utf8_lossy(&bytes).into_owned(), validity)
}

fn digest(challenge: Option<&str>, shard: usize) -> Signer {
    let challenge = challenge.and_then(|text| Challenge::strongest(&[text]));
    let signing = Signing::Digest {
        user: "u".to_owned(),
        password: "p".to_owned(),
        challenge,
    };
    Signer::new(signing, shard, 3, 7)
}

#[test]
fn a_token_goes_behind_the_other_headers_and_can_be_renewed() {
    let mut signer = Signer::new(Signing::Token(RunToken::new("Bearer a")), 0, 1, 7);
    let (sent, validity) = signed(
        &mut signer,
        &request(Method::Post, &[("A", "b")], b"body"),
        0,
    );
    assert!(
        sent.ends_with("\r\nA: b\r\nAuthorization: Bearer a\r\n\r\nbody"),
        "{sent}"
    );
    assert_eq!(validity, Validity::Token);
    signer.renew(RunToken::new("Bearer b"));
    let (sent, _) = signed(&mut signer, &get(), 0);
    assert!(sent.contains("Authorization: Bearer b\r\n"), "{sent}");
}

#[test]
fn only_the_token_in_use_is_refused() {
    let (first, second) = (RunToken::new("Bearer a"), RunToken::new("Bearer b"));
    let mut signer = Signer::new(Signing::Token(first.clone()), 0, 1, 7);
    signer.saw(403, b"");
    assert!(!first.is_rejected());
    signer.saw(401, b"");
    assert!(first.is_rejected());
    signer.renew(second.clone());
    assert!(!second.is_rejected());
    signer.saw(401, b"");
    assert!(second.is_rejected());
}

#[test]
fn dynamic_credentials_are_encoded_when_they_are_known() {
    let signing = Signing::Basic {
        user: Template::of_dynamic("u{{$timestamp}}"),
        password: Template::of_dynamic("p"),
    };
    let mut signer = Signer::new(signing, 0, 1, 7);
    let (sent, validity) = signed(&mut signer, &get(), 5 * SECOND);
    assert!(sent.contains(&basic("u5", "p")), "{sent}");
    assert_eq!(validity, Validity::Once);
}

#[test]
fn shards_share_the_counts_of_a_nonce() {
    let counts = |shard| {
        let mut signer = digest(Some(CHALLENGE), shard);
        let counts = (0..3).map(|_| {
            let (sent, _) = signed(&mut signer, &get(), 0);
            let count = sent.split("nc=").nth(1).map(|rest| rest[..8].to_owned());
            count.expect("a count")
        });
        counts.collect::<Vec<_>>()
    };
    assert_eq!(counts(0), ["00000001", "00000004", "00000007"]);
    assert_eq!(counts(2), ["00000003", "00000006", "00000009"]);
}

#[test]
fn a_challenge_is_answered_from_then_on() {
    let mut signer = digest(None, 1);
    assert!(!signed(&mut signer, &get(), 0).0.contains("Authorization"));
    let head = format!("HTTP/1.1 401 No\r\nwww-authenticate: {CHALLENGE}\r\n\r\n");
    signer.saw(200, head.as_bytes());
    assert!(!signed(&mut signer, &get(), 0).0.contains("Authorization"));
    signer.saw(401, head.as_bytes());
    let (sent, _) = signed(&mut signer, &get(), 0);
    assert!(
        sent.contains("nonce=\"n1\"") && sent.contains("nc=00000001"),
        "{sent}"
    );
    assert!(sent.contains("uri=\"/dir/index.html\""), "{sent}");
    // Repeating the same challenge is not a new nonce.
    signer.saw(401, head.as_bytes());
    assert!(signed(&mut signer, &get(), 0).0.contains("nc=00000002"));
    signer.saw(401, head.replace("n1", "n2").as_bytes());
    let (sent, _) = signed(&mut signer, &get(), 0);
    assert!(
        sent.contains("nonce=\"n2\"") && sent.contains("nc=00000001"),
        "{sent}"
    );
}

#[test]
fn what_has_an_authorization_is_left_alone() {
    let own = request(Method::Get, &[("authorization", "mine")], b"");
    for signing in [
        Signing::Token(RunToken::new("Bearer a")),
        Signing::Aws(aws_key(Some("t"))),
    ] {
        let (sent, validity) = signed(&mut Signer::new(signing, 0, 1, 7), &own, 0);
        assert!(sent.ends_with("\r\nauthorization: mine\r\n\r\n"), "{sent}");
        assert!(!sent.contains("Authorization"), "{sent}");
        assert_eq!(validity, Validity::Once);
    }
}

/// Returns the value of `Authorization`.
fn authorization(sent: &str) -> String {
    let value = sent.split("\r\nAuthorization: ").nth(1).expect("signed");
    value.split("\r\n").next().expect("a line").to_owned()
}

#[test]
fn aws_headers_of_the_user_are_sent_once_and_the_host_is_signed() {
    let signed_with = |headers: &[(&str, &str)]| {
        let mut signer = Signer::new(Signing::Aws(aws_key(Some("t"))), 0, 1, 7);
        let request = request(Method::Get, headers, b"");
        let (sent, _) = signed(&mut signer, &request, 1_440_938_160 * SECOND);
        let count = |name: &str| {
            let lines = sent.to_ascii_lowercase();
            lines.matches(&format!("\r\n{name}: ")).count()
        };
        assert_eq!(
            (count("x-amz-security-token"), count("x-amz-date")),
            (1, 1),
            "{sent}"
        );
        authorization(&sent)
    };
    let plain = signed_with(&[("Host", "a.example")]);
    let own = signed_with(&[
        ("hOST", "a.example"),
        ("x-amz-security-token", "t"),
        ("X-AMZ-DATE", "never"),
    ]);
    assert_eq!(plain, own);
    assert_ne!(plain, signed_with(&[("Host", "b.example")]));
}

#[test]
fn aws_signs_what_is_in_the_chunks() {
    let signature = |body: &[u8]| {
        let headers = [("Transfer-Encoding", "chunked")];
        let mut signer = Signer::new(Signing::Aws(aws_key(None)), 0, 1, 7);
        let request = request(Method::Put, &headers, body);
        let (sent, _) = signed(&mut signer, &request, 1_440_938_160 * SECOND);
        authorization(&sent)
    };
    let headers = || {
        vec![
            ("Host".to_owned(), "h".to_owned()),
            ("Accept".to_owned(), "*/*".to_owned()),
        ]
    };
    let unframed = SignedRequest {
        method: "PUT",
        target: "/dir/index.html",
        headers: &headers,
        body: b"a\xff\n",
    };
    let lines = unframed.aws_lines(&aws_key(None), 1_440_938_160);
    assert_eq!(
        lines.last().map(|(_, value)| value.clone()),
        Some(signature(b"a\xff\n"))
    );
    assert_ne!(signature(b"a\xff\n"), signature(b"a\xfe\n"));
}

fn aws_key(session_token: Option<&str>) -> AwsKey {
    AwsKey {
        access_key: "AKIDEXAMPLE".to_owned(),
        secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: session_token.map(str::to_owned),
        region: "us-east-1".to_owned(),
        service: "service".to_owned(),
    }
}

#[test]
fn aws_signs_what_is_sent() {
    let headers = || vec![("Host".to_owned(), "example.amazonaws.com".to_owned())];
    let vanilla = SignedRequest {
        method: "GET",
        target: "/",
        headers: &headers,
        body: b"",
    };
    let lines = vanilla.aws_lines(&aws_key(None), 1_440_938_160);
    // The signature of the suite's `get-vanilla`.
    let signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    assert!(
        lines.iter().any(|(_, value)| value.contains(signature)),
        "{lines:?}"
    );
    let mut signer = Signer::new(Signing::Aws(aws_key(None)), 0, 1, 7);
    let (_, validity) = signed(&mut signer, &get(), 1_440_938_160 * SECOND);
    assert_eq!(validity, Validity::Second(1_440_938_160));
}
