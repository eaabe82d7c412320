//! Finds the members of a JSON object without creating values, and checks that the whole text is JSON (RFC
//! 8259). Nothing here reports what is wrong with an invalid text.

/// Maximum nesting depth. Deeper texts are left to another parser.
const MAX_DEPTH: u32 = u64::BITS;

/// Bytes that end a run of plain characters in a string: quotes, backslashes and control characters.
const ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        ends[byte] = true;
        byte += 1;
    }
    ends[b'"' as usize] = true;
    ends[b'\\' as usize] = true;
    ends
};

/// Returns the members of a JSON object, each a name with its quotes and a value, as written. Returns `None`
/// if the text is not an object, is not JSON, has more than `most` members or is nested too deeply.
pub fn members(json: &[u8], most: usize) -> Option<Vec<(&str, &str)>> {
    let text = std::str::from_utf8(json).ok()?;
    let mut scanner = Scanner { rest: json };
    let mut members = Vec::new();
    scanner.take(b'{')?;
    if scanner.take(b'}').is_none() {
        loop {
            scanner.blanks();
            let name = scanner.rest.len();
            scanner.string()?;
            let name = &text[text.len() - name..text.len() - scanner.rest.len()];
            scanner.take(b':')?;
            scanner.blanks();
            let value = scanner.rest.len();
            scanner.value()?;
            let value = &text[text.len() - value..text.len() - scanner.rest.len()];
            if members.len() == most {
                return None;
            }
            members.push((name, value));
            if scanner.take(b',').is_none() {
                scanner.take(b'}')?;
                break;
            }
        }
    }
    scanner.blanks();
    scanner.rest.is_empty().then_some(members)
}

struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    fn blanks(&mut self) {
        while let [first @ ..=b' ', rest @ ..] = self.rest {
            if !matches!(first, b' ' | b'\n' | b'\r' | b'\t') {
                break;
            }
            self.rest = rest;
        }
    }

    /// Takes this byte, after optional whitespace.
    fn take(&mut self, byte: u8) -> Option<()> {
        self.blanks();
        self.skip(byte)
    }

    fn skip(&mut self, byte: u8) -> Option<()> {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                Some(())
            }
            _ => None,
        }
    }

    fn digits(&mut self) -> Option<()> {
        let [b'0'..=b'9', rest @ ..] = self.rest else {
            return None;
        };
        self.rest = rest;
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
        Some(())
    }

    /// Takes a name and its colon.
    fn name(&mut self) -> Option<()> {
        self.blanks();
        self.string()?;
        self.take(b':')
    }

    /// Takes a value of any type with its contents.
    fn value(&mut self) -> Option<()> {
        // One bit per level, the innermost lowest: whether it is an object.
        let (mut depth, mut objects) = (0, 0_u64);
        loop {
            self.blanks();
            let opened = self.scalar_or_opening()?;
            if let Some(is_object) = opened {
                if depth == MAX_DEPTH {
                    return None;
                }
                (depth, objects) = (depth + 1, objects << 1 | u64::from(is_object));
                self.blanks();
                match self.rest.first()? {
                    b'}' if is_object => {}
                    b']' if !is_object => {}
                    _ if is_object => {
                        self.name()?;
                        continue;
                    }
                    _ => continue,
                }
            }
            // A value ends here, and its containers may end with it.
            while depth > 0 {
                self.blanks();
                let is_object = objects & 1 == 1;
                let (next, rest) = self.rest.split_first()?;
                self.rest = rest;
                match next {
                    b',' if is_object => {
                        self.name()?;
                        break;
                    }
                    b',' => break,
                    b'}' if is_object => {}
                    b']' if !is_object => {}
                    _ => return None,
                }
                (depth, objects) = (depth - 1, objects >> 1);
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Takes a scalar, or the opening bracket of a container and returns whether that is an object.
    fn scalar_or_opening(&mut self) -> Option<Option<bool>> {
        match self.rest.first()? {
            b'"' => self.string()?,
            b'{' => return self.skip(b'{').map(|()| Some(true)),
            b'[' => return self.skip(b'[').map(|()| Some(false)),
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        Some(None)
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.skip(b'-');
        if self.skip(b'0').is_none() {
            self.digits()?;
        }
        if self.skip(b'.').is_some() {
            self.digits()?;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = rest;
            if let [b'+' | b'-', rest @ ..] = self.rest {
                self.rest = rest;
            }
            self.digits()?;
        }
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.skip(b'"')?;
        loop {
            let mut bytes = self.rest.iter();
            let end = bytes.find(|byte| ENDS[usize::from(**byte)])?;
            self.rest = bytes.as_slice();
            match end {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    /// Takes the rest of an escape sequence after its backslash.
    fn escape(&mut self) -> Option<()> {
        let (escape, rest) = self.rest.split_first()?;
        self.rest = rest;
        match escape {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let (digits, rest) = rest.split_at_checked(4)?;
                self.rest = rest;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;
    use serde_json::value::RawValue;
    use vayu_shared::json::Members;

    use super::*;

    #[test]
    fn members_are_as_they_are_written() {
        let json = r#" { "a" : [1, {"b": "}"} ,[]] ,"\u0062\"":-0.5e+3, "":{ } , "a":null}  "#;
        let found = members(json.as_bytes(), 4).expect("an object");
        let expected = [
            (r#""a""#, r#"[1, {"b": "}"} ,[]]"#),
            (r#""\u0062\"""#, "-0.5e+3"),
            (r#""""#, "{ }"),
            (r#""a""#, "null"),
        ];
        assert_eq!(found, expected);
        assert_eq!(members(json.as_bytes(), 3), None);
        assert_eq!(members(b"{}", 0), Some(vec![]));
    }

    #[test]
    fn deep_nesting_is_left_to_others() {
        let nested =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(members(nested(64).as_bytes(), 1).is_some());
        assert_eq!(members(nested(65).as_bytes(), 1), None);
    }

    /// Fragments of JSON in any order; some are not valid JSON.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"\\u00e9\"",
            "\"\\x\"",
            "\"",
            "\\",
            "0",
            "-1",
            "01",
            "1.",
            "2.5e3",
            "1e",
            "true",
            "false",
            "null",
            "nul",
            " ",
            "\n",
            "\t",
            "\u{0}",
            "é",
            "{}",
            "[]",
            "{\"a\":",
            "\"b\":1",
            "[1,",
            "{\"c\":[{}]}",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The members as `serde_json` finds them.
    fn known(json: &str) -> Option<Vec<(String, String)>> {
        let Members::<&RawValue>(members) = serde_json::from_str(json).ok()?;
        let members = members.into_iter();
        Some(
            members
                .map(|(name, value)| (name.get().into(), value.get().into()))
                .collect(),
        )
    }

    fn found(json: &str) -> Option<Vec<(String, String)>> {
        let members = members(json.as_bytes(), usize::MAX)?.into_iter();
        Some(
            members
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    proptest! {
        #[test]
        fn serde_json_finds_the_same(json in pieces()) {
            let object = format!("{{\"x\":{json}}}");
            prop_assert_eq!(found(&object), known(&object), "{}", object);
            prop_assert_eq!(found(&json), known(&json), "{}", json);
        }

        #[test]
        fn it_finds_what_was_written(value in values()) {
            let json = serde_json::to_string_pretty(&serde_json::json!({"x": value, "y": [value]})).expect("JSON");
            prop_assert_eq!(found(&json), known(&json));
            prop_assert!(found(&json).is_some());
        }
    }
}
