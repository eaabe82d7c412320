//! A request that is another one every time: its bytes with dynamic variables in
//! request line, headers and body.
//!
//! It is made of the bytes of a [`PreparedRequest`](crate::plan::PreparedRequest),
//! so everything but the variables is as it is in a request without them. Values
//! cannot leave their place: they are escaped as the place asks for it (`escape`).
//! Bodies of bytes are left alone (`pieces`). The length of the body is written anew.

mod escape;
mod pieces;

use std::borrow::Cow;

pub use escape::{in_line, plainly};

use crate::body::BodyPart;
use crate::dynamic::DynamicSource;
use crate::plan::{without_chunks, write_chunks};
use crate::template::{Render, Template, Variables};
use pieces::{Piece, Pieces};

/// How every dynamic variable begins.
pub const MARK: &str = "{{$";
/// How any variable begins, and how it begins where it was encoded.
const ANY_MARK: &str = "{{";
const ENCODED_OPEN: &str = "%7B%7B";

/// See the module.
#[derive(Clone, Debug)]
pub struct RequestTemplate {
    /// Method and target.
    line: Template,
    /// The header lines, without the length and without the empty line.
    headers: Template,
    body: Vec<Piece>,
    framing: Framing,
}

/// Makes a template of a text.
type Compile = fn(&str) -> Template;

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// There is none.
    Nothing,
    Length,
    Chunks,
}

/// Memory that rendering works in, kept from one request to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    body: Vec<u8>,
    value: Vec<u8>,
}

impl RequestTemplate {
    /// The template of a request's bytes; `None` when nothing in them is dynamic,
    /// and when the head is no text. `parts` are those of the body.
    #[must_use]
    pub fn of(bytes: &[u8], parts: &[BodyPart]) -> Option<Self> {
        Self::read(bytes, parts, MARK, Template::of_dynamic)
    }

    /// The same, with the user's own variables left for rendering: `None` when there
    /// are no variables at all.
    #[must_use]
    pub fn open(bytes: &[u8], parts: &[BodyPart]) -> Option<Self> {
        Self::read(bytes, parts, ANY_MARK, Template::open)
    }

    fn read(bytes: &[u8], parts: &[BodyPart], mark: &str, compile: Compile) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]);
        let (line, headers) = head.split_once("\r\n")?;
        let kind = header(headers, "content-type").unwrap_or_default();
        let framing = Framing::of(headers);
        let body = match framing {
            Framing::Chunks => Cow::Owned(without_chunks(body)?),
            Framing::Nothing | Framing::Length => Cow::Borrowed(body),
        };
        let pieces = Pieces {
            kind: &kind,
            mark,
            compile,
        };
        let line = unescaped(line, mark);
        let kept = headers
            .split("\r\n")
            .filter(|line| !is_named(line, "content-length"));
        let template = Self {
            line: compile(&line),
            headers: compile(&kept.collect::<Vec<_>>().join("\r\n")),
            body: pieces.of(&body, parts),
            framing,
        };
        let head = [&template.line, &template.headers];
        let is_constant = head.iter().all(|part| part.constant().is_some())
            && template.body.iter().all(Piece::is_constant);
        (!is_constant).then_some(template)
    }

    /// Writes the next request. Allocates nothing once `out` and `scratch` have
    /// grown, but for variables of the user's.
    pub fn render(
        &self,
        source: &mut DynamicSource,
        unix_ns: u64,
        variables: &dyn Variables,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) {
        let Scratch { body, value } = scratch;
        out.clear();
        let mut render = Render {
            source,
            unix_ns,
            variables,
            scratch: value,
            write: escape::percent,
            write_variable: escape::in_target,
        };
        self.line.render_with(&mut render, out);
        out.extend_from_slice(b"\r\n");
        (render.write, render.write_variable) = (in_line, in_line);
        self.headers.render_with(&mut render, out);
        body.clear();
        for piece in &self.body {
            piece.render(&mut render, body);
        }
        if self.framing == Framing::Length {
            out.extend_from_slice(b"\r\nContent-Length: ");
            write_number(body.len(), out);
        }
        out.extend_from_slice(b"\r\n\r\n");
        match self.framing {
            Framing::Chunks => write_chunks(out, body),
            Framing::Nothing | Framing::Length => out.extend_from_slice(body),
        }
    }
}

impl Framing {
    fn of(headers: &str) -> Self {
        if header(headers, "transfer-encoding").is_some() {
            Self::Chunks
        } else if header(headers, "content-length").is_some() {
            Self::Length
        } else {
            Self::Nothing
        }
    }
}

fn is_named(line: &str, name: &str) -> bool {
    let found = line.split(':').next().unwrap_or_default();
    found.eq_ignore_ascii_case(name)
}

/// The value of a header in lower case.
fn header(lines: &str, name: &str) -> Option<String> {
    let line = lines.split("\r\n").find(|line| is_named(line, name))?;
    let (_, value) = line.split_once(':')?;
    Some(value.trim().to_ascii_lowercase())
}

/// A text as it was before the braces in it were percent-encoded.
fn unescaped(text: &str, mark: &str) -> String {
    let text = if mark == MARK {
        text.replace("%7B%7B%24", MARK).replace("%7B%7B$", MARK)
    } else {
        text.replace("%7B%7B%24", MARK)
            .replace(ENCODED_OPEN, ANY_MARK)
    };
    text.replace("%7D%7D", "}}")
}

fn write_number(number: usize, out: &mut Vec<u8>) {
    let (mut digits, mut rest, mut count) = ([0; 20], number, 0);
    loop {
        digits[19 - count] = b'0' + (rest % 10) as u8;
        count += 1;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[20 - count..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::NoVariables;

    fn rendered(request: &str) -> String {
        let template = RequestTemplate::of(request.as_bytes(), &[]).expect("it is dynamic");
        let mut out = Vec::new();
        let source = &mut DynamicSource::new(7);
        template.render(
            source,
            1_700_000_000_000_000_000,
            &NoVariables,
            &mut Scratch::default(),
            &mut out,
        );
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn what_is_dynamic_is_written_into_its_place() {
        let sent = rendered(
            "POST /a/%7B%7B$timestamp%7D%7D?b={{$timestamp}} HTTP/1.1\r\nHost: h\r\n\
             X-At: {{$timestamp}}\r\nContent-Length: 14\r\n\r\n{{$timestamp}}",
        );
        assert_eq!(
            sent,
            "POST /a/1700000000?b=1700000000 HTTP/1.1\r\nHost: h\r\nX-At: 1700000000\r\n\
             Content-Length: 10\r\n\r\n1700000000"
        );
    }

    #[test]
    fn values_cannot_leave_their_place() {
        let sent = rendered(
            "GET /%7B%7B$randomFullName%7D%7D HTTP/1.1\r\nHost: h\r\nX: {{$randomLoremLines}}\r\n\r\n",
        );
        let (line, rest) = sent.split_once("\r\n").expect("a line");
        assert_eq!(line.split(' ').count(), 3, "{line}");
        assert!(line.contains("%20"), "{line}");
        assert!(!rest.replace("\r\n", "").contains('\n'), "{rest}");
        assert!(!rest.contains("Content-Length"), "{rest}");
    }

    #[test]
    fn values_are_escaped_as_the_body_asks_for_it() {
        let body = |kind: &str, body: &str| {
            let sent = rendered(&format!(
                "POST / HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: 9\r\n\r\n{body}"
            ));
            sent.split_once("\r\n\r\n").expect("a head").1.to_owned()
        };
        let json = body("application/json", r#"{"a":"{{$randomLoremLines}}"}"#);
        assert!(!json.contains('\n') && json.contains("\\n"), "{json}");
        let form = body(
            "application/x-www-form-urlencoded",
            "a=%7B%7B%24randomFullName%7D%7D&b=1",
        );
        assert!(form.starts_with("a=") && form.ends_with("&b=1"), "{form}");
        assert!(!form.contains(' ') && !form.contains('{'), "{form}");
        let text = body("text/plain", "{{$randomLoremLines}}");
        assert!(text.contains('\n'), "{text}");
    }

    #[test]
    fn a_header_that_speaks_of_chunks_is_no_chunked_body() {
        let sent = rendered("GET / HTTP/1.1\r\nX: transfer-encoding: no\r\nY: {{$guid}}\r\n\r\n");
        assert!(!sent.contains("{{"), "{sent}");
    }

    #[test]
    fn chunks_are_made_anew() {
        let sent = rendered(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
             10\r\na{{$timestamp}}b\r\n3\r\ncde\r\n0\r\n\r\n",
        );
        let body = "f\r\na1700000000bcde\r\n0\r\n\r\n";
        assert!(sent.ends_with(&format!("\r\n\r\n{body}")), "{sent}");
        let broken = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{{$guid}}";
        assert!(RequestTemplate::of(broken, &[]).is_none());
    }

    #[test]
    fn the_users_variables_are_written_as_the_place_asks_for_it() {
        struct Own;
        impl Variables for Own {
            fn get(&self, name: &str) -> Option<String> {
                let known = [("a", "1 2/3"), ("b", "x\r\ny"), ("c", "in {{a}}")];
                let known = known.iter().find(|(known, _)| *known == name);
                known.map(|(_, value)| (*value).to_owned())
            }
        }
        let request = "POST /%7B%7Ba%7D%7D?q={{b}}&n={{nobody}} HTTP/1.1\r\nX: {{b}}\r\n\
            Content-Length: 1\r\n\r\n{\"v\":\"{{c}}\",\"t\":{{$timestamp}}}";
        let template = RequestTemplate::open(request.as_bytes(), &[]).expect("variables");
        let mut out = Vec::new();
        let source = &mut DynamicSource::new(1);
        template.render(source, 0, &Own, &mut Scratch::default(), &mut out);
        let sent = String::from_utf8_lossy(&out);
        let body = "{\"v\":\"in 1 2/3\",\"t\":0}";
        assert_eq!(
            sent,
            format!(
                "POST /1%202/3?q=x%0D%0Ay&n={{{{nobody}}}} HTTP/1.1\r\nX: x  y\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        );
        let form = "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nv=%7B%7Ba%7D%7D";
        let template = RequestTemplate::open(form.as_bytes(), &[]).expect("variables");
        template.render(source, 0, &Own, &mut Scratch::default(), &mut out);
        assert!(
            out.ends_with(b"v=1%202%2F3"),
            "{}",
            String::from_utf8_lossy(&out)
        );
    }

    #[test]
    fn what_is_constant_needs_no_template() {
        for request in [
            "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /%7B%7Bx%7D%7D HTTP/1.1\r\nHost: h\r\n\r\n{{x}}",
            "GET / HTTP/1.1\r\nHost: h\r\n\r\n{{$nothing}}",
            "no request",
        ] {
            assert!(
                RequestTemplate::of(request.as_bytes(), &[]).is_none(),
                "{request}"
            );
        }
        let binary = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n\xff{{$guid}}";
        assert!(RequestTemplate::of(binary, &[]).is_none());
    }

    #[test]
    fn numbers_are_written_in_full() {
        for number in [0, 7, 10, 1_234_567, usize::MAX] {
            let mut out = Vec::new();
            write_number(number, &mut out);
            assert_eq!(out, number.to_string().as_bytes());
        }
    }
}
