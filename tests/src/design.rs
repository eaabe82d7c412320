//! Design requests and what comes of them.

use serde_json::{Value, json};

use crate::{Answer, Engine};

/// A design request that gets a URL.
#[must_use]
pub fn get_request(url: &str) -> Value {
    json!({"method": "GET", "url": url})
}

/// What a request that has to get an answer is answered with.
///
/// # Panics
/// When it is refused.
#[must_use]
pub fn made(engine: &Engine, body: &Value) -> Value {
    let answer = engine.post("/request", body);
    assert_eq!(answer.status, 200, "{body}: {answer:?}");
    answer.body
}

/// Holds a refusal against its status, its code and a part of its message.
///
/// # Panics
/// When it is another one.
pub fn refused(answer: &Answer, status: u16, code: &str, part: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
    assert!(
        answer.message().contains(part),
        "{part:?} is not in {answer:?}"
    );
}
