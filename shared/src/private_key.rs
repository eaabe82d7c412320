//! Finds private keys in what is to be stored: as PEM (RFC 7468) or of PGP, as they are or in Base64. Keys
//! without such armour look like any other bytes, and are not found.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

use crate::json;

/// What stands in place of a text that has a private key in it.
pub const NOT_STORED: &str = "(not stored)";

/// How `-----BEGIN ` begins in Base64.
const ARMOUR: &str = "LS0tLS1CRUdJTi";

/// Whether a text has a private key in it.
#[must_use]
pub fn is_in(text: &str) -> bool {
    is_armoured(text)
        || text
            .match_indices(ARMOUR)
            .any(|(at, _)| is_armoured(&decoded(&text[at..])))
}

fn is_armoured(text: &str) -> bool {
    text.contains("-----BEGIN") && text.contains("PRIVATE KEY")
}

/// What Base64 at the beginning of a text says, over the ends of its lines.
fn decoded(text: &str) -> String {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    let lines = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let mut digits: Vec<u8> = lines.take_while(is_digit).collect();
    // A last group that is cut off says nothing.
    digits.truncate(digits.len() / 4 * 4);
    let bytes = STANDARD_NO_PAD.decode(digits).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Takes every text out that has a private key in it, wherever it stands; says whether there was
/// any.
pub fn drop_from(value: &mut Value) -> bool {
    let any = |entry: &mut Value| drop_from(entry);
    match value {
        Value::String(text) if is_in(text) => {
            *value = NOT_STORED.into();
            true
        }
        Value::Array(entries) => entries
            .iter_mut()
            .map(any)
            .fold(false, |all, one| all | one),
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().filter(|name| is_in(name)).cloned().collect();
            for name in &names {
                fields.shift_remove(name);
            }
            let among = fields
                .values_mut()
                .map(any)
                .fold(false, |all, one| all | one);
            among || !names.is_empty()
        }
        _ => false,
    }
}

/// Whether JSON text may have a private key in it: an escape may spell one.
#[must_use]
pub fn may_be_in(text: &str) -> bool {
    ["PRIVATE KEY", ARMOUR, "\\u"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// JSON text without private keys; the text itself where it has none, or is no JSON.
#[must_use]
pub fn without(text: &str) -> Cow<'_, str> {
    if !may_be_in(text) {
        return Cow::Borrowed(text);
    }
    let Ok(mut value) = json::read(text) else {
        return Cow::Borrowed(text);
    };
    let had_one = drop_from(&mut value);
    // Of members of one name, the text has them all, and the value the last.
    match had_one || is_in(text) {
        true => Cow::Owned(value.to_string()),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const PEM: &str = "-----BEGIN EC PRIVATE KEY-----\nsecret\n-----END EC PRIVATE KEY-----\n";

    #[test]
    fn keys_are_found_as_text_and_in_base64() {
        let encoded = STANDARD.encode(PEM);
        let wrapped = format!("{}\r\n{}", &encoded[..30], &encoded[30..]);
        let certificate = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----";
        for (text, found) in [
            (PEM.to_owned(), true),
            (format!("before {PEM} behind"), true),
            (encoded.clone(), true),
            (format!("key={encoded}&a=b"), true),
            (wrapped, true),
            (certificate.to_owned(), false),
            (STANDARD.encode(certificate), false),
            ("a PRIVATE KEY".to_owned(), false),
            (ARMOUR.to_owned(), false),
            (format!("{ARMOUR}ü"), false),
        ] {
            assert_eq!(is_in(&text), found, "{text}");
        }
    }

    #[test]
    fn json_keeps_everything_else_as_it_was() {
        let key = Value::from(PEM).to_string();
        for (text, kept) in [
            (
                format!(r#"{{"a":{key},"n":12345678901234567890123}}"#),
                r#"{"a":"(not stored)","n":12345678901234567890123}"#,
            ),
            (format!(r#"[1.50,{{{key}:1}}]"#), "[1.50,{}]"),
            (format!(r#"{{"a":{key},"a":2}}"#), r#"{"a":2}"#),
            (r#"{"a": "\u00fc"}"#.to_owned(), r#"{"a": "\u00fc"}"#),
            ("PRIVATE KEY".to_owned(), "PRIVATE KEY"),
        ] {
            assert_eq!(without(&text), kept, "{text}");
        }
    }
}
