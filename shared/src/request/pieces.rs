//! The body of a template as a sequence of pieces: text with variables, and literal bytes.

use super::escape::{self, verbatim};
use crate::body::{BodyPart, PartKind};
use crate::template::{Deferred, Render, Template, Write};

/// A piece of a body.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Sent unchanged.
    Literal(Vec<u8>),
    /// Text, and the escape functions for dynamic values and for the user's own values.
    Text(Template, Write, Write),
}

impl Piece {
    /// Returns whether the piece is the same every time.
    pub fn is_constant(&self) -> bool {
        match self {
            Self::Literal(_) => true,
            Self::Text(template, ..) => template.constant().is_some(),
        }
    }

    /// Appends the piece to `out`.
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

/// Splits a body of a content type into pieces. Parts beyond the end of the body are ignored.
pub fn pieces(body: &[u8], parts: &[BodyPart], kind: &str, left: Deferred) -> Vec<Piece> {
    let write = escape::of_body(kind);
    let rest = |bytes: &[u8]| text(bytes, left, write, verbatim);
    let mut pieces = Vec::new();
    let mut from = 0;
    for part in parts {
        let start = part.range.start.min(body.len());
        let end = part.range.end.min(body.len()).max(start);
        pieces.extend(rest(&body[from.min(start)..start]));
        pieces.extend(of_part(&body[start..end], part.kind, left));
        from = end;
    }
    pieces.extend(rest(&body[from..]));
    pieces
}

fn of_part(bytes: &[u8], kind: PartKind, left: Deferred) -> Option<Piece> {
    let write = match kind {
        PartKind::Literal => return Some(Piece::Literal(bytes.to_vec())),
        PartKind::JsonText => escape::in_json,
        PartKind::FormName => escape::in_form_name,
        PartKind::FormText => escape::percent,
    };
    text(bytes, left, write, write)
}

/// Returns `None` for an empty piece. Bytes that are not UTF-8 are sent unchanged.
fn text(bytes: &[u8], left: Deferred, write: Write, write_variable: Write) -> Option<Piece> {
    if bytes.is_empty() {
        return None;
    }
    Some(match std::str::from_utf8(bytes) {
        Ok(text) if left != Deferred::Nothing => {
            Piece::Text(Template::with(text, left), write, write_variable)
        }
        _ => Piece::Literal(bytes.to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::dynamic::DynamicSource;
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

    fn written(body: &[u8], parts: &[BodyPart]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut render = Render {
            source: &mut DynamicSource::new(1),
            unix_ns: 0,
            variables: &Own,
            scratch: &mut Vec::new(),
            write: verbatim,
            write_variable: verbatim,
            write_name: verbatim,
        };
        for piece in pieces(body, parts, "text/plain", Deferred::All) {
            piece.render(&mut render, &mut out);
        }
        out
    }

    #[test]
    fn each_part_has_values_written_its_own_way() {
        let body = b"{{v}}|{{v}}|{{v}}|\xff{{v}}|{{v}}|{{v}}";
        let parts = [
            part(6..11, PartKind::JsonText),
            part(12..17, PartKind::FormName),
            part(18..24, PartKind::Literal),
            part(25..30, PartKind::FormText),
        ];
        let expected = b"\"\r\n|\\\"\\r\\n|%22%0D%0A|\xff{{v}}|%22%0D%0A|\"\r\n";
        let written = written(body, &parts);
        assert_eq!(
            String::from_utf8_lossy(&written),
            String::from_utf8_lossy(expected)
        );
        assert_eq!(written, expected);
    }

    #[test]
    fn bytes_that_are_no_text_are_sent_as_they_are() {
        assert_eq!(written(b"\xff{{v}}", &[]), b"\xff{{v}}");
        let nothing = pieces(b"{{v}}", &[], "text/plain", Deferred::Nothing);
        assert!(nothing.iter().all(Piece::is_constant));
    }

    #[test]
    fn parts_beyond_the_end_are_left_out() {
        let parts = [
            part(0..50, PartKind::JsonText),
            part(60..70, PartKind::Literal),
        ];
        assert_eq!(written(b"{{v}}", &parts), b"\\\"\\r\\n");
    }
}
