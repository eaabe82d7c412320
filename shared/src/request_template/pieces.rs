//! The body of a template, piece by piece: text with variables, and bytes without.

use super::escape::{self, plainly};
use super::{Compile, ENCODED_OPEN, unescaped};
use crate::body::{BodyPart, PartKind};
use crate::template::{Render, Template, Write};

/// A piece of a body.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Sent as it is.
    Literal(Vec<u8>),
    /// Text, and how values are written into it: dynamic ones, and the user's own.
    Text(Template, Write, Write),
}

impl Piece {
    /// Whether it is the same every time.
    pub fn is_constant(&self) -> bool {
        match self {
            Self::Literal(_) => true,
            Self::Text(template, ..) => template.constant().is_some(),
        }
    }

    /// Writes it behind what is there.
    pub fn render(&self, render: &mut Render<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Literal(bytes) => out.extend_from_slice(bytes),
            Self::Text(template, write, write_variable) => {
                (render.write, render.write_variable) = (*write, *write_variable);
                template.render_with(render, out);
            }
        }
    }
}

/// What bodies are cut by.
pub struct Pieces<'a> {
    /// The content type, in lower case.
    pub kind: &'a str,
    /// How variables begin.
    pub mark: &'a str,
    /// Makes a template of a text.
    pub compile: Compile,
}

impl Pieces<'_> {
    /// Cuts a body. Parts beyond its end are left out.
    pub fn of(&self, body: &[u8], parts: &[BodyPart]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut from = 0;
        for part in parts {
            let (start, end) = (
                part.range.start.min(body.len()),
                part.range.end.min(body.len()),
            );
            pieces.extend(self.rest(&body[from.min(start)..start]));
            pieces.extend(self.part(&body[start..end.max(start)], part.kind));
            from = end.max(start);
        }
        pieces.extend(self.rest(&body[from..]));
        pieces
    }

    fn part(&self, bytes: &[u8], kind: PartKind) -> Option<Piece> {
        match kind {
            PartKind::Literal => Some(Piece::Literal(bytes.to_vec())),
            PartKind::JsonText => self.text(bytes, escape::in_json, escape::in_json),
            PartKind::FormName => self.text(bytes, escape::in_form_name, escape::in_form_name),
        }
    }

    /// What is no part of its own: written as the content type asks for it.
    fn rest(&self, bytes: &[u8]) -> Option<Piece> {
        let write = escape::of_body(self.kind);
        let is_form = self.kind.starts_with("application/x-www-form-urlencoded");
        match std::str::from_utf8(bytes) {
            Ok(text) if is_form => {
                // What the engine itself encoded is encoded; the rest is the user's.
                let is_encoded = text.contains(ENCODED_OPEN);
                let write_variable = if is_encoded { escape::percent } else { plainly };
                self.text(unescaped(text, self.mark).as_bytes(), write, write_variable)
            }
            _ => self.text(bytes, write, plainly),
        }
    }

    /// Nothing for an empty piece; bytes that are no text are sent as they are.
    fn text(&self, bytes: &[u8], write: Write, write_variable: Write) -> Option<Piece> {
        if bytes.is_empty() {
            return None;
        }
        Some(match std::str::from_utf8(bytes) {
            Ok(text) => Piece::Text((self.compile)(text), write, write_variable),
            Err(_) => Piece::Literal(bytes.to_vec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::dynamic::DynamicSource;
    use crate::request_template::{RequestTemplate, Scratch};
    use crate::template::Variables;

    struct Own;

    impl Variables for Own {
        fn get(&self, name: &str) -> Option<String> {
            (name == "v").then(|| "\"\r\n".to_owned())
        }
    }

    fn part(range: Range<usize>, kind: PartKind) -> BodyPart {
        BodyPart { range, kind }
    }

    fn sent(request: &[u8], parts: &[BodyPart]) -> Vec<u8> {
        let template = RequestTemplate::open(request, parts).expect("variables");
        let mut out = Vec::new();
        let source = &mut DynamicSource::new(1);
        template.render(source, 0, &Own, &mut Scratch::default(), &mut out);
        out
    }

    #[test]
    fn each_part_has_values_written_its_own_way() {
        let body = b"{{v}}|{{v}}|{{v}}|\xff{{v}}|{{v}}";
        let mut request = b"POST /{{v}} HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n".to_vec();
        request.extend_from_slice(body);
        let parts = [
            part(6..11, PartKind::JsonText),
            part(12..17, PartKind::FormName),
            part(18..24, PartKind::Literal),
        ];
        let sent = sent(&request, &parts);
        let expected = b"POST /%22%0D%0A HTTP/1.1\r\nHost: h\r\nContent-Length: 31\r\n\r\n\
            \"\r\n|\\\"\\r\\n|%22%0D%0A|\xff{{v}}|\"\r\n";
        let expected = expected.to_vec();
        assert_eq!(
            String::from_utf8_lossy(&sent),
            String::from_utf8_lossy(&expected)
        );
        assert_eq!(sent, expected);
    }

    #[test]
    fn bytes_that_are_no_text_leave_the_head_its_variables() {
        let request = b"POST /{{v}} HTTP/1.1\r\nContent-Length: 6\r\n\r\n\xff{{v}}";
        let sent = sent(request, &[]);
        assert!(sent.starts_with(b"POST /%22%0D%0A ") && sent.ends_with(b"\r\n\r\n\xff{{v}}"));
    }

    #[test]
    fn parts_beyond_the_end_are_left_out() {
        let request = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n{{v}}";
        let parts = [
            part(0..50, PartKind::JsonText),
            part(60..70, PartKind::Literal),
        ];
        assert!(sent(request, &parts).ends_with(b"\r\n\r\n\\\"\\r\\n"));
    }
}
