//! Zero-copy view of a response head. Only values that are folded or not UTF-8 are copied, and lines are
//! parsed only on lookup.
//!
//! The receiver validates that the bytes are a head. The syntax is equally lenient here: lines may end
//! without a carriage return, values may be folded over several lines (RFC 9112, 5.2), and a line without a
//! colon is not a header.

use std::borrow::Cow;
use std::iter;

use memchr::memchr;

/// A view of a response head. See the module documentation.
#[derive(Clone, Copy, Debug)]
pub struct HeadView<'a>(&'a [u8]);

impl<'a> HeadView<'a> {
    /// Creates a view of the status line and the header lines.
    #[must_use]
    pub fn new(head: &'a [u8]) -> Self {
        // Empty lines may precede the status line (RFC 9112, 2.2).
        let first = head.iter().position(|byte| !b"\r\n".contains(byte));
        Self(&head[first.unwrap_or(head.len())..])
    }

    /// Returns the status code, or 0 if there is none.
    #[must_use]
    pub fn status(self) -> u16 {
        let (_, rest) = self.status_line();
        let digits = rest.split(' ').next().unwrap_or_default();
        digits.parse().unwrap_or_default()
    }

    /// Returns `HTTP/1.1` or `HTTP/1.0`.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self.status_line().0.as_str() {
            "HTTP/1.0" => "HTTP/1.0",
            _ => "HTTP/1.1",
        }
    }

    /// Returns the reason phrase as received. It is often empty.
    #[must_use]
    pub fn reason(self) -> String {
        let (_, rest) = self.status_line();
        let reason = rest.split_once(' ').map_or("", |(_, reason)| reason);
        reason.trim_start().to_owned()
    }

    /// Returns the version and the rest of the status line.
    fn status_line(self) -> (String, String) {
        let line = Lines::of(self.0).next().unwrap_or_default();
        let line = text(line.into());
        let (version, rest) = line.split_once(' ').unwrap_or((&line, ""));
        (version.to_owned(), rest.trim_start().to_owned())
    }

    /// Returns the values of the headers with this name, in order.
    pub fn values(self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        let mut lines = Lines::of(self.0);
        lines.next();
        iter::from_fn(move || {
            while let Some(line) = lines.next() {
                if let Some(found) = value(line, name) {
                    return Some(text(lines.folded(found)));
                }
            }
            None
        })
    }

    /// Returns the header lines in order, with names as received.
    pub fn headers(self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        let mut lines = Lines::of(self.0);
        lines.next();
        iter::from_fn(move || {
            while let Some(line) = lines.next() {
                if let Some(colon) = memchr(b':', line) {
                    let name = text(line[..colon].trim_ascii().into());
                    return Some((name, text(lines.folded(&line[colon + 1..]))));
                }
            }
            None
        })
    }
}

/// Decodes a value. Bytes that are not UTF-8 are decoded as Latin-1, the historical encoding of header
/// values.
fn text(value: Cow<'_, [u8]>) -> Cow<'_, str> {
    let latin1 = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
    match value {
        Cow::Borrowed(bytes) => {
            let bytes = bytes.trim_ascii();
            std::str::from_utf8(bytes).map_or_else(|_| latin1(bytes).into(), Cow::Borrowed)
        }
        Cow::Owned(bytes) => {
            let bytes = bytes.trim_ascii();
            let text = std::str::from_utf8(bytes).map_or_else(|_| latin1(bytes), str::to_owned);
            text.into()
        }
    }
}

/// Iterates over the lines of a head. A line ends with a line feed, optionally preceded by a carriage return,
/// and may be folded over several lines (RFC 9112, 5.2).
struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    fn of(head: &'a [u8]) -> Self {
        Self { rest: head }
    }

    /// Returns the beginning of the next line that is not a continuation.
    fn next(&mut self) -> Option<&'a [u8]> {
        while self.continues() {
            self.cut();
        }
        (!self.rest.is_empty()).then(|| self.cut())
    }

    /// Returns the line that ends with `end`, joined with its continuations.
    fn folded(&mut self, end: &'a [u8]) -> Cow<'a, [u8]> {
        let mut line = Cow::Borrowed(end.trim_ascii());
        while self.continues() {
            let more = self.cut().trim_ascii();
            line.to_mut().push(b' ');
            line.to_mut().extend_from_slice(more);
        }
        line
    }

    fn continues(&self) -> bool {
        matches!(self.rest.first(), Some(b' ' | b'\t'))
    }

    fn cut(&mut self) -> &'a [u8] {
        let end = memchr(b'\n', self.rest).map_or(self.rest.len(), |feed| feed + 1);
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    }
}

/// Returns the value of a header line if it has this name.
fn value<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (found, rest) = line.split_at_checked(name.len())?;
    if !matches!(rest.first(), Some(b':' | b' ' | b'\t')) {
        return None;
    }
    let value = rest.trim_ascii_start().strip_prefix(b":")?;
    found
        .eq_ignore_ascii_case(name.as_bytes())
        .then(|| value.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_by_name_however_they_are_written() {
        let head = b"HTTP/1.1 200 OK\r\n A: no\r\nA: 1\nB:\r\n 2\r\n\tA: 3 \r\nLong-Name : 4\r\nnone\r\na:5\r\n\r\n";
        let view = HeadView::new(head);
        for (name, values) in [
            ("A", &["1", "5"][..]),
            ("b", &["2 A: 3"]),
            ("long-name", &["4"]),
            ("Long", &[]),
            ("", &[]),
            ("C", &[]),
        ] {
            assert_eq!(view.values(name).collect::<Vec<_>>(), values, "{name}");
        }
        let lines: Vec<_> = view.headers().collect();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert_eq!(lines[1], ("B".into(), "2 A: 3".into()));
        assert_eq!(lines[2], ("Long-Name".into(), "4".into()));
    }

    #[test]
    fn the_status_line_is_read_as_it_came() {
        for (line, status, version, reason) in [
            ("HTTP/1.1 404 Nix Da", 404, "HTTP/1.1", "Nix Da"),
            ("HTTP/1.1  200  OK", 200, "HTTP/1.1", "OK"),
            ("HTTP/1.0 200", 200, "HTTP/1.0", ""),
            ("\r\n\nHTTP/1.1 401 No", 401, "HTTP/1.1", "No"),
            ("HTTP/1.1 204 ", 204, "HTTP/1.1", ""),
            ("", 0, "HTTP/1.1", ""),
        ] {
            let head = format!("{line}\r\nA: b\r\n\r\n");
            let view = HeadView::new(head.as_bytes());
            assert_eq!(view.status(), status, "{line}");
            assert_eq!((view.version(), view.reason().as_str()), (version, reason));
        }
    }

    #[test]
    fn what_is_no_utf8_is_latin_1() {
        let head =
            b"HTTP/1.1 200 OK\r\nX-L: caf\xe9\r\nX-F: caf\xe9\r\n more\r\nX-U: caf\xc3\xa9\r\n\r\n";
        let values: Vec<_> = HeadView::new(head)
            .headers()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values, ["café", "café more", "café"]);
    }
}
