//! Parses JSON for scripts. Large members of an object stay text until a script reads them: a script reads
//! one or two of them, and creating the objects of the others takes most of the time of a check.
//!
//! Nothing here reports what is wrong with a text; `collection/json.js` does.

mod member;
mod scan;

use rquickjs::qjs::JSClassID;
use rquickjs::{Ctx, Result, Value};

/// Size in bytes from which a text is split and a member is parsed lazily.
const LAZY_MIN_BYTES: usize = 256;
/// Maximum number of members of an object that is split.
const MAX_LAZY_MEMBERS: usize = 64;

/// The JSON parser of one context.
#[derive(Clone, Copy)]
pub struct LazyJson {
    /// Class of the accessors of members that are not parsed yet.
    class: JSClassID,
}

impl LazyJson {
    /// Creates the parser of this context. Called once per context.
    ///
    /// # Errors
    /// Returns an error if memory cannot be allocated.
    pub fn new(ctx: &Ctx<'_>) -> Result<Self> {
        let class = member::new_class(ctx)?;
        Ok(Self { class })
    }

    /// Parses a JSON text.
    ///
    /// # Errors
    /// Returns an error if the text is not JSON or memory cannot be allocated.
    pub fn parse<'js>(self, ctx: &Ctx<'js>, json: &[u8]) -> Result<Value<'js>> {
        let Some(outline) = Outline::of(json) else {
            return ctx.json_parse(json);
        };
        let value = ctx.json_parse(outline.now)?;
        if let Some(object) = value.as_object() {
            for (name, text) in outline.later {
                member::define_lazy(object, name, text, self.class)?;
            }
        }
        Ok(value)
    }

    /// Returns whether a function is the accessor of a member that may not be parsed yet.
    #[must_use]
    pub fn is_later(self, accessor: &Value<'_>) -> bool {
        member::is_accessor(accessor, self.class)
    }
}

/// The text of an object without its large members.
#[derive(Debug, PartialEq, Eq)]
struct Outline<'a> {
    /// JSON with `null` in place of the large members.
    now: String,
    /// Names and texts of the large members.
    later: Vec<(&'a str, &'a str)>,
}

impl<'a> Outline<'a> {
    /// Returns `None` for a text that is not an object, has no large member or cannot be split reliably.
    fn of(json: &'a [u8]) -> Option<Self> {
        if json.len() < LAZY_MIN_BYTES {
            return None;
        }
        let members = scan::members(json, MAX_LAZY_MEMBERS)?;
        let is_big = |text: &str| text.len() >= LAZY_MIN_BYTES;
        if !members.iter().any(|(_, text)| is_big(text)) {
            return None;
        }
        let mut outline = Self {
            now: String::with_capacity(LAZY_MIN_BYTES),
            later: Vec::new(),
        };
        for (place, &(name, text)) in members.iter().enumerate() {
            // Of several members with the same name the last one counts, however the name is escaped.
            let is_taken = |(other, _): &(&str, &str)| *other == name;
            if name.contains('\\') || members[..place].iter().any(is_taken) {
                return None;
            }
            outline.now.push(if place == 0 { '{' } else { ',' });
            outline.now.push_str(name);
            outline.now.push(':');
            if is_big(text) {
                outline.now.push_str("null");
                outline.later.push((&name[1..name.len() - 1], text));
            } else {
                outline.now.push_str(text);
            }
        }
        outline.now.push('}');
        Some(outline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(json: &str) -> Option<(String, Vec<(String, String)>)> {
        let outline = Outline::of(json.as_bytes())?;
        let later = outline.later.into_iter();
        let later = later
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        Some((outline.now, later))
    }

    #[test]
    fn big_members_are_left_as_text() {
        let big = format!("[{}1]", "1, ".repeat(100));
        let told = outline(&format!(
            r#" {{"id" : 7, "items":{big} , "a":{{"b":"c"}}}} "#
        ));
        let now = r#"{"id":7,"items":null,"a":{"b":"c"}}"#.to_owned();
        assert_eq!(told, Some((now, vec![("items".to_owned(), big)])));
    }

    #[test]
    fn what_has_none_is_parsed_at_once() {
        let big = "1".repeat(300);
        for json in [
            r#"{"a": 1}"#.to_owned(),
            big.clone(),
            format!("[{big}]"),
            format!(r#"{{"a": {big}"#),
            format!(r#"{{"a": {big}}} x"#),
            format!(r#"{{"a": {big}, }}"#),
            format!(r#"{{"a": 0{big}}}"#),
            format!(r#"{{"a": [{big},]}}"#),
            format!(r#"{{"a": {big}, "b": "\x"}}"#),
            format!(r#"{{"a": {big}, "b": "\u12"}}"#),
            format!("{{\"a\": {big}, \"b\": \"\n\"}}"),
            format!(r#"{{"a": {big}, "a": 1}}"#),
            format!(r#"{{"\u0061": {big}, "a": 1}}"#),
            format!("{{{}}}", vec![r#""a": 1"#; 100].join(", ")),
        ] {
            assert_eq!(outline(&json), None, "{json}");
        }
    }
}
