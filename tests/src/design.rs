//! Design requests and checks of their responses.

use serde_json::{Value, json};

use crate::{Answer, Engine};

/// Returns the body of a design request that sends `GET url`.
#[must_use]
pub fn get_request(url: &str) -> Value {
    json!({"method": "GET", "url": url})
}

/// Sends a design request that has to succeed and returns the response body.
///
/// # Panics
/// Panics if the status is not 200.
#[must_use]
pub fn made(engine: &Engine, body: &Value) -> Value {
    let answer = engine.post("/request", body);
    assert_eq!(answer.status, 200, "{body}: {answer:?}");
    answer.body
}

/// Checks the status, the code and a part of the message of an error response.
///
/// # Panics
/// Panics if one of them differs.
pub fn refused(answer: &Answer, status: u16, code: &str, part: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
    assert!(
        answer.message().contains(part),
        "{part:?} is not in {answer:?}"
    );
}
