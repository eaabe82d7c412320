//! Adds the API's error body to responses that the HTTP parser itself sends.
//!
//! A request that cannot be parsed never reaches the application: actix responds with a status without a
//! body, and closes the connection. On the way to the connection, such a response is recognized by its
//! `Content-Length: 0`, which no error of the application has.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::api::{ApiError, SECURITY_HEADERS};

/// Timeout for the head of a request, and for the TLS handshake.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum length of the head of such a response, in bytes.
const MAX_HEAD_BYTES: usize = 512;

/// A connection that adds the bodies; see the module documentation.
pub struct ErrorBodies<T> {
    connection: T,
    /// Accepted bytes that are not written yet, and how many of them were written.
    rest: Vec<u8>,
    written: usize,
}

impl<T> ErrorBodies<T> {
    /// Wraps a connection.
    pub fn new(connection: T) -> Self {
        Self {
            connection,
            rest: Vec::new(),
            written: 0,
        }
    }
}

impl<T: AsyncWrite + Unpin> ErrorBodies<T> {
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.rest.len() {
            let part = &self.rest[self.written..];
            let count = ready!(Pin::new(&mut self.connection).poll_write(cx, part))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for ErrorBodies<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for ErrorBodies<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_rest(cx))?;
        let Some(whole) = with_body(bytes) else {
            return Pin::new(&mut self.connection).poll_write(cx, bytes);
        };
        (self.rest, self.written) = (whole, 0);
        // The bytes are accepted; a later flush or shutdown writes the remainder.
        if let Poll::Ready(Err(error)) = self.poll_rest(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_rest(cx))?;
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_rest(cx))?;
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}

/// Returns the bytes with a body added to the error response at their end, or `None` if there is no such
/// response.
fn with_body(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let tail = &bytes[bytes.len().saturating_sub(MAX_HEAD_BYTES)..];
    let begin = tail.windows(7).rposition(|seven| seven == b"HTTP/1.")?;
    let (before, head) = bytes.split_at(bytes.len() - tail.len() + begin);
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.trim_end().split("\r\n");
    let status_line = lines.next()?;
    let status: u16 = status_line.split(' ').nth(1)?.parse().ok()?;
    if !(400..600).contains(&status) {
        return None;
    }
    let is_length = |line: &&str| line.eq_ignore_ascii_case("content-length: 0");
    let (lengths, others): (Vec<&str>, Vec<&str>) = lines.partition(is_length);
    if lengths.is_empty() {
        return None;
    }
    let body = error(status).to_json();
    let mut whole = String::from(status_line);
    whole.push_str("\r\n");
    for line in others {
        whole.push_str(line);
        whole.push_str("\r\n");
    }
    for (name, value) in SECURITY_HEADERS {
        whole.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    whole.push_str(&format!(
        "content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    ));
    Some([before, whole.as_bytes()].concat())
}

/// Returns the API error for a status of the parser.
fn error(status: u16) -> ApiError {
    match status {
        408 => ApiError::unfinished(format!(
            "the head of the request did not come within {} s",
            HEAD_TIMEOUT.as_secs()
        )),
        431 => ApiError::head_too_large(),
        400..500 => ApiError::invalid(
            "the request is no HTTP/1.1 that can be read: a malformed request line, header line or chunk, \
             or an ambiguous length (RFC 9112)",
        ),
        _ => ApiError::internal(format!("the HTTP server failed with status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_without_body_gets_one() {
        let bare = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: today\r\n\r\n";
        let before = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        for before in ["", before] {
            let whole = with_body(format!("{before}{bare}").as_bytes()).expect("a body");
            let whole = String::from_utf8(whole).expect("text");
            let answer = whole.strip_prefix(before).expect("what was before it");
            let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
            assert!(
                head.starts_with(
                    "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ndate: today\r\n"
                ),
                "{head}"
            );
            assert!(
                head.contains(&format!("\r\ncontent-length: {}", body.len())),
                "{head}"
            );
            assert!(head.contains("\r\nx-frame-options: DENY\r\n"), "{head}");
            let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
            assert_eq!(body["error"]["code"], "INVALID_REQUEST");
        }
    }

    #[test]
    fn every_status_has_its_code() {
        for (status, code) in [
            (400, "INVALID_REQUEST"),
            (408, "REQUEST_TIMEOUT"),
            (431, "HEADERS_TOO_LARGE"),
            (500, "INTERNAL_ERROR"),
        ] {
            let bare = format!("HTTP/1.1 {status} Some Reason\r\ncontent-length: 0\r\n\r\n");
            let whole = with_body(bare.as_bytes()).expect("a body");
            assert!(String::from_utf8_lossy(&whole).contains(code), "{status}");
        }
    }

    #[test]
    fn everything_else_passes() {
        for bytes in [
            "",
            "\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 20\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n{}",
            "HTTP/1.",
            "HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(with_body(bytes.as_bytes()), None, "{bytes}");
        }
    }
}
