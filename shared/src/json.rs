//! Parses JSON without changing a number: `1.00`, `-0`, `1e2` and numbers beyond `f64` keep their digits (RFC
//! 8259, 6 limits neither range nor precision).
//!
//! `serde_json` with `arbitrary_precision` keeps all digits but rewrites exponents: `1e2` becomes `1e+2`.
//! Text with exponents is parsed a second time, member by member, and its numbers are taken from the text.

mod checked;
mod comments;
mod members;

use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use checked::Checked;
pub use comments::without_comments;
pub use members::Members;

/// Parses JSON text. Serializing the value reproduces its numbers exactly.
///
/// # Errors
/// Returns an error if the text is not JSON, or is nested deeper than `serde_json` parses (127 levels).
pub fn read(text: &str) -> serde_json::Result<Value> {
    let value = serde_json::from_str(text)?;
    if has_exponent(text) {
        exact(text.trim_ascii())
    } else {
        Ok(value)
    }
}

/// Validates JSON text and returns it as text, without surrounding whitespace. Needs no memory except a copy
/// of the text.
///
/// # Errors
/// As for [`read`].
pub fn checked(text: &str) -> serde_json::Result<Box<RawValue>> {
    let text = text.trim_ascii();
    let _: Checked = serde_json::from_str(text)?;
    RawValue::from_string(text.to_owned())
}

/// Parses validated JSON text without surrounding whitespace. The depth limit of the validation also limits
/// the recursion.
fn exact(text: &str) -> serde_json::Result<Value> {
    match text.as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => Ok(Value::Number(Number::from_string_unchecked(
            text.to_owned(),
        ))),
        Some(b'[') if has_exponent(text) => {
            let entries: Vec<&RawValue> = serde_json::from_str(text)?;
            entries.iter().map(|entry| exact(entry.get())).collect()
        }
        Some(b'{') if has_exponent(text) => {
            let Members::<String>(members) = serde_json::from_str(text)?;
            let members = members.into_iter();
            let object: Map<String, Value> = members
                .map(|(name, value)| Ok((name, exact(value.get())?)))
                .collect::<serde_json::Result<_>>()?;
            Ok(Value::Object(object))
        }
        _ => serde_json::from_str(text),
    }
}

/// Returns whether a JSON text has at most `most` values, counting member names as well. The result is
/// unspecified if the text is not JSON.
#[must_use]
pub fn has_at_most(text: &str, most: usize) -> bool {
    let (mut is_text, mut is_escaped, mut count) = (false, false, 1);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b',' | b':' | b'[' | b'{' if !is_text => {
                count += 1;
                if count > most {
                    return false;
                }
            }
            _ => {}
        }
    }
    count <= most
}

/// Returns the value with every string in it replaced, including member names.
pub fn map_strings(value: &Value, replace: &mut dyn FnMut(&str) -> String) -> Value {
    match value {
        Value::String(text) => replace(text).into(),
        Value::Array(values) => values
            .iter()
            .map(|value| map_strings(value, replace))
            .collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let replaced = fields.map(|(name, value)| (replace(name), map_strings(value, replace)));
            Value::Object(replaced.collect())
        }
        other => other.clone(),
    }
}

/// Returns whether a number in the text may have an exponent. Also matches inside strings, which costs time
/// but is harmless.
fn has_exponent(text: &str) -> bool {
    let mut pairs = text.as_bytes().windows(2);
    pairs.any(|pair| pair[0].is_ascii_digit() && matches!(pair[1], b'e' | b'E'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_were_read() {
        for number in [
            "0",
            "-0",
            "-0.0",
            "1.00",
            "1e2",
            "1E400",
            "1e+05",
            "-2.50E-07",
            "5e-324",
            "18446744073709551616",
            "123456789012345678901234567890",
            "2936.23380448434092597",
            "100000000000000000000000.5",
        ] {
            for text in [
                number.to_owned(),
                format!(r#"{{"n":{number}}}"#),
                format!(r#"[{number},{{"a":[[],{number},"1e2"],"b":{number}}},null,true]"#),
            ] {
                let written = read(&text).expect("JSON").to_string();
                assert_eq!(written, text);
            }
        }
    }

    #[test]
    fn everything_else_is_read_as_ever() {
        for text in [
            r#" { "b" : "\u00e9\n" , "a" : [ 1e3 , { } , [ ] ] , "b" : "x1e2" } "#,
            r#"{"e":1e1,"\u0065":2}"#,
            "\t1e1\n",
            r#""1e2""#,
        ] {
            let plain: Value = serde_json::from_str(text).expect("JSON");
            let read = read(text).expect("JSON").to_string();
            assert_eq!(read, plain.to_string().replace('+', ""), "{text}");
        }
    }

    #[test]
    fn values_are_counted_before_they_are_read() {
        for (text, values) in [
            ("1", 1),
            (r#""a,b:[{\",""#, 1),
            ("[1,2]", 3),
            // An empty array or object counts as two.
            (r#"{"a":1,"b":[]}"#, 6),
        ] {
            assert!(has_at_most(text, values), "{text}");
            assert!(!has_at_most(text, values - 1), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            "1e",
            "01e2",
            "1e2x",
            "[1e2,]",
            "{\"a\":1e2",
            "NaN",
            "1e2 1e2",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let deep = format!("{}1e2{}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(read(&deep).is_err());
    }

    #[test]
    fn numbers_beyond_f64_are_no_numbers_to_count_with() {
        let value = read("1E400").expect("JSON");
        assert!(value.is_number() && value.as_f64().is_none());
        assert_eq!(read("1e2").expect("JSON").as_f64(), Some(100.0));
    }
}
