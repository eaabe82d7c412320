//! Bodies of forms (WHATWG URL, 5).

use super::escape::encode_form;
use crate::body::{BodyPart, PartKind, PlainBody, URLENCODED};
use crate::template::Deferred;

/// Builds the body of a form from names and values, in order. Variables that are `left` to rendering stay as
/// typed.
#[must_use]
pub fn urlencoded<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    left: Deferred,
) -> PlainBody {
    let mut body = PlainBody {
        content_type: Some(URLENCODED),
        ..PlainBody::default()
    };
    for (name, value) in pairs {
        let mark = if body.parts.is_empty() { "" } else { "&" };
        for (mark, text) in [(mark, name), ("=", value)] {
            body.bytes.extend_from_slice(mark.as_bytes());
            let from = body.bytes.len();
            let encoded = encode_form(text, left);
            body.bytes.extend_from_slice(encoded.as_bytes());
            body.parts.push(BodyPart {
                range: from..body.bytes.len(),
                kind: PartKind::FormText,
            });
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_encoded_and_their_ranges_are_known() {
        let body = urlencoded([("a b", "1&2"), ("", "{{c}}")], Deferred::Nothing);
        assert_eq!(body.bytes, b"a+b=1%262&=%7B%7Bc%7D%7D");
        let ranges: Vec<_> = body.parts.iter().map(|part| part.range.clone()).collect();
        assert_eq!(ranges, [0..3, 4..9, 10..10, 11..24]);
        assert_eq!(urlencoded([], Deferred::Nothing).bytes, b"");
    }
}
