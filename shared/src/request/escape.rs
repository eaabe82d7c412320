//! Escaping of values, so that they cannot break out of their position.

use url::form_urlencoded;

use crate::body::URLENCODED;
use crate::template::{Deferred, Template, Write};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Returns the escape function for a body with this content type.
pub fn of_body(content_type: &str) -> Write {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    match essence {
        URLENCODED => percent,
        json if json.ends_with("json") => in_json,
        _ => verbatim,
    }
}

/// Writes the value unchanged.
pub fn verbatim(value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(value);
}

/// Escapes for URLs and forms: percent-encodes everything except the unreserved characters of RFC 3986, 2.3.
pub fn percent(value: &[u8], out: &mut Vec<u8>) {
    for &byte in value {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(&[
                b'%',
                HEX[usize::from(byte >> 4)],
                HEX[usize::from(byte & 15)],
            ]);
        }
    }
}

/// Encodes a form name or value (WHATWG URL, 5). Variables that are `left` to rendering stay as typed.
#[must_use]
pub fn encode_form(text: &str, left: Deferred) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
    Template::with(text, left).with_text(&encode).typed()
}

/// Escapes the user's own variables in a URL: keeps everything a user may write there and percent-encodes
/// only what is not allowed in a request line.
pub fn in_target(value: &[u8], out: &mut Vec<u8>) {
    for &byte in value {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            out.push(byte);
        } else {
            percent(&[byte], out);
        }
    }
}

/// Escapes for header lines: replaces control characters by spaces.
pub fn in_line(value: &[u8], out: &mut Vec<u8>) {
    let printable = value
        .iter()
        .map(|&byte| if byte.is_ascii_control() { b' ' } else { byte });
    out.extend(printable);
}

/// Escapes for names and file names in form data (WHATWG HTML, 4.10.21.8).
pub fn in_form_name(value: &[u8], out: &mut Vec<u8>) {
    for &byte in value {
        match byte {
            b'"' | b'\r' | b'\n' => percent(&[byte], out),
            _ => out.push(byte),
        }
    }
}

/// Escapes for JSON strings (RFC 8259, 7).
pub fn in_json(value: &[u8], out: &mut Vec<u8>) {
    for &byte in value {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=31 => {
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&digits);
            }
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_encoded_around_what_is_left() {
        let text = "a b&{{v}}{{$guid}}";
        for (left, encoded) in [
            (Deferred::Nothing, "a+b%26%7B%7Bv%7D%7D%7B%7B%24guid%7D%7D"),
            (Deferred::Dynamic, "a+b%26%7B%7Bv%7D%7D{{$guid}}"),
            (Deferred::All, "a+b%26{{v}}{{$guid}}"),
        ] {
            assert_eq!(encode_form(text, left), encoded);
        }
    }

    #[test]
    fn each_place_has_its_escapes() {
        let value = "a b\"\\\n\u{1}&é".as_bytes();
        for (write, expected) in [
            (of_body("text/plain"), "a b\"\\\n\u{1}&é"),
            (
                of_body("application/json; charset=utf-8"),
                "a b\\\"\\\\\\n\\u0001&é",
            ),
            (
                of_body("application/x-www-form-urlencoded"),
                "a%20b%22%5C%0A%01%26%C3%A9",
            ),
            (in_line, "a b\"\\  &é"),
            (in_form_name, "a b%22\\%0A\u{1}&é"),
        ] {
            let mut out = Vec::new();
            write(value, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }
}
