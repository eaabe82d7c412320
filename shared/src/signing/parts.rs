//! A request's bytes, taken apart to be signed, and header lines put into them.

use std::borrow::Cow;

use crate::plan::without_chunks;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A request, taken apart.
pub struct Parts<'a> {
    pub method: &'a str,
    pub target: &'a str,
    lines: &'a str,
    /// Without the framing of chunks.
    pub body: Cow<'a, [u8]>,
}

impl<'a> Parts<'a> {
    pub fn of(request: &'a [u8]) -> Self {
        let end = head_end(request);
        let head = std::str::from_utf8(&request[..end]).unwrap_or_default();
        let (line, lines) = head.split_once("\r\n").unwrap_or((head, ""));
        let mut words = line.split(' ');
        let body = request.get(end + END_OF_HEAD.len()..).unwrap_or_default();
        let chunked = has_header(request, "transfer-encoding");
        let unframed = chunked.then(|| without_chunks(body)).flatten();
        Self {
            method: words.next().unwrap_or_default(),
            target: words.next().unwrap_or_default(),
            lines,
            body: unframed.map_or(Cow::Borrowed(body), Cow::Owned),
        }
    }

    pub fn headers(&self) -> Vec<(String, String)> {
        let lines = self
            .lines
            .split("\r\n")
            .filter_map(|line| line.split_once(':'));
        lines
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect()
    }
}

/// Whether the head of a request has a header of this name.
pub fn has_header(request: &[u8], name: &str) -> bool {
    lines_of(request).any(|line| is_named(line, name))
}

/// Puts header lines behind those that are there, in place of those of their names.
pub fn put(request: &mut Vec<u8>, lines: &[(&str, &str)]) {
    for (name, _) in lines {
        remove(request, name);
    }
    let mut added = Vec::new();
    for (name, value) in lines {
        added.extend_from_slice(b"\r\n");
        added.extend_from_slice(name.as_bytes());
        added.extend_from_slice(b": ");
        added.extend_from_slice(value.as_bytes());
    }
    let end = head_end(request);
    request.splice(end..end, added);
}

fn remove(request: &mut Vec<u8>, name: &str) {
    loop {
        let mut from = 0;
        let found = lines_of(request).find_map(|line| {
            let start = from;
            from += line.len() + 2;
            // The request line is the first, and no header.
            (start > 0 && is_named(line, name)).then_some((start, line.len()))
        });
        let Some((start, length)) = found else {
            return;
        };
        // With the line break before it: the last line has the empty line behind it.
        request.drain(start - 2..start + length);
    }
}

/// The lines of a head, the request line first.
fn lines_of(request: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(&request[..head_end(request)]);
    std::iter::from_fn(move || {
        let lines = rest?;
        let end = lines.windows(2).position(|pair| pair == b"\r\n");
        rest = end.map(|end| &lines[end + 2..]);
        Some(&lines[..end.unwrap_or(lines.len())])
    })
}

fn is_named(line: &[u8], name: &str) -> bool {
    let found = line.get(..name.len());
    found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        && line.get(name.len()) == Some(&b':')
}

fn head_end(request: &[u8]) -> usize {
    let mut places = request.windows(END_OF_HEAD.len());
    places
        .position(|place| place == END_OF_HEAD)
        .unwrap_or(request.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_take_the_place_of_those_of_their_names() {
        for (request, expected) in [
            (
                "GET / HTTP/1.1\r\nA: 1\r\n\r\nb: c",
                "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\nb: c",
            ),
            (
                "GET / HTTP/1.1\r\nb: 1\r\nA: 1\r\nB: 3\r\n\r\n",
                "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n",
            ),
            (
                "GET / HTTP/1.1\r\nbb: 1\r\n\r\n",
                "GET / HTTP/1.1\r\nbb: 1\r\nB: 2\r\n\r\n",
            ),
            ("B: / HTTP/1.1\r\n\r\n", "B: / HTTP/1.1\r\nB: 2\r\n\r\n"),
        ] {
            let mut bytes = request.as_bytes().to_vec();
            put(&mut bytes, &[("B", "2")]);
            assert_eq!(String::from_utf8_lossy(&bytes), expected, "{request:?}");
        }
    }

    #[test]
    fn only_headers_are_looked_at() {
        let request = b"GET / HTTP/1.1\r\nX: authorization: 1\r\n\r\nAuthorization: 1";
        assert!(has_header(request, "x") && !has_header(request, "authorization"));
    }
}
