//! A response as received: its head, and its body without content coding.

use vayu_shared::content::charset;
use vayu_shared::content::coding::{self, Decoded};
use vayu_shared::http::HeadView;

/// The head of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// Status code.
    pub status: u16,
    /// Reason phrase, as received. Often empty.
    pub reason: String,
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub version: &'static str,
    /// Header lines in order, with names as received.
    pub headers: Vec<(String, String)>,
}

impl ResponseHead {
    /// Parses a head that the worker has already validated.
    pub fn read(bytes: &[u8]) -> Self {
        let view = HeadView::new(bytes);
        let headers = view.headers();
        Self {
            status: view.status(),
            reason: view.reason(),
            version: view.version(),
            headers: headers
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        }
    }

    /// Returns the first value of this header.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// Returns all values of this header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

/// Returns the text of a response body that is parsed as part of a protocol: without content coding, at most
/// `limit` bytes.
pub fn readable(head: &ResponseHead, body: Vec<u8>, limit: u64) -> String {
    let decoded = decoded(head, body, limit, &mut Vec::new());
    let kind = head.first("content-type").unwrap_or_default();
    charset::text(kind, &decoded.bytes).into_owned()
}

/// Removes the content coding of a body. A body that cannot be decoded is returned as received, with a warning.
pub fn decoded(
    head: &ResponseHead,
    body: Vec<u8>,
    limit: u64,
    warnings: &mut Vec<String>,
) -> Decoded {
    let as_it_is = |bytes| Decoded {
        bytes,
        truncated: false,
    };
    let coding = head.all("content-encoding").join(", ");
    if coding.is_empty() || body.is_empty() {
        return as_it_is(body);
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    coding::decode(&coding, &body, most).unwrap_or_else(|problem| {
        warnings.push(format!(
            "the body could not be decoded and is shown as received: {problem}"
        ));
        as_it_is(body)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_came() {
        let head = ResponseHead::read(
            b"HTTP/1.1 404 Nix Da\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-L: caf\xe9\r\n\r\n",
        );
        assert_eq!((head.status, head.reason.as_str()), (404, "Nix Da"));
        assert_eq!(head.all("Set-Cookie"), ["a=1", "b=2"]);
        assert_eq!(head.first("x-l"), Some("café"));
        let odd = ResponseHead::read(
            b"HTTP/1.1  200  OK\r\nX-A:\r\n one;\r\n\ttwo\r\nX-B : b\r\nno header\r\n\r\n",
        );
        assert_eq!(odd.status, 200);
        assert_eq!(
            (odd.first("x-a"), odd.first("x-b")),
            (Some("one; two"), Some("b"))
        );
        assert_eq!(odd.headers.len(), 2);
        assert_eq!(
            ResponseHead::read(b"HTTP/1.0 200\r\n\r\n").version,
            "HTTP/1.0"
        );
    }
}
