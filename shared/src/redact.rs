//! Takes secrets out of what was asked for and what came back, where it is shown in lists or is
//! not to be stored: values of authentication, of headers that carry credentials, and of
//! variables that are marked as secret.
//!
//! What a body or a URL holds is not known to be a secret and stays.

use std::borrow::Cow;

use serde_json::Value;

/// What stands in place of a secret.
pub const REDACTED: &str = "(redacted)";

/// Header fields that carry credentials.
const HEADERS: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
];

/// Fields of `auth` that say how to authenticate, and with what name, but are no secret.
const PLAIN_AUTH: [&str; 17] = [
    "type",
    "granttype",
    "tokenurl",
    "authurl",
    "addto",
    "in",
    "key",
    "header",
    "headerprefix",
    "region",
    "service",
    "realm",
    "algorithm",
    "scope",
    "audience",
    "clientid",
    "username",
];

/// A JSON text without the secrets in it; the text itself where it has none, or is no JSON.
#[must_use]
pub fn redacted(text: &str) -> Cow<'_, str> {
    if !may_hold(text) {
        return Cow::Borrowed(text);
    }
    let Ok(mut value) = serde_json::from_str::<Value>(text) else {
        return Cow::Borrowed(text);
    };
    match walk(&mut value) {
        true => Cow::Owned(value.to_string()),
        false => Cow::Borrowed(text),
    }
}

/// Whether any of the words stands in the text, in any case: reading it costs more.
fn may_hold(text: &str) -> bool {
    let words = HEADERS.iter().chain(&["auth", "secret"]);
    let lower = text.to_ascii_lowercase();
    words.into_iter().any(|word| lower.contains(word))
}

/// Whether anything was taken out.
fn walk(value: &mut Value) -> bool {
    match value {
        Value::Array(entries) => {
            if let [Value::String(name), given] = entries.as_mut_slice()
                && is_secret_header(name)
            {
                return take_out(given);
            }
            entries
                .iter_mut()
                .fold(false, |any, entry| walk(entry) | any)
        }
        Value::Object(fields) => {
            let names_header = ["name", "key"].iter().any(|field| {
                fields
                    .get(*field)
                    .and_then(Value::as_str)
                    .is_some_and(is_secret_header)
            });
            let is_secret = fields.get("secret").and_then(Value::as_bool) == Some(true);
            let mut any = false;
            for (name, field) in fields.iter_mut() {
                any |= match name.as_str() {
                    "value" if names_header || is_secret => take_out(field),
                    "auth" if field.is_object() => walk_auth(field),
                    name if is_secret_header(name) => take_out(field),
                    _ => walk(field),
                };
            }
            any
        }
        _ => false,
    }
}

/// Everything that `auth` says is a secret, but for what is known to be none.
fn walk_auth(auth: &mut Value) -> bool {
    let Some(fields) = auth.as_object_mut() else {
        return false;
    };
    let mut any = false;
    for (name, field) in fields {
        let is_plain = PLAIN_AUTH.contains(&name.to_ascii_lowercase().as_str());
        any |= match field {
            Value::String(_) if is_plain => false,
            Value::String(_) | Value::Number(_) => take_out(field),
            Value::Object(_) => walk_auth(field),
            _ => walk(field),
        };
    }
    any
}

fn is_secret_header(name: &str) -> bool {
    HEADERS
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header))
}

fn take_out(value: &mut Value) -> bool {
    if value.is_null() || value == REDACTED {
        return false;
    }
    *value = REDACTED.into();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_taken_out_wherever_they_stand() {
        for body in [
            json!({"auth": {"type": "bearer", "token": "s3cret"}}),
            json!({"request": {"auth": {"type": "basic", "username": "kept", "password": "s3cret"}}}),
            json!({"auth": {"type": "apikey", "key": "kept", "value": "s3cret"}}),
            json!({"auth": {"type": "oauth2", "clientId": "kept", "clientSecret": "s3cret", "extra": {"deep": "s3cret"}}}),
            json!({"auth": {"type": "oauth2", "params": [{"name": "Authorization", "value": "s3cret"}], "clientId": "kept"}}),
            json!({"headers": {"Authorization": "s3cret", "X": "kept"}}),
            json!({"headers": {"COOKIE": ["s3cret", "s3cret"], "X": "kept"}}),
            json!({"headers": [["authorization", "s3cret"], ["x", "kept"]]}),
            json!({"headers": [{"name": "X-Api-Key", "value": "s3cret"}, {"name": "x", "value": "kept"}]}),
            json!({"variables": {"a": {"value": "s3cret", "secret": true}, "b": {"value": "kept", "secret": false}}}),
            json!({"response": {"headers": {"set-cookie": "s3cret", "x": "kept"}}}),
        ] {
            let text = body.to_string();
            let shown = redacted(&text);
            assert!(
                !shown.contains("s3cret") && shown.contains("kept") && shown.contains(REDACTED),
                "{shown}"
            );
        }
    }

    #[test]
    fn what_has_no_secret_stays_as_it_was_written() {
        for text in [
            r#"{ "n": 1.50, "url": "http://a/" }"#,
            r#"{"auth": {"type":"none"}, "headers":{"X":"y"}}"#,
            r#"{"auth": null, "secret": 1e2}"#,
            "authorization: no JSON",
            "",
        ] {
            assert_eq!(redacted(text), text);
        }
    }
}
