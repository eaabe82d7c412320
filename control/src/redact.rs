//! Removes secrets from requests and responses before they are shown in lists or, with `--redact-secrets`,
//! stored: values of authentication, of headers that carry credentials, and of variables marked as secret.
//!
//! Contents of bodies and URLs are not known to be secret and are kept.

use std::borrow::Cow;

use serde_json::Value;
use vayu_shared::json;

/// Replacement for a secret.
pub const REDACTED: &str = "(redacted)";

/// Minimum length of a secret that is searched for elsewhere, in bytes.
const MIN_SECRET_BYTES: usize = 4;

/// Header fields that carry credentials.
const HEADERS: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
];

/// Fields of `auth` that hold the method, names and identifiers, and no secrets.
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

/// Returns JSON text without its secrets. Returns the text unchanged if it cannot contain any or is not JSON.
#[must_use]
pub fn redacted(text: &str) -> Cow<'_, str> {
    if !may_contain_secret(text) {
        return Cow::Borrowed(text);
    }
    let Ok(mut value) = json::read(text) else {
        return Cow::Borrowed(text);
    };
    walk(&mut value, &mut |_| ());
    // The text is rewritten in any case: if an object has several members of one name, the text contains all
    // of them, but the value only the last.
    Cow::Owned(value.to_string())
}

/// Returns the secrets in JSON text, to remove them from other texts with [`without`].
#[must_use]
pub fn secrets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(mut value) = json::read(text) {
        walk(&mut value, &mut |secret| found.push(secret.to_owned()));
    }
    // Shorter strings occur everywhere by chance.
    found.retain(|secret| secret.len() >= MIN_SECRET_BYTES);
    // One secret may contain another, so the longest come first.
    found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    found
}

/// Returns JSON text with all occurrences of these secrets replaced.
#[must_use]
pub fn without(text: String, secrets: &[String]) -> String {
    secrets.iter().fold(text, |text, secret| {
        let quoted = Value::from(secret.as_str()).to_string();
        let written = &quoted[1..quoted.len() - 1];
        match text.contains(written) {
            true => text.replace(written, REDACTED),
            false => text,
        }
    })
}

/// Returns whether the text may contain one of the keywords, in any case; cheaper than parsing. An escape may
/// spell any of them.
fn may_contain_secret(text: &str) -> bool {
    let words = HEADERS.iter().chain(&["auth", "secret", "@", "\\u"]);
    let lower = text.to_ascii_lowercase();
    words.into_iter().any(|word| lower.contains(word))
}

/// Replaces secrets and passes each to `tell`.
fn walk(value: &mut Value, tell: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => {
            if let Some(shown) = without_login(text, tell) {
                *text = shown;
            }
        }
        Value::Array(entries) => {
            if let [Value::String(name), given] = entries.as_mut_slice()
                && is_secret_header(name)
            {
                return redact_value(given, tell);
            }
            entries.iter_mut().for_each(|entry| walk(entry, tell));
        }
        Value::Object(fields) => {
            let names_header = ["name", "key"].iter().any(|field| {
                fields
                    .get(*field)
                    .and_then(Value::as_str)
                    .is_some_and(is_secret_header)
            });
            let is_secret = fields.get("secret").and_then(Value::as_bool) == Some(true);
            for (name, field) in fields.iter_mut() {
                match name.as_str() {
                    "value" if names_header || is_secret => redact_value(field, tell),
                    name if name.eq_ignore_ascii_case("auth") && !field.is_string() => {
                        walk_auth(field, tell);
                    }
                    name if is_secret_header(name) => redact_value(field, tell),
                    _ => walk(field, tell),
                }
            }
        }
        _ => {}
    }
}

/// Replaces every value of `auth` except those known not to be secret. Also handles Postman's form,
/// `[{"key": "token", "value": "…"}]`.
fn walk_auth(auth: &mut Value, tell: &mut dyn FnMut(&str)) {
    match auth {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| walk_auth(entry, tell)),
        Value::Object(fields) => {
            let is_plain = fields
                .get("key")
                .and_then(Value::as_str)
                .is_some_and(|key| {
                    is_plain(key) && fields.len() <= 3 && fields.contains_key("value")
                })
                && !fields.contains_key("type");
            for (name, field) in fields {
                match field {
                    Value::String(text) if is_plain || is_plain_field(name) => {
                        if let Some(shown) = without_login(text, tell) {
                            *text = shown;
                        }
                    }
                    Value::String(_) | Value::Number(_) => redact_value(field, tell),
                    _ => walk_auth(field, tell),
                }
            }
        }
        _ => {}
    }
}

fn is_plain(name: &str) -> bool {
    // The `key` of an API key may have any of these names, and its `value` is a secret.
    is_plain_field(name) && !name.eq_ignore_ascii_case("key")
}

fn is_plain_field(name: &str) -> bool {
    PLAIN_AUTH.contains(&name.to_ascii_lowercase().as_str())
}

/// Returns the URL without its user and password, or `None` if it has none.
fn without_login(text: &str, tell: &mut dyn FnMut(&str)) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (login, _) = rest[..end].rsplit_once('@')?;
    if login == REDACTED {
        return None;
    }
    if let Some((_, password)) = login.split_once(':') {
        tell(password);
    }
    Some(format!("{scheme}://{REDACTED}{}", &rest[login.len()..]))
}

fn is_secret_header(name: &str) -> bool {
    HEADERS
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header))
}

fn redact_value(value: &mut Value, tell: &mut dyn FnMut(&str)) {
    match value {
        Value::Null => return,
        Value::String(text) if text == REDACTED => return,
        Value::String(text) => {
            // Other texts may contain the token without the scheme of `Bearer TOKEN`.
            tell(
                text.rsplit_once(' ')
                    .map_or(text.as_str(), |(_, last)| last),
            );
        }
        Value::Array(entries) => {
            let texts = entries.iter().filter_map(Value::as_str);
            texts.for_each(&mut *tell);
        }
        _ => {}
    }
    *value = REDACTED.into();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_taken_out_wherever_they_stand() {
        for body in [
            json!({"n": "kept", "auth": {"type": "bearer", "token": "s3cret"}}),
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
            r#"{"auth":{"type":"none"},"headers":{"X":"y"},"n":1.50,"e":1e2}"#,
            r#"{"auth":null,"secret":1e2}"#,
            r#"{"url":"http://a/@x","b":"a@b"}"#,
            "authorization: no JSON",
            "",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn names_may_be_escaped_doubled_or_of_another_case() {
        for text in [
            r#"{"\u0061uth":{"type":"bearer","token":"s3cret"}}"#,
            r#"{"auth":{"type":"bearer","token":"s3cret"},"auth":null}"#,
            r#"{"Auth":{"type":"bearer","token":"s3cret"}}"#,
            r#"{"auth":{"type":"bearer","bearer":[{"key":"token","value":"s3cret","type":"string"}]}}"#,
            r#"{"auth":{"type":"oauth2","tokenUrl":"http://u:s3cret@h/t"}}"#,
            r#"{"proxy":"http://u:s3cret@h:1"}"#,
        ] {
            assert!(
                !redacted(text).contains("s3cret"),
                "{text}: {}",
                redacted(text)
            );
        }
    }

    #[test]
    fn secrets_are_found_elsewhere_as_well() {
        let asked = r#"{"auth":{"type":"apikey","key":"X","value":"s3c\"ret"},"headers":{"Authorization":"Bearer t0ken"},
            "variables":{"v":{"value":"v4lue","secret":true}},"url":"http://u:passw0rd@h/"}"#;
        let found = secrets(asked);
        assert_eq!(found.len(), 4, "{found:?}");
        let trace = json!({"headers": {"X": "s3c\"ret", "Y": "t0ken"}, "url": "/?a=v4lue", "p": "passw0rd", "k": "kept"});
        let shown = without(trace.to_string(), &found);
        for secret in ["s3c", "t0ken", "v4lue", "passw0rd"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("kept"));
        serde_json::from_str::<Value>(&shown).expect("it is still JSON");
    }
}
