//! The head of a response as it came: status line and header lines.

use vayu_worker::response_syntax;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status.
    pub status: u16,
    /// The reason phrase, as it came; often nothing.
    pub reason: String,
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub version: &'static str,
    /// The header lines in order, names as they came.
    pub headers: Vec<(String, String)>,
}

impl ResponseHead {
    /// Reads a head that the worker has found to be one, in the same syntax. Bytes
    /// that are not UTF-8 are read as Latin-1, as header values were once meant, and
    /// a folded value becomes one line (RFC 9112, 5.2).
    pub fn read(bytes: &[u8]) -> Self {
        let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
        let mut headers = vec![httparse::EMPTY_HEADER; lines];
        let mut response = httparse::Response::new(&mut headers);
        if response_syntax()
            .parse_response(&mut response, bytes)
            .is_err()
        {
            return Self::default();
        }
        let lines = response.headers.iter();
        Self {
            status: response.code.unwrap_or_default(),
            reason: response.reason.unwrap_or_default().to_owned(),
            version: if response.version == Some(0) {
                "HTTP/1.0"
            } else {
                "HTTP/1.1"
            },
            headers: lines
                .map(|line| (line.name.to_owned(), text(line.value)))
                .collect(),
        }
    }

    /// The first header of this name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// Every header of this name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

fn text(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    if text.contains('\n') {
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        return lines.join(" ").trim().to_owned();
    }
    text
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
