//! Options that describe the request of a load run, converted to the `request` of `POST /run`. Files and
//! standard input are read for the body only.

use std::fs::File;
use std::io::Read;

use clap::Args;
use serde_json::{Map, Value, json};
use vayu_shared::body::as_base64;
use vayu_shared::http::Method;
use vayu_shared::limits;

use super::UsageError;

/// What to send.
#[derive(Clone, Debug, Args)]
pub struct RequestArgs {
    /// Target, like http://127.0.0.1:8080/path; the default scheme is http://
    url: String,
    /// Send path and query as typed: dot segments are kept, nothing is encoded
    #[arg(long)]
    path_as_is: bool,
    /// HTTP method: any token, sent as typed unless it is a known method [default: GET, or POST with --body]
    #[arg(short = 'X', long)]
    method: Option<String>,
    /// Header line, like "Accept: text/html"; repeatable, also with the same name
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Request body: text, @FILE for a file's bytes, or @- for standard input; JSON is sent as
    /// application/json
    #[arg(short, long)]
    body: Option<String>,
}

impl RequestArgs {
    /// Returns the `request` of the API.
    ///
    /// # Errors
    /// Returns a usage error for a header line without a colon or an unreadable file.
    pub fn to_json(&self) -> anyhow::Result<Value> {
        let mut headers = self.header_lines()?;
        let implied = if self.body.is_some() { "POST" } else { "GET" };
        let bytes = self.body.as_deref().map(body_bytes).transpose()?;
        let text = bytes.as_deref().map(std::str::from_utf8);
        let is_json = text.and_then(Result::ok).is_some_and(|text| {
            let value = serde_json::from_str(text);
            matches!(value, Ok(Value::Object(_) | Value::Array(_)))
        });
        let is_named = |name: &String| name.eq_ignore_ascii_case("content-type");
        if is_json && !headers.keys().any(is_named) {
            headers.insert("Content-Type".into(), "application/json".into());
        }
        let method = self.method.as_deref().unwrap_or(implied);
        let mut request = json!({
            "method": method,
            "url": with_scheme(&self.url),
            "headers": headers,
            // The text is sent unchanged, including numbers and whitespace.
            "body": bytes.map(|bytes| match String::from_utf8(bytes) {
                Ok(text) => text.into(),
                Err(bytes) => as_base64(bytes.as_bytes()),
            }),
        });
        if Method::parse(method).is_none() {
            request["customMethod"] = true.into();
        }
        if self.path_as_is {
            request["pathAsIs"] = true.into();
        }
        Ok(request)
    }

    /// Groups the header lines by name, with the values in the order typed, under the first spelling of the
    /// name. Names are case-insensitive (RFC 9110, 5.1), and the order of the values is significant (5.3).
    fn header_lines(&self) -> anyhow::Result<Map<String, Value>> {
        let mut lines: Map<String, Value> = Map::new();
        for line in &self.headers {
            let (name, value) = line.split_once(':').ok_or_else(|| {
                UsageError(format!(
                    "--header \"{line}\" has no colon; write \"Name: value\""
                ))
            })?;
            let (name, value) = (name.trim(), value.trim());
            let is_same = |known: &&String| known.eq_ignore_ascii_case(name);
            let name = lines.keys().find(is_same).map_or(name, String::as_str);
            let name = name.to_owned();
            match lines.get_mut(&name) {
                Some(Value::Array(values)) => values.push(value.into()),
                Some(first) => *first = json!([first.take(), value]),
                None => {
                    lines.insert(name, value.into());
                }
            }
        }
        Ok(lines)
    }
}

/// Prepends `http://` to a URL without a scheme.
fn with_scheme(url: &str) -> String {
    let is_scheme = |text: &str| {
        let mut chars = text.chars();
        chars.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let url = url.trim();
    match url.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme) => url.to_owned(),
        _ => format!("http://{}", url.trim_start_matches("//")),
    }
}

/// Returns the bytes of `--body`: the text itself, the file after an `@`, or standard input for `@-`.
fn body_bytes(body: &str) -> anyhow::Result<Vec<u8>> {
    let most = limits::REQUEST_BODY_BYTES;
    let read = |input: &mut dyn Read| {
        let mut bytes = Vec::new();
        // One byte more, to detect a longer body.
        input.take(most + 1).read_to_end(&mut bytes).map(|_| bytes)
    };
    let Some(path) = body.strip_prefix('@') else {
        return Ok(body.as_bytes().to_vec());
    };
    let bytes = match path {
        "-" => read(&mut std::io::stdin().lock()),
        path => File::open(path).and_then(|mut file| read(&mut file)),
    };
    let bytes = bytes.map_err(|error| UsageError(format!("--body @{path}: {error}")))?;
    if bytes.len() as u64 > most {
        let problem = format!("--body @{path} is longer than the {most} bytes that are sent");
        return Err(UsageError(problem).into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        request: RequestArgs,
    }

    fn request(words: &[&str]) -> Value {
        let line = Line::parse_from(["x", "http://a/"].iter().chain(words));
        line.request.to_json().expect("consistent options")
    }

    #[test]
    fn a_url_without_a_scheme_means_http() {
        for (typed, meant) in [
            ("localhost:8080/x", "http://localhost:8080/x"),
            ("127.0.0.1/?u=http://b/", "http://127.0.0.1/?u=http://b/"),
            ("u:p@a/", "http://u:p@a/"),
            ("[::1]:9", "http://[::1]:9"),
            ("//a/x", "http://a/x"),
            (" https://a/ ", "https://a/"),
            ("ftp://a/", "ftp://a/"),
        ] {
            assert_eq!(with_scheme(typed), meant);
        }
    }

    #[test]
    fn every_header_line_is_sent_in_the_order_typed() {
        let lines = [
            "-H",
            "X-A: 1",
            "-H",
            "Cookie: a=1",
            "-H",
            "x-a:2",
            "-H",
            "cookie: b=2",
            "-H",
            "X-A: ",
            "-H",
            "One: 1",
        ];
        let expected = json!({"X-A": ["1", "2", ""], "Cookie": ["a=1", "b=2"], "One": "1"});
        assert_eq!(request(&lines)["headers"], expected);
    }

    #[test]
    fn a_body_makes_it_a_post() {
        assert_eq!(request(&["--body", "{\"a\":1}"])["method"], "POST");
        let written = "{\"a\":1.10}";
        let with_body = request(&["--body", written]);
        assert_eq!(with_body["body"], written, "as it was written");
        assert_eq!(with_body["headers"]["Content-Type"], "application/json");
        assert_eq!(request(&["--body", "5", "-X", "put"])["body"], "5");
        assert!(request(&["-X", "purge"]).get("customMethod").is_none());
        assert_eq!(request(&["-X", "Frob"])["customMethod"], true);
    }
}
