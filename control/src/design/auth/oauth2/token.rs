//! The response of a token endpoint (RFC 6749, 5.1 and 5.2) and the lifetime of its token.
//!
//! Only JSON is parsed. The granted scopes are not checked, and tokens are not parsed: they are opaque to the
//! client.

use std::fmt;

use serde_json::{Map, Value};

use super::HIDDEN;

/// Maximum time before its expiry at which a token is renewed, in milliseconds.
const AHEAD_MS: u64 = 30_000;
/// Maximum length of server-provided text in an error message, in characters.
const MAX_WORDS: usize = 300;

/// A token and its lifetime.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The access token: printable ASCII, not empty.
    pub access_token: String,
    /// Token type as given by the server. Default `Bearer`.
    pub token_type: String,
    /// Refresh token, which can be exchanged for a new token.
    pub refresh_token: Option<String>,
    /// Expiry in milliseconds on the clock given to [`AccessToken::parse`]. `None` if the server specifies none.
    pub expires_at_ms: Option<u64>,
    /// When to renew the token, on the same clock: 30 s before its expiry, or a tenth of its lifetime if that
    /// is less.
    pub renew_at_ms: Option<u64>,
}

impl AccessToken {
    /// Parses a response with status `status`, received at `now_ms` milliseconds.
    ///
    /// # Errors
    /// Returns a message with the status and either the server's `error` and `error_description`, if it
    /// refused, or what is wrong with the response.
    pub fn parse(status: u16, body: &[u8], now_ms: u64) -> Result<Self, String> {
        let answer: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
        let answered = format!("the token endpoint answered {status}");
        let refusal = answer.as_ref().and_then(refusal);
        if let Some(refusal) = refusal {
            return Err(format!("{answered}: {refusal}"));
        }
        if !(200..300).contains(&status) {
            return Err(format!("{answered} without an OAuth error"));
        }
        let Some(answer) = answer else {
            return Err(format!("{answered}, but its body is not a JSON object"));
        };
        let text = |name: &str| {
            let text = answer.get(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty())
        };
        let access_token =
            text("access_token").ok_or_else(|| format!("{answered} without an access_token"))?;
        let token_type = text("token_type").unwrap_or("Bearer");
        for (name, value) in [
            ("an access_token", access_token),
            ("a token_type", token_type),
        ] {
            // A line break would let the server inject headers.
            if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
                return Err(format!(
                    "{answered} with {name} that is not printable ASCII and cannot be sent in a header"
                ));
            }
        }
        let life_ms = answer.get("expires_in").and_then(milliseconds);
        let expires_at_ms = life_ms.map(|life| now_ms.saturating_add(life));
        let ahead_ms = life_ms.map_or(0, |life| AHEAD_MS.min(life / 10));
        Ok(Self {
            access_token: access_token.to_owned(),
            token_type: token_type.to_owned(),
            refresh_token: text("refresh_token").map(str::to_owned),
            expires_at_ms,
            renew_at_ms: expires_at_ms.map(|end| end - ahead_ms),
        })
    }

    /// Returns whether the token can be used at `now_ms` without being renewed first. A token without an
    /// expiry is always fresh.
    #[must_use]
    pub fn is_fresh(&self, now_ms: u64) -> bool {
        self.renew_at_ms.is_none_or(|renew| now_ms < renew)
    }

    /// Returns this token, with the refresh token of `earlier` if it has none of its own: if a server returns
    /// no new refresh token, the old one remains valid.
    #[must_use]
    pub fn succeeding(mut self, earlier: &Self) -> Self {
        if self.refresh_token.is_none() {
            self.refresh_token.clone_from(&earlier.refresh_token);
        }
        self
    }

    /// Returns the value of the `Authorization` header. `bearer` is written as `Bearer`, for APIs that
    /// compare it case-sensitively.
    #[must_use]
    pub fn authorization(&self) -> String {
        let scheme = if self.token_type.eq_ignore_ascii_case("Bearer") {
            "Bearer"
        } else {
            &self.token_type
        };
        format!("{scheme} {}", self.access_token)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refresh_token = self.refresh_token.as_ref().map(|_| HIDDEN);
        formatter
            .debug_struct("Token")
            .field("access_token", &HIDDEN)
            .field("token_type", &self.token_type)
            .field("refresh_token", &refresh_token)
            .field("expires_at_ms", &self.expires_at_ms)
            .field("renew_at_ms", &self.renew_at_ms)
            .finish()
    }
}

/// Returns the server's own error text, if the response is an OAuth error.
fn refusal(answer: &Map<String, Value>) -> Option<String> {
    let words = |name: &str| answer.get(name).and_then(Value::as_str).map(printable);
    let error = words("error")?;
    Some(match words("error_description") {
        Some(description) => format!("{error}: {description}"),
        None => error,
    })
}

/// Returns server-provided text on one line and with limited length.
fn printable(text: &str) -> String {
    let letters = text.chars().take(MAX_WORDS);
    letters
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// Converts seconds to milliseconds. Some servers send seconds as a string or with a fraction.
fn milliseconds(seconds: &Value) -> Option<u64> {
    let seconds = match seconds {
        Value::String(digits) => digits.trim().parse().ok(),
        other => other.as_f64(),
    };
    // The cast saturates values out of range.
    seconds
        .filter(|seconds: &f64| *seconds >= 0.0)
        .map(|seconds| (seconds * 1_000.0) as u64)
}
