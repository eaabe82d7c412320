//! The definition of `pm.request` for the test script, created from the request that was sent.
//!
//! Method, URL, headers and body are read from the bytes. The planned request determines which headers the
//! user defined and which mode the body has. Bodies of the modes `formdata` and `file` are shown as planned.

use std::borrow::Cow;

use serde_json::{Value, json};
use url::form_urlencoded;

/// The parts of a request.
struct Sent<'a> {
    method: &'a str,
    target: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
}

/// Returns the definition of a request that was sent to `origin` as the bytes `sent`. `planned` is its
/// definition as planned.
pub fn definition(planned: &str, sent: &[u8], origin: &str) -> String {
    let Some(sent) = Sent::read(sent) else {
        return planned.to_owned();
    };
    let mut request: Value = serde_json::from_str(planned).unwrap_or_default();
    let lines = sent.headers.iter().map(|(key, value)| {
        let is_own = is_planned(&request["header"], key);
        json!({"key": key, "value": value, "system": !is_own})
    });
    let header: Value = lines.collect();
    request["method"] = sent.method.into();
    request["url"] = format!("{origin}{}", sent.target).into();
    request["header"] = header;
    request["body"] = body_of(&request["body"], &sent);
    request.to_string()
}

fn is_planned(header: &Value, name: &str) -> bool {
    let mut keys = header.as_array().into_iter().flatten();
    keys.any(|line| {
        line["key"]
            .as_str()
            .is_some_and(|key| key.eq_ignore_ascii_case(name))
    })
}

fn body_of(planned: &Value, sent: &Sent<'_>) -> Value {
    let bytes = sent.payload();
    let mut body = planned.clone();
    match planned["mode"].as_str() {
        Some("formdata" | "file") => {}
        Some("urlencoded") => {
            let pairs = form_urlencoded::parse(&bytes);
            body["urlencoded"] = pairs
                .map(|(key, value)| json!({"key": key, "value": value}))
                .collect();
        }
        Some("graphql") => {
            let query: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            body["graphql"] = graphql(&planned["graphql"], &query);
        }
        None if bytes.is_empty() => {}
        _ => {
            body["mode"] = "raw".into();
            body["raw"] = String::from_utf8_lossy(&bytes).into();
        }
    }
    body
}

/// Returns the GraphQL query that was sent, with variables as a string if they were planned as a string.
fn graphql(planned: &Value, sent: &Value) -> Value {
    let mut shown = sent.clone();
    if planned["variables"].is_string() {
        shown["variables"] = sent["variables"].to_string().into();
    }
    shown
}

impl<'a> Sent<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let mut lines = str::from_utf8(&bytes[..end]).ok()?.split("\r\n");
        let mut words = lines.next()?.splitn(3, ' ');
        Some(Self {
            method: words.next()?,
            target: words.next()?,
            headers: lines.filter_map(|line| line.split_once(": ")).collect(),
            body: &bytes[end + 4..],
        })
    }

    /// Returns the body without chunk framing.
    fn payload(&self) -> Cow<'a, [u8]> {
        let is_framing = |name: &str| name.eq_ignore_ascii_case("transfer-encoding");
        match self.headers.iter().any(|(name, _)| is_framing(name)) {
            true => without_chunks(self.body).into(),
            false => self.body.into(),
        }
    }
}

/// Returns the payload of a chunked body as the engine writes it: no extensions, no trailers.
fn without_chunks(body: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    let mut rest = body;
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = str::from_utf8(&rest[..end]).ok();
        let size = size.and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let Some(chunk) = rest.get(end + 2..end + 2 + size.unwrap_or(0)) else {
            break;
        };
        payload.extend_from_slice(chunk);
        rest = rest.get(end + 4 + chunk.len()..).unwrap_or_default();
    }
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(planned: &Value, sent: &str) -> Value {
        let text = definition(&planned.to_string(), sent.as_bytes(), "http://a:8080");
        serde_json::from_str(&text).expect("JSON")
    }

    #[test]
    fn method_url_and_headers_are_those_that_were_sent() {
        let planned = json!({"method": "GET", "url": "http://a:8080/{{id}}", "auth": {"type": "bearer"},
            "header": [{"key": "X-Own", "value": "{{v}}"}]});
        let sent = "PUT /7?q=%20 HTTP/1.1\r\nHost: a:8080\r\nx-own: one: two\r\nAuthorization: Bearer t\r\n\r\n";
        let told = shown(&planned, sent);
        assert_eq!(
            (&told["method"], &told["url"]),
            (&json!("PUT"), &json!("http://a:8080/7?q=%20"))
        );
        let expected = json!([
            {"key": "Host", "value": "a:8080", "system": true},
            {"key": "x-own", "value": "one: two", "system": false},
            {"key": "Authorization", "value": "Bearer t", "system": true},
        ]);
        assert_eq!((&told["header"], &told["body"]), (&expected, &Value::Null));
        assert_eq!(told["auth"], planned["auth"]);
        // A request that cannot be parsed is shown as planned.
        assert_eq!(shown(&planned, "nonsense"), planned);
    }

    #[test]
    fn a_body_is_shown_in_the_mode_it_was_planned_in() {
        let options = json!({"raw": {"language": "json"}});
        let form = json!({"mode": "formdata", "formdata": [{"key": "a", "value": "b"}]});
        for (planned, sent, expected) in [
            (json!(null), "x", json!({"mode": "raw", "raw": "x"})),
            (json!(null), "", json!(null)),
            (
                json!({"mode": "raw", "raw": "{{a}}", "options": options}),
                "{\"a\":1}",
                json!({"mode": "raw", "raw": "{\"a\":1}", "options": options}),
            ),
            (
                json!({"mode": "urlencoded", "urlencoded": [{"key": "{{k}}", "value": "v"}]}),
                "k+1=%C3%A9&k=",
                json!({"mode": "urlencoded", "urlencoded": [{"key": "k 1", "value": "é"}, {"key": "k", "value": ""}]}),
            ),
            (
                json!({"mode": "graphql", "graphql": {"query": "{a}", "variables": "{{v}}"}}),
                r#"{"query":"{a}","variables":{"n":1}}"#,
                json!({"mode": "graphql", "graphql": {"query": "{a}", "variables": "{\"n\":1}"}}),
            ),
            (form.clone(), "--b\r\n", form),
        ] {
            let planned = json!({"method": "POST", "url": "/", "body": planned});
            let told = shown(
                &planned,
                &format!("POST / HTTP/1.1\r\nHost: a\r\n\r\n{sent}"),
            );
            assert_eq!(told["body"], expected, "{sent}");
        }
        let sent =
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(shown(&json!({}), sent)["body"]["raw"], "abcde");
    }
}
