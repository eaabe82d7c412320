//! Removes comments from hand-written JSON, as Postman does before it sends a raw body whose language is
//! JSON.
//!
//! Nothing else changes: whitespace and trailing commas stay, and text without comments is returned
//! unchanged. The text need not be valid JSON: it may contain `{{name}}`.

use std::borrow::Cow;

/// Returns the text without `//` and `/* */` comments. The content of strings stays. A line comment ends
/// before the line break, an unclosed block comment at the end of the text.
#[must_use]
pub fn without_comments(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut copied = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = end_of_text(bytes, at),
            b'/' => match end_of_comment(text, at) {
                Some(end) => {
                    kept.push_str(&text[copied..at]);
                    (copied, at) = (end, end);
                }
                None => at += 1,
            },
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    kept.push_str(&text[copied..]);
    Cow::Owned(kept)
}

/// Returns the index after the string whose opening quote is at `from`.
fn end_of_text(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Returns the index after the comment whose slash is at `from`, or `None` if it is not a comment.
fn end_of_comment(text: &str, from: usize) -> Option<usize> {
    let rest = &text[from..];
    let length = if rest.starts_with("//") {
        rest.find(['\n', '\r'])
    } else {
        let inside = rest.strip_prefix("/*")?;
        inside.find("*/").map(|end| end + 4)
    };
    Some(from + length.unwrap_or(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_the_rest_stays() {
        for (text, expected) in [
            ("{\"a\": 1}", "{\"a\": 1}"),
            ("// x\n{\"a\": 1 /* two\nlines */ }// end", "\n{\"a\": 1  }"),
            ("{\"a\": 1, // x\r\n\"b\": 2}", "{\"a\": 1, \r\n\"b\": 2}"),
            (
                r#"{"u": "http://x", "c": "/* no */"}"#,
                r#"{"u": "http://x", "c": "/* no */"}"#,
            ),
            (r#"["\"//", "\\" /* yes */]"#, r#"["\"//", "\\" ]"#),
            ("[{{n}}, // {{x}}\n{{m}} /*{{y}}*/]", "[{{n}}, \n{{m}} ]"),
            ("[1 /* open", "[1 "),
            ("[1 /*/ still */]", "[1 ]"),
            ("[1 / 2]", "[1 / 2]"),
            ("[\"ü\" /* ü */, \"open // text", "[\"ü\" , \"open // text"),
            ("\"\\", "\"\\"),
            ("", ""),
        ] {
            assert_eq!(without_comments(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_without_comments_is_not_copied() {
        assert!(matches!(
            without_comments("{\"a\": \"//\"}"),
            Cow::Borrowed(_)
        ));
    }
}
