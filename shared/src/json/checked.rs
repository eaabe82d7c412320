//! Validates JSON without storing it.
//!
//! `serde::de::IgnoredAny` is not sufficient: `serde_json` skips ignored values without validating escapes in
//! strings and without a depth limit, so it would accept text that other parsers reject.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Any JSON value that also parses as [`serde_json::Value`].
pub struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Checked)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        while let Some(Checked) = entries.next_element()? {}
        Ok(self)
    }

    // With `arbitrary_precision`, numbers are visited as maps too.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while let Some((Checked, Checked)) = members.next_entry()? {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::json::checked;

    #[test]
    fn it_takes_what_can_be_read_and_nothing_else() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let texts = [
            "null",
            "true",
            "-0.10",
            "1e400",
            "18446744073709551616",
            "\"\\u00e9\\ud83d\\ude00\"",
            "\"\\ud800\"",
            "[1,[2,{}],\"x\"]",
            "{\"a\":{\"b\":[1.50,null]},\"a\":false}",
            " {} ",
            "",
            "[1,]",
            "{\"a\"}",
            "{1:2}",
            "01",
            "[1] x",
            "\"\u{1}\"",
        ];
        let texts =
            texts
                .map(str::to_owned)
                .into_iter()
                .chain([deep(127), deep(128), deep(100_000)]);
        for text in texts {
            let read = serde_json::from_str::<Value>(&text);
            let checked = checked(&text);
            let shown: String = text.chars().take(60).collect();
            assert_eq!(read.is_ok(), checked.is_ok(), "{shown}: {checked:?}");
            if let Ok(checked) = checked {
                assert_eq!(checked.get(), text.trim_ascii());
            }
        }
    }
}
