//! Encodes requests in HTTP/1.1 (RFC 9112): adds required headers to the user's, and delimits the body by its
//! length or by chunks.

use std::ops::Range;
use std::sync::Arc;

use super::escape::{in_line, in_target, percent, verbatim};
use super::pieces::Piece;
use super::signing::{SignedRequest, Signer, Validity};
use super::{RequestTemplate, Values};
use crate::dynamic::DynamicSource;
use crate::http::Method;
use crate::spec::RequestSpec;
use crate::template::{Deferred, NoVariables, Render, Template};

/// Maximum chunk size of a chunked body, in bytes.
const CHUNK_BYTES: usize = 16 * 1024;
const VERSION: &str = " HTTP/1.1\r\n";

/// The wire bytes of a constant request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedRequest {
    /// Head and body, exactly as sent.
    pub bytes: Arc<[u8]>,
    /// Whether the request is a HEAD, so the response has no body whatever its head says.
    pub is_head: bool,
    /// Whether it may be retried if it is unknown whether the target received it.
    pub is_idempotent: bool,
    /// Whether it asks to close the connection, so that no request may follow it (RFC 9112, 9.6).
    pub closes: bool,
}

impl PreparedRequest {
    /// Encodes a request whose variables stay as typed. Without `keep_alive` it sends `Connection: close`.
    #[must_use]
    pub fn new(request: &RequestSpec, keep_alive: bool) -> Self {
        let template = RequestTemplate::new(request, Deferred::Nothing);
        let mut bytes = Vec::with_capacity(256 + request.body.len());
        let values = Values {
            source: &mut DynamicSource::new(0),
            unix_ns: 0,
            variables: &NoVariables,
        };
        let encoder = Encoder::new(&template, keep_alive);
        encoder.render(values, None, &mut Scratch::default(), &mut bytes);
        Self {
            bytes: bytes.into(),
            is_head: request.method == Method::Head,
            is_idempotent: request.method.is_idempotent(),
            closes: !keep_alive || template.asks_to_close(),
        }
    }
}

/// Returns the header lines of a constant request, as sent.
#[must_use]
pub fn header_lines(request: &RequestSpec, keep_alive: bool) -> Vec<(String, String)> {
    let template = RequestTemplate::new(request, Deferred::Nothing);
    let implied = template.implied(keep_alive).into_iter();
    let mut lines: Vec<_> = implied
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    if Framing::of(&template) == Framing::Length {
        let length = request.body.len().to_string();
        lines.push(("Content-Length".to_owned(), length));
    }
    let own = request.headers.iter();
    let own = own.filter(|header| !header.is("content-length"));
    lines.extend(own.map(|header| (header.name.clone(), header.value.clone())));
    lines
}

/// Encodes the requests of a template.
#[derive(Clone, Debug)]
pub struct Encoder {
    method: Method,
    /// Method and target.
    line: Template,
    /// Parameters appended to the query, and the end of the line.
    rest_of_line: Template,
    /// Header lines before Content-Length.
    before: Vec<Field>,
    /// Header lines after Content-Length.
    after: Vec<Field>,
    body: Vec<Piece>,
    framing: Framing,
}

/// A header line including its line ending, or several consecutive lines that need not be distinguished.
#[derive(Clone, Debug)]
struct Field {
    name: String,
    line: Template,
}

/// How the body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// There is no body.
    Nothing,
    Length,
    Chunks,
}

/// Buffers for rendering, reused between requests.
#[derive(Debug, Default)]
pub struct Scratch {
    body: Vec<u8>,
    value: Vec<u8>,
    /// Ranges of the header lines that are signed.
    lines: Vec<Range<usize>>,
}

impl Encoder {
    /// Creates the encoder of a request. Without `keep_alive` it sends `Connection: close`.
    #[must_use]
    pub fn new(request: &RequestTemplate, keep_alive: bool) -> Self {
        let framing = Framing::of(request);
        let implied = request.implied(keep_alive).into_iter();
        let before = implied.map(|(name, value)| Field::new(name, Template::text(&value)));
        let own = request.headers.iter();
        let own = own.filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        let after = own.map(|(name, value)| Field::new(name, value.clone()));
        let (mut before, mut after): (Vec<_>, Vec<_>) = (before.collect(), after.collect());
        if !request.is_signed {
            (before, after) = (merged(before), merged(after));
        }
        let line = Template::text(&format!("{} ", request.method));
        Self {
            method: request.method,
            line: line.then(request.target.clone()),
            rest_of_line: request.parameters.clone().then(Template::text(VERSION)),
            before,
            after,
            body: request.body.clone(),
            framing,
        }
    }

    /// Returns whether the output is the same every time, except for signatures.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        let fields = self.before.iter().chain(&self.after);
        let lines = fields.map(|field| &field.line);
        lines
            .chain([&self.line, &self.rest_of_line])
            .all(|line| line.constant().is_some())
            && self.body.iter().all(Piece::is_constant)
    }

    /// Writes the next request to `out`, signed if there is a `signer`. Returns how long it may be resent
    /// unchanged. Once `out` and `scratch` have grown, allocates only for user variables and signatures.
    pub fn render(
        &self,
        values: Values<'_>,
        signer: Option<&mut Signer>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Validity {
        let Scratch { body, value, lines } = scratch;
        out.clear();
        let mut render = Render {
            source: values.source,
            unix_ns: values.unix_ns,
            variables: values.variables,
            scratch: value,
            write: percent,
            write_variable: in_target,
            write_name: in_target,
        };
        self.line.render_with(&mut render, out);
        render.write_variable = percent;
        self.rest_of_line.render_with(&mut render, out);
        render.write_name = verbatim;
        body.clear();
        for piece in &self.body {
            piece.render(&mut render, body);
        }
        (render.write, render.write_variable) = (in_line, in_line);
        let target = self.method.as_str().len() + 1..out.len() - VERSION.len();
        lines.clear();
        for field in &self.before {
            field.render(&mut render, lines, out);
        }
        if self.framing == Framing::Length {
            write_length(body.len(), out);
        }
        for field in &self.after {
            field.render(&mut render, lines, out);
        }
        let mut validity = Validity::Once;
        if let Some(signer) = signer {
            (render.write, render.write_variable) = (verbatim, verbatim);
            let request = SignedRequest {
                method: self.method.as_str(),
                target: std::str::from_utf8(&out[target]).unwrap_or_default(),
                headers: &|| self.headers(lines, body.len(), out),
                body,
            };
            let (until, signature) = signer.sign(&request, &mut render);
            validity = until;
            for (name, value) in signature {
                write_line(name, &value, out);
            }
        }
        out.extend_from_slice(b"\r\n");
        match self.framing {
            Framing::Chunks => write_chunks(out, body),
            Framing::Nothing | Framing::Length => out.extend_from_slice(body),
        }
        validity
    }

    /// Returns the header lines as written to `out`.
    fn headers(&self, lines: &[Range<usize>], length: usize, out: &[u8]) -> Vec<(String, String)> {
        let fields = self.before.iter().chain(&self.after).zip(lines);
        let mut headers: Vec<(String, String)> = fields
            .map(|(field, line)| {
                let value = &out[line.start + field.name.len() + 1..line.end];
                let value = String::from_utf8_lossy(value.trim_ascii());
                (field.name.clone(), value.into_owned())
            })
            .collect();
        if self.framing == Framing::Length {
            headers.push(("Content-Length".to_owned(), length.to_string()));
        }
        headers
    }
}

impl Field {
    fn new(name: &str, value: Template) -> Self {
        let line = Template::text(&format!("{name}: "));
        Self {
            name: name.to_owned(),
            line: line.then(value).then(Template::text("\r\n")),
        }
    }

    fn render(&self, render: &mut Render<'_>, lines: &mut Vec<Range<usize>>, out: &mut Vec<u8>) {
        let start = out.len();
        self.line.render_with(render, out);
        lines.push(start..out.len());
    }
}

/// Merges consecutive lines into one field.
fn merged(fields: Vec<Field>) -> Vec<Field> {
    let merged = fields.into_iter().reduce(|first, next| Field {
        line: first.line.then(next.line),
        ..first
    });
    merged.into_iter().collect()
}

impl RequestTemplate {
    /// Returns the header lines that a server requires or expects and the user did not set.
    fn implied(&self, keep_alive: bool) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        let mut add = |name, value: &str| {
            if !self.has(name) {
                lines.push((name, value.to_owned()));
            }
        };
        add("Host", &self.authority);
        add("User-Agent", concat!("vayu/", env!("CARGO_PKG_VERSION")));
        add("Accept", "*/*");
        if !keep_alive {
            add("Connection", "close");
        }
        if let Some(content_type) = self.content_type {
            add("Content-Type", content_type);
        }
        lines
    }

    fn asks_to_close(&self) -> bool {
        let named = self.headers.iter();
        let named = named.filter(|(name, _)| name.eq_ignore_ascii_case("connection"));
        named
            .filter_map(|(_, value)| value.constant())
            .flat_map(|value| value.split(','))
            .any(|option| option.trim().eq_ignore_ascii_case("close"))
    }
}

impl Framing {
    fn of(request: &RequestTemplate) -> Self {
        if request.has("transfer-encoding") {
            Self::Chunks
        } else if !request.body.is_empty() || request.method.announces_empty_body() {
            Self::Length
        } else {
            Self::Nothing
        }
    }
}

fn write_line(name: &str, value: &str, out: &mut Vec<u8>) {
    for part in [name, ": ", value, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn write_length(length: usize, out: &mut Vec<u8>) {
    let (mut digits, mut rest, mut count) = ([0; 20], length, 0);
    loop {
        digits[19 - count] = b'0' + (rest % 10) as u8;
        count += 1;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(b"Content-Length: ");
    out.extend_from_slice(&digits[20 - count..]);
    out.extend_from_slice(b"\r\n");
}

/// Writes a body in chunks (RFC 9112, 7.1).
fn write_chunks(out: &mut Vec<u8>, body: &[u8]) {
    for chunk in body.chunks(CHUNK_BYTES) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
}

#[cfg(test)]
mod tests;
