//! Authentication challenges of servers.

use vayu_shared::auth::digest::{Challenge, DigestRequest};

/// Each input line is a value of `WWW-Authenticate`. The `Authorization` value fits on one header line and
/// repeats the parameters of the challenge.
pub fn digest_challenge(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let values: Vec<&str> = text.split(['\r', '\n']).collect();
    let Some(challenge) = Challenge::strongest(&values) else {
        return;
    };
    let answer = authorization(&challenge);
    assert!(answer.starts_with("Digest username="), "{answer}");
    assert!(!answer.contains(['\r', '\n']), "{answer:?}");
    // An `Authorization` value contains the parameters of its challenge, so it parses as a challenge again.
    let again = Challenge::strongest(&[&answer]).expect("a challenge in the answer");
    assert_eq!(authorization(&again), answer);
}

fn authorization(challenge: &Challenge) -> String {
    let request = DigestRequest {
        method: "GET",
        uri: "/a?b=c",
        body: b"",
        user: "Mufasa",
        password: "Circle of Life",
    };
    challenge.authorization(&request, "0a4f113b", 1)
}
