//! Conversion of requests to and from `pm.request`.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use vayu_shared::body::is_same_body;
use vayu_shared::http::Method;

use crate::contract::{Headers, RequestConfig, mode_of};
use crate::design::answer::SentRequest;
use crate::design::design_config::DesignConfig;
use crate::design::draft::Draft;

/// A request after a script ran.
#[derive(Debug, Deserialize)]
pub struct ChangedRequest {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Value,
    /// Authentication. `None` if the script did not access it.
    auth: Option<Map<String, Value>>,
}

/// Returns a request in Postman's definition format, without replacing variables.
pub fn definition(request: &RequestConfig, method: Method) -> Value {
    let header = header_list(request.lines());
    let auth = request.auth.as_ref().and_then(filled);
    json!({
        "method": method.as_str(), "url": request.url.trim(), "header": header,
        "body": body_definition(&request.body), "auth": auth,
    })
}

/// Returns a request as sent, in Postman's definition format. If nothing was sent, returns the request as it
/// was to be sent.
pub fn sent_definition(draft: &Draft, sent: Option<&SentRequest>) -> Value {
    let hop = &draft.hop;
    let own = &hop.headers[..draft.own_headers];
    let (url, lines) = match sent {
        Some(sent) => (sent.url.clone(), &sent.headers),
        None => (hop.shown_url(), &hop.headers),
    };
    let header = lines.iter().map(|(key, value)| {
        let is_own = own.iter().any(|(known, _)| known.eq_ignore_ascii_case(key));
        json!({"key": key, "value": value, "system": !is_own})
    });
    let header: Value = header.collect();
    json!({
        "method": hop.method.as_str(), "url": url, "header": header,
        "body": body_definition(&draft.body), "auth": filled(&draft.auth_fields),
    })
}

fn filled(auth: &Map<String, Value>) -> Option<&Map<String, Value>> {
    (!auth.is_empty()).then_some(auth)
}

pub fn header_list(lines: &[(String, String)]) -> Value {
    let list = lines
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value}));
    list.collect()
}

/// Returns a body in the format known to Postman's scripts. Modes unknown to Postman become raw text with a
/// language; bytes become a file.
fn body_definition(body: &Value) -> Value {
    let raw = |text: &str, language: &str| {
        let options = json!({"raw": {"language": language}});
        json!({"mode": "raw", "raw": text, "options": options})
    };
    match (mode_of(body), body) {
        (_, Value::Null) => Value::Null,
        (_, Value::String(text)) => json!({"mode": "raw", "raw": text}),
        (None, other) => raw(&other.to_string(), "json"),
        (Some("json"), _) => raw(&body["json"].to_string(), "json"),
        (Some(mode @ ("text" | "xml" | "html" | "javascript")), _) => {
            raw(body[mode].as_str().unwrap_or_default(), mode)
        }
        (Some("bytes"), _) => json!({"mode": "file", "file": {"content": body["bytes"]}}),
        (Some("binary"), _) => match body["binary"].get("base64") {
            Some(base64) => json!({"mode": "file", "file": {"content": base64}}),
            None => json!({"mode": "file", "file": body["binary"]}),
        },
        (Some(_), _) => body.clone(),
    }
}

impl ChangedRequest {
    /// Parses the output of `request.toWire()`.
    pub fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// Applies the changed request to a design request.
    ///
    /// # Errors
    /// Returns an error that names the invalid field and its value.
    pub fn apply(self, config: &mut DesignConfig) -> Result<(), String> {
        config.method = Method::any(&self.method).ok_or_else(|| {
            format!(
                "the script set the method to \"{}\", which is not a valid HTTP method",
                self.method
            )
        })?;
        let request = &mut config.request;
        request.url = self.url;
        request.headers = Some(Headers(self.headers));
        request.auth = self.auth.or(request.auth.take());
        if !is_same_body(&self.body, &body_definition(&request.body)) {
            request.body = self.body;
        }
        Ok(())
    }

    /// Converts it to an independent request.
    pub fn into_request(self) -> RequestConfig {
        RequestConfig {
            method: self.method,
            custom_method: Some(true),
            url: self.url,
            headers: Some(Headers(self.headers)),
            body: self.body,
            auth: self.auth,
            ..RequestConfig::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_a_script_left_alone_keep_their_digits() {
        let read = |text: &str| vayu_shared::json::read(text).expect("JSON");
        let given = read(
            r#"{"mode":"urlencoded","urlencoded":{"a":[9007199254740993,1.00,-0,1E400],"b":"x"}}"#,
        );
        for (now, same) in [
            (r#"{"a":[9007199254740992,1,0,null],"b":"x"}"#, true),
            (r#"{"a":[9007199254740994,1,0,null],"b":"x"}"#, false),
            (r#"{"a":[9007199254740992,1,0],"b":"x"}"#, false),
            (r#"{"a":[9007199254740992,1,0,null],"b":"y"}"#, false),
            (r#"{"a":[9007199254740992,1,0,null],"b":"x","c":1}"#, false),
        ] {
            let now = read(&format!(r#"{{"mode":"urlencoded","urlencoded":{now}}}"#));
            assert_eq!(is_same_body(&now, &body_definition(&given)), same, "{now}");
        }
    }

    #[test]
    fn every_body_is_one_that_scripts_know() {
        let raw = |text: &str, language: &str| json!({"mode": "raw", "raw": text, "options": {"raw": {"language": language}}});
        for (body, expected) in [
            (
                json!({"mode": "json", "json": {"a": 1}}),
                raw("{\"a\":1}", "json"),
            ),
            (json!({"mode": "xml", "xml": "<a/>"}), raw("<a/>", "xml")),
            (
                json!({"mode": "dark", "x": 1}),
                raw("{\"mode\":\"dark\",\"x\":1}", "json"),
            ),
            (
                json!({"mode": 5, "raw": "x"}),
                raw("{\"mode\":5,\"raw\":\"x\"}", "json"),
            ),
            (json!("x"), json!({"mode": "raw", "raw": "x"})),
            (json!(null), json!(null)),
            (
                json!({"mode": "urlencoded", "urlencoded": []}),
                json!({"mode": "urlencoded", "urlencoded": []}),
            ),
            (
                json!({"mode": "bytes", "bytes": "YQ=="}),
                json!({"mode": "file", "file": {"content": "YQ=="}}),
            ),
        ] {
            assert_eq!(body_definition(&body), expected, "{body}");
        }
    }
}
