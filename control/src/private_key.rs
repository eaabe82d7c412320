//! Detects private keys in data that is to be stored: keys in PEM (RFC 7468) or PGP armour, as plain text, in
//! Base64, or URL- or form-encoded. A key without armour looks like any other bytes and is not detected.
//! Armour that is not followed by possible key material is not reported either, as in a script that strips
//! the armour.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;
use vayu_shared::json;

/// Replacement for a string that contains a private key.
pub const NOT_STORED: &str = "(not stored)";

const BEGIN: &str = "-----BEGIN";
const DASHES: &str = "-----";

/// Maximum length of the label between the dashes, in bytes, encoded or not.
const LABEL_BYTES: usize = 96;

/// Base64 of `-----BEGIN ` at each of the three alignments, and the offset from the match to the next
/// 4-character group.
const ARMOURS: [(&str, usize); 3] = [
    ("LS0tLS1CRUdJTi", 0),
    ("0tLS0tQkVHSU4g", 2),
    ("tLS0tLUJFR0lOI", 1),
];

/// Bytes of Base64 to decode: the armour and the beginning of what follows.
const ENCODED_BYTES: usize = 192;

/// Returns whether a string contains a private key.
#[must_use]
pub fn detected_in(text: &str) -> bool {
    is_armoured(text) || is_encoded(text)
}

fn is_armoured(text: &str) -> bool {
    let starts = text.match_indices(BEGIN);
    starts.map(|(at, _)| &text[at + BEGIN.len()..]).any(has_key)
}

/// Returns whether `-----BEGIN` is followed by the label of a private key and possible key material.
fn has_key(text: &str) -> bool {
    after_label(text).is_some_and(|rest| match beginning(rest).chars().next() {
        // Quotes, brackets and similar characters belong to code that adds or strips the armour.
        Some(first) => first.is_alphanumeric() || "+/=(-".contains(first),
        None => false,
    })
}

/// Returns the text after the label of a private key.
fn after_label(text: &str) -> Option<&str> {
    let end = text.find(DASHES).filter(|end| *end <= LABEL_BYTES)?;
    let (label, rest) = text.split_at(end);
    (label.contains("PRIVATE") && label.contains("KEY")).then(|| &rest[DASHES.len()..])
}

/// Strips leading line ends and blanks: raw, backslash-escaped once or several times, or percent-encoded.
fn beginning(mut text: &str) -> &str {
    const BLANKS: [&str; 6] = ["%0A", "%0a", "%0D", "%0d", "%20", "+"];
    loop {
        let trimmed = text.trim_start();
        let letter = trimmed.trim_start_matches('\\');
        if letter.len() < trimmed.len() {
            text = letter.strip_prefix(['n', 'r']).unwrap_or(letter);
            continue;
        }
        let next = BLANKS.iter().find_map(|blank| trimmed.strip_prefix(blank));
        match next {
            Some(rest) => text = rest,
            None => return trimmed,
        }
    }
}

fn is_encoded(text: &str) -> bool {
    ARMOURS.iter().any(|(armour, next)| {
        let starts = text.match_indices(armour);
        starts
            .map(|(at, _)| decoded(&text[at + next..]))
            .any(|decoded| {
                let label = decoded
                    .find("BEGIN")
                    .map(|at| &decoded[at + "BEGIN".len()..]);
                label.is_some_and(|label| has_key(label) || after_label(label) == Some(""))
            })
    })
}

/// Decodes the Base64 at the beginning of a string, ignoring line breaks.
fn decoded(text: &str) -> String {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    let bytes = text.bytes().take(ENCODED_BYTES);
    let lines = bytes.filter(|byte| !byte.is_ascii_whitespace());
    let mut digits: Vec<u8> = lines.take_while(is_digit).collect();
    // An incomplete last group cannot be decoded.
    digits.truncate(digits.len() / 4 * 4);
    let bytes = STANDARD_NO_PAD.decode(digits).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the text as it may be shown and stored: [`NOT_STORED`] if it contains a private key.
#[must_use]
pub fn shown(text: &str) -> &str {
    match detected_in(text) {
        true => NOT_STORED,
        false => text,
    }
}

/// Replaces every string that contains a private key, at any depth, and removes members whose name contains
/// one. Returns whether there was one.
pub fn remove_from(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let found = detected_in(text);
            if found {
                *value = NOT_STORED.into();
            }
            found
        }
        Value::Array(entries) => {
            let by_lines = entries.iter().any(is_first_line);
            let mut found = by_lines;
            for entry in entries {
                match entry {
                    Value::String(_) if by_lines => *entry = NOT_STORED.into(),
                    entry => found |= remove_from(entry),
                }
            }
            found
        }
        Value::Object(fields) => {
            let count = fields.len();
            fields.retain(|name, _| !detected_in(name));
            let mut found = fields.len() < count;
            fields
                .values_mut()
                .for_each(|field| found |= remove_from(field));
            found
        }
        _ => false,
    }
}

/// Returns whether this is the first line of a key whose other lines are further entries of the same array.
fn is_first_line(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let label = text.rfind(BEGIN).map(|at| &text[at + BEGIN.len()..]);
    label
        .and_then(after_label)
        .is_some_and(|rest| beginning(rest).is_empty())
}

/// Returns JSON text without private keys. Returns the text unchanged if it contains none or is not JSON.
#[must_use]
pub fn without(text: &str) -> Cow<'_, str> {
    let plain = unescaped(text);
    if !may_be_in(&plain) {
        return Cow::Borrowed(text);
    }
    let Ok(mut value) = json::read(text) else {
        return Cow::Borrowed(text);
    };
    let had_one = remove_from(&mut value);
    // If an object has several members of one name, the text contains all of them, but the value only the
    // last.
    match had_one || detected_in(&plain) {
        true => Cow::Owned(value.to_string()),
        false => Cow::Borrowed(text),
    }
}

/// Removes private keys from JSON text that serde wrote. Costs one scan if there is none.
#[must_use]
pub fn without_in_serialized(text: String) -> String {
    // Serde escapes no character of the armour, so a key is recognizable in the text.
    match detected_in(&text) {
        true => without(&text).into_owned(),
        false => text,
    }
}

/// Returns whether JSON text may contain a private key. Has many false positives, no false negatives.
#[must_use]
pub fn may_be_in(text: &str) -> bool {
    text.contains("\\u")
        || text.contains(BEGIN)
        || ARMOURS.iter().any(|(armour, _)| text.contains(armour))
}

/// Replaces escapes of printable ASCII characters in JSON text by the characters.
fn unescaped(text: &str) -> Cow<'_, str> {
    const ESCAPE: &str = "\\u00";
    if !text.contains(ESCAPE) {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split(ESCAPE);
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let letter = piece
            .get(..2)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match letter.filter(u8::is_ascii_graphic) {
            Some(letter) => {
                plain.push(char::from(letter));
                plain.push_str(&piece[2..]);
            }
            None => {
                plain.push_str(ESCAPE);
                plain.push_str(piece);
            }
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    const PEM: &str = "-----BEGIN EC PRIVATE KEY-----\nsecret\n-----END EC PRIVATE KEY-----\n";
    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----";

    #[test]
    fn keys_are_found_however_they_are_written() {
        let encoded = STANDARD.encode(PEM);
        for text in [
            PEM.to_owned(),
            format!("before {PEM} behind"),
            "-----BEGIN PRIVATE KEY-----MIIE".to_owned(),
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOY".to_owned(),
            "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED".to_owned(),
            PEM.replace('\n', "\\n"),
            PEM.replace('\n', "\\\\r\\\\n"),
            PEM.replace(' ', "+").replace('\n', "%0A"),
            PEM.replace(' ', "%20").replace('\n', "%0D%0A"),
            encoded.clone(),
            format!("key={encoded}&a=b"),
            format!("{}\r\n{}", &encoded[..30], &encoded[30..]),
            STANDARD.encode(format!("\n{PEM}")),
            STANDARD.encode(format!("{{\"private_key\":\"{}", PEM.replace('\n', "\\n"))),
            format!("Basic {}", STANDARD.encode(format!("u:{PEM}"))),
            STANDARD.encode(format!("abcdefg{PEM}")),
        ] {
            assert!(detected_in(&text), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_not_taken_for_one() {
        for text in [
            CERTIFICATE.to_owned(),
            format!("{CERTIFICATE} and a PRIVATE KEY"),
            STANDARD.encode(CERTIFICATE),
            "a PRIVATE KEY".to_owned(),
            "text.replace('-----BEGIN PRIVATE KEY-----', '').replace('-----END PRIVATE KEY-----', '')".to_owned(),
            "'-----BEGIN PRIVATE KEY-----\\n' + key".to_owned(),
            "`-----BEGIN PRIVATE KEY-----\n${key}`".to_owned(),
            "-----BEGIN PRIVATE KEY-----\n{{key}}\n-----END PRIVATE KEY-----".to_owned(),
            "-----BEGIN PUBLIC KEY-----\nMIIB\n".to_owned(),
            ARMOURS[0].0.to_owned(),
            format!("{}ü", ARMOURS[1].0),
        ] {
            assert!(!detected_in(&text), "{text}");
        }
    }

    #[test]
    fn a_text_of_nothing_but_armour_is_looked_at_once() {
        // A quadratic scan would take hours.
        for armour in [ARMOURS[0].0, BEGIN, "-----BEGIN CERTIFICATE "] {
            assert!(!detected_in(&armour.repeat(1_000_000)), "{armour}");
        }
    }

    #[test]
    fn all_lines_of_a_key_go() {
        let mut value = json!({"lines": ["-----BEGIN PRIVATE KEY-----", "MIIE", "-----END PRIVATE KEY-----"],
                               "other": [1, CERTIFICATE]});
        assert!(remove_from(&mut value));
        let expected =
            json!({"lines": [NOT_STORED, NOT_STORED, NOT_STORED], "other": [1, CERTIFICATE]});
        assert_eq!(value, expected);
    }

    #[test]
    fn json_keeps_everything_else_as_it_was() {
        let key = Value::from(PEM).to_string();
        let escaped = key.replacen('-', "\\u002d", 3);
        for (text, kept) in [
            (
                format!(r#"{{"a":{key},"n":12345678901234567890123}}"#),
                r#"{"a":"(not stored)","n":12345678901234567890123}"#,
            ),
            (format!(r#"[1.50,{{{key}:1}}]"#), "[1.50,{}]"),
            (format!(r#"{{"a":{key},"a":2}}"#), r#"{"a":2}"#),
            (format!(r#"{{"a":{escaped},"a":2}}"#), r#"{"a":2}"#),
            (r#"{"a": "\u00fc"}"#.to_owned(), r#"{"a": "\u00fc"}"#),
            ("PRIVATE KEY".to_owned(), "PRIVATE KEY"),
        ] {
            assert_eq!(without(&text), kept, "{text}");
        }
    }
}
