//! A run ready to be executed: addresses instead of names, bytes instead of fields.
//!
//! The plan is built once, off the shards, and shared by them as immutable data.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::connection::HeadLimits;
use crate::http::{Header, Method};
use crate::request_template::RequestTemplate;
use crate::signing::Signing;
use crate::spec::{Bounds, Capture, Load, RequestSpec};
use crate::units::Nanos;

/// Longest chunk of a body that is sent in chunks.
const CHUNK_BYTES: usize = 16 * 1024;

/// A request as the bytes that go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedRequest {
    /// Head and body, exactly as sent.
    pub bytes: Arc<[u8]>,
    /// Whether the answer is to a HEAD, and so has no body whatever its head says.
    pub is_head: bool,
    /// Whether it may be sent again when it is unknown if it was received.
    pub is_idempotent: bool,
    /// Whether it asks for the connection to be closed, so that nothing may follow it
    /// (RFC 9112, 9.6).
    pub closes: bool,
}

impl PreparedRequest {
    /// Writes a request in HTTP/1.1 (RFC 9112): the user's headers, and those
    /// the user left out that a server needs. Without `keep_alive` it asks for
    /// the connection to be closed.
    #[must_use]
    pub fn new(request: &RequestSpec, keep_alive: bool) -> Self {
        let mut bytes = Vec::with_capacity(256 + request.body.len());
        let path = &request.endpoint.path_and_query;
        bytes.extend_from_slice(format!("{} {path} HTTP/1.1\r\n", request.method).as_bytes());
        for (name, value) in implied_headers(request, keep_alive) {
            write_header(&mut bytes, name, &value);
        }
        for header in request
            .headers
            .iter()
            .filter(|header| !header.is("content-length"))
        {
            write_header(&mut bytes, &header.name, &header.value);
        }
        bytes.extend_from_slice(b"\r\n");
        if is_chunked(request) {
            write_chunks(&mut bytes, &request.body);
        } else {
            bytes.extend_from_slice(&request.body);
        }
        Self {
            bytes: bytes.into(),
            is_head: request.method == Method::Head,
            is_idempotent: request.method.is_idempotent(),
            closes: !keep_alive || asks_to_close(&request.headers),
        }
    }
}

fn implied_headers(request: &RequestSpec, keep_alive: bool) -> Vec<(&'static str, String)> {
    let given = |name: &str| {
        request
            .headers
            .iter()
            .any(|header: &Header| header.is(name))
    };
    let mut implied = Vec::new();
    if !given("host") {
        implied.push(("Host", request.endpoint.authority.clone()));
    }
    if !given("user-agent") {
        implied.push((
            "User-Agent",
            concat!("vayu/", env!("CARGO_PKG_VERSION")).to_owned(),
        ));
    }
    if !given("accept") {
        implied.push(("Accept", "*/*".to_owned()));
    }
    if !keep_alive && !given("connection") {
        implied.push(("Connection", "close".to_owned()));
    }
    if let Some(content_type) = request.content_type.filter(|_| !given("content-type")) {
        implied.push(("Content-Type", content_type.to_owned()));
    }
    let announces = !request.body.is_empty() || request.method.announces_empty_body();
    if announces && !is_chunked(request) {
        implied.push(("Content-Length", request.body.len().to_string()));
    }
    implied
}

fn asks_to_close(headers: &[Header]) -> bool {
    let options = headers
        .iter()
        .filter(|header| header.is("connection"))
        .flat_map(|header| header.value.split(','));
    options
        .map(str::trim)
        .any(|option| option.eq_ignore_ascii_case("close"))
}

/// Whether the user asked for the body to be sent in chunks.
fn is_chunked(request: &RequestSpec) -> bool {
    let mut headers = request.headers.iter();
    headers.any(|header| header.is("transfer-encoding"))
}

/// Writes a body in chunks (RFC 9112, 7.1).
pub(crate) fn write_chunks(bytes: &mut Vec<u8>, body: &[u8]) {
    for chunk in body.chunks(CHUNK_BYTES) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
}

/// What is in the chunks that [`write_chunks`] made; none for anything else.
pub(crate) fn without_chunks(mut framed: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = framed.windows(2).position(|pair| pair == b"\r\n")?;
        let size = std::str::from_utf8(&framed[..end]).ok()?;
        let size = usize::from_str_radix(size, 16).ok()?;
        framed = &framed[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(framed.get(..size)?);
        framed = framed.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

fn write_header(bytes: &mut Vec<u8>, name: &str, value: &str) {
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(b": ");
    bytes.extend_from_slice(value.as_bytes());
    bytes.extend_from_slice(b"\r\n");
}

/// A run, ready to be split over shards.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The name of the target, or its address as text.
    pub host: String,
    /// The addresses of the target; connections take them in turn.
    pub addresses: Vec<SocketAddr>,
    /// Why there is no address, when there is none.
    pub resolve_failure: Option<String>,
    /// How long the look-up of the addresses took, when there was one.
    pub resolve_time: Option<Nanos>,
    /// What is sent.
    pub request: PreparedRequest,
    /// How often.
    pub load: Load,
    /// What is kept.
    pub capture: Capture,
    /// Where it stops.
    pub bounds: Bounds,
    /// Whether a connection serves more than one request.
    pub keep_alive: bool,
    /// Whether a request is sent once more when its kept connection turned out to be closed.
    pub retry_stale: bool,
    /// Bounds on the heads of responses.
    pub response_head: HeadLimits,
    /// A connection is closed after so many requests.
    pub max_requests_per_connection: Option<u64>,
    /// Connections leave from these addresses in turn; from any when empty.
    pub local_addresses: Vec<IpAddr>,
    /// Whether every connection asks for the target's addresses anew.
    pub resolves_per_connection: bool,
    /// The request with places for values, where it is another one every time.
    pub template: Option<Arc<RequestTemplate>>,
    /// What the request is signed with, where every one is signed on its own.
    pub signing: Option<Signing>,
    /// What random values are drawn from; each shard adds its own number, so that
    /// no two draw the same.
    pub seed: u64,
    /// The time of day, in nanoseconds since the Unix epoch, at the beginning of
    /// the monotonic clock.
    pub unix_offset: Nanos,
    /// How often a shard hands over its delta.
    pub stats_interval: Nanos,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Endpoint;

    fn request(method: Method, headers: &[(&str, &str)], body: &str) -> String {
        let url = "http://host:8080/p?q=1";
        let spec = RequestSpec {
            method,
            url: url.into(),
            endpoint: Endpoint::parse(url).expect("legal"),
            path_as_is: false,
            headers: headers
                .iter()
                .map(|(n, v)| Header::new(n, v).expect("legal"))
                .collect(),
            body: body.into(),
            content_type: (!body.is_empty()).then_some("application/json"),
            body_parts: Vec::new(),
        };
        String::from_utf8(PreparedRequest::new(&spec, true).bytes.to_vec()).expect("ASCII")
    }

    #[test]
    fn what_the_user_left_out_is_added() {
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            request(Method::Get, &[("X-A", "b")], ""),
            format!(
                "GET /p?q=1 HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: vayu/{version}\r\nAccept: */*\r\nX-A: b\r\n\r\n"
            )
        );
        assert_eq!(
            request(
                Method::Post,
                &[("user-agent", "me"), ("ACCEPT", "a/b")],
                "{}"
            ),
            "POST /p?q=1 HTTP/1.1\r\nHost: host:8080\r\nContent-Type: application/json\r\nContent-Length: 2\r\nuser-agent: me\r\nACCEPT: a/b\r\n\r\n{}"
        );
    }

    #[test]
    fn what_the_user_wrote_is_kept() {
        let sent = request(
            Method::Put,
            &[
                ("Host", "other"),
                ("Content-Type", "text/csv"),
                ("Content-Length", "99"),
            ],
            "a,b",
        );
        assert!(
            sent.contains("Host: other\r\n") && !sent.contains("host:8080"),
            "{sent}"
        );
        assert!(
            sent.contains("Content-Type: text/csv\r\n") && !sent.contains("json"),
            "{sent}"
        );
        assert!(
            sent.contains("Content-Length: 3\r\n") && !sent.contains("99"),
            "{sent}"
        );
    }

    #[test]
    fn a_body_is_sent_in_chunks_when_asked() {
        let chunked = [("Transfer-Encoding", "chunked")];
        let sent = request(Method::Post, &chunked, "hello");
        assert!(sent.ends_with("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), "{sent}");
        assert!(!sent.contains("Content-Length"), "{sent}");
        let long = request(Method::Post, &chunked, &"x".repeat(CHUNK_BYTES + 1));
        assert!(long.contains("\r\n4000\r\nx") && long.ends_with("\r\n1\r\nx\r\n0\r\n\r\n"));
        assert!(request(Method::Get, &chunked, "").ends_with("\r\n\r\n0\r\n\r\n"));
    }

    #[test]
    fn an_empty_post_announces_its_length() {
        assert!(request(Method::Post, &[], "").contains("Content-Length: 0\r\n"));
        assert!(!request(Method::Delete, &[], "").contains("Content-Length"));
    }
}
