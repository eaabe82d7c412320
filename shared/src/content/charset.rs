//! Decodes response bodies to text, in every character encoding of the WHATWG Encoding standard.
//!
//! The encoding is determined by a byte order mark, then by the `charset` of Content-Type, then by the
//! declaration in an HTML or XML document. The default is UTF-8. A byte order mark is not part of the text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Number of bytes at the start of a document in which an encoding declaration is searched (WHATWG HTML,
/// 13.2.3.2).
const PRESCAN_BYTES: usize = 1024;

/// Decodes a body. Bytes that are invalid in its encoding become U+FFFD.
#[must_use]
pub fn text<'a>(content_type: &str, body: &'a [u8]) -> Cow<'a, str> {
    let (encoding, content) = encoding_of(content_type, body);
    encoding.decode_without_bom_handling(content).0
}

/// Decodes a truncated body like [`text`], but omits an incomplete character at the end.
#[must_use]
pub fn truncated_text(content_type: &str, body: &[u8]) -> String {
    let (encoding, content) = encoding_of(content_type, body);
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length(content.len());
    let mut text = String::with_capacity(room.unwrap_or_default());
    // Output that does not fit the buffer is omitted, like the content after the cut.
    let _ = decoder.decode_to_string(content, &mut text, false);
    text
}

/// Decodes a body. Returns `None` if some of its bytes are invalid in its encoding.
#[must_use]
pub fn valid_text<'a>(content_type: &str, body: &'a [u8]) -> Option<Cow<'a, str>> {
    let (encoding, content) = encoding_of(content_type, body);
    encoding.decode_without_bom_handling_and_without_replacement(content)
}

/// Decodes a body to UTF-8 for a reader that tolerates invalid bytes. Bytes declared as UTF-8 are neither
/// validated nor copied.
#[must_use]
pub fn utf8_bytes<'a>(content_type: &str, body: &'a [u8]) -> Cow<'a, [u8]> {
    let (encoding, content) = encoding_of(content_type, body);
    if encoding == UTF_8 {
        return Cow::Borrowed(content);
    }
    match encoding.decode_without_bom_handling(content).0 {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// Returns type and subtype of a Content-Type, in lower case.
#[must_use]
pub fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Returns the encoding of a body, and the body without its byte order mark.
fn encoding_of<'a>(content_type: &str, body: &'a [u8]) -> (&'static Encoding, &'a [u8]) {
    if let Some((encoding, mark)) = Encoding::for_bom(body) {
        return (encoding, &body[mark..]);
    }
    let encoding = parameter(content_type, "charset")
        .and_then(|label| encoding_named(label.as_bytes()))
        .or_else(|| encoding_in_document(content_type, body));
    (encoding.unwrap_or(UTF_8), body)
}

/// Looks up an encoding by label. Omits the encodings that the standard decodes to a single U+FFFD, because
/// the bytes contain more information.
fn encoding_named(label: &[u8]) -> Option<&'static Encoding> {
    if label.eq_ignore_ascii_case(b"utf-8") {
        return Some(UTF_8);
    }
    Encoding::for_label_no_replacement(label)
}

/// Returns the value of a Content-Type parameter, without quotes.
fn parameter<'a>(content_type: &'a str, name: &str) -> Option<&'a str> {
    let mut parameters = content_type.split(';').skip(1);
    parameters.find_map(|parameter| {
        let (known, value) = parameter.split_once('=')?;
        let is_it = known.trim().eq_ignore_ascii_case(name);
        is_it.then(|| value.trim().trim_matches(['"', '\'']).trim())
    })
}

/// Returns the encoding that an HTML or XML document declares. A declaration that is readable as ASCII cannot
/// be in UTF-16, so a declared UTF-16 is replaced by UTF-8.
fn encoding_in_document(content_type: &str, body: &[u8]) -> Option<&'static Encoding> {
    if body
        .first()
        .is_none_or(|first| !b"< \t\r\n\x0c".contains(first))
    {
        return None;
    }
    let essence = essence(content_type);
    let is_html = matches!(essence.as_str(), "" | "text/html" | "application/xhtml+xml");
    let is_xml = essence.ends_with("/xml") || essence.ends_with("+xml");
    let start = &body[..body.len().min(PRESCAN_BYTES)];
    let label = match () {
        () if is_html => xml_label(start).or_else(|| meta_label(start)),
        () if is_xml => xml_label(start),
        () => None,
    };
    let encoding = encoding_named(label?)?;
    let is_utf16 = encoding == UTF_16LE || encoding == UTF_16BE;
    Some(if is_utf16 { UTF_8 } else { encoding })
}

/// Returns `encoding` of the XML declaration.
fn xml_label(start: &[u8]) -> Option<&[u8]> {
    let declaration = start.strip_prefix(b"<?xml")?;
    let end = find(declaration, b"?>")?;
    value_of(&declaration[..end], b"encoding")
}

/// Returns `charset` of the first `<meta>` that has one, as an attribute or in `content`.
fn meta_label(start: &[u8]) -> Option<&[u8]> {
    let mut rest = start;
    loop {
        rest = &rest[find(rest, b"<")?..];
        if rest.starts_with(b"<!--") {
            rest = &rest[find(rest, b"-->")?..];
        } else if is_meta(rest) {
            let tag = &rest[..find(rest, b">")?];
            if let Some(label) = value_of(tag, b"charset") {
                return Some(label);
            }
        }
        rest = &rest[1..];
    }
}

fn is_meta(tag: &[u8]) -> bool {
    let name = tag.get(1..5).unwrap_or_default();
    let behind = tag.get(5).copied().unwrap_or_default();
    name.eq_ignore_ascii_case(b"meta") && (behind.is_ascii_whitespace() || behind == b'/')
}

/// Returns the value that follows `name` and an equals sign, quoted or up to a delimiter.
fn value_of<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = text;
    while rest.len() >= name.len() {
        if !rest[..name.len()].eq_ignore_ascii_case(name) {
            rest = &rest[1..];
            continue;
        }
        rest = rest[name.len()..].trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"=") else {
            continue;
        };
        let value = value.trim_ascii_start();
        let value = match value {
            [b'"' | b'\'', quoted @ ..] => quoted,
            bare => bare,
        };
        let ends = |byte: &u8| b"\"';/>".contains(byte) || byte.is_ascii_whitespace();
        let end = value.iter().position(ends).unwrap_or(value.len());
        return Some(&value[..end]);
    }
    None
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests;
