//! Typed access to the fields of a JSON object, with errors that name the field,
//! the value that was seen and what would be right.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::FieldError;
use crate::units::{self, Nanos};

/// The names of an object's fields, in one list or several.
///
/// The same lists are what a reader may ask for, what counts as known when a body has
/// other fields, and what the description of the API has to name: so none of the
/// three can have a field that the others lack.
pub type Known = &'static [&'static [&'static str]];

/// A JSON object and where it stands in the body.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    prefix: &'a str,
    known: Option<Known>,
}

impl<'a> Fields<'a> {
    /// The fields of `object`, which are those `known`; errors put `prefix` before a
    /// field's name. To read another one is a bug of the reader.
    #[must_use]
    pub fn new(object: &'a Map<String, Value>, prefix: &'a str, known: Known) -> Self {
        Self {
            known: Some(known),
            ..Self::free(object, prefix)
        }
    }

    /// The fields of an object whose names are the client's own.
    #[must_use]
    pub fn free(object: &'a Map<String, Value>, prefix: &'a str) -> Self {
        Self {
            object,
            prefix,
            known: None,
        }
    }

    /// The same object with the fields `known`.
    #[must_use]
    pub fn listed(self, known: Known) -> Self {
        Self {
            known: Some(known),
            ..self
        }
    }

    /// A field's value; `null` is the same as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.check(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Whether a field is there, `null` or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.check(name);
        self.object.contains_key(name)
    }

    /// A field that is read has to be listed; see [`Known`].
    fn check(&self, name: &str) {
        debug_assert!(
            self.known
                .is_none_or(|lists| lists.iter().any(|list| list.contains(&name))),
            "`{}` is read and not listed",
            self.path(name)
        );
    }

    /// A field's full name for errors.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A string.
    ///
    /// # Errors
    /// When it is something else.
    pub fn string(&self, name: &str) -> Result<Option<&'a str>, FieldError> {
        self.typed(name, "a string", Value::as_str)
    }

    /// A string with something in it: an empty one says as much as none.
    ///
    /// # Errors
    /// When it is something else.
    pub fn filled(&self, name: &str) -> Result<Option<String>, FieldError> {
        let text = self.string(name)?.filter(|text| !text.is_empty());
        Ok(text.map(str::to_owned))
    }

    /// A share in percent.
    ///
    /// # Errors
    /// When it is no number from 0 to 100.
    pub fn percent(&self, name: &str) -> Result<Option<f64>, FieldError> {
        let percent = self.number(name)?;
        match percent.filter(|percent| !(0.0..=100.0).contains(percent)) {
            Some(percent) => {
                let problem = format!("is {percent}; it has to be a percentage, 0 to 100");
                Err(FieldError::new(self.path(name), problem))
            }
            None => Ok(percent),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// When it is something else; a string of digits is, too.
    pub fn number(&self, name: &str) -> Result<Option<f64>, FieldError> {
        self.typed(name, "a number", Value::as_f64)
    }

    /// A whole number in `range`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn whole(&self, name: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, FieldError> {
        let Some(number) = self.number(name)? else {
            return Ok(None);
        };
        let (least, most) = (*range.start(), *range.end());
        if number.fract() != 0.0 || number < least as f64 || number > most as f64 {
            let problem =
                format!("is {number}; it has to be a whole number from {least} to {most}");
            return Err(FieldError::new(self.path(name), problem));
        }
        Ok(Some(number as u64))
    }

    /// A boolean.
    ///
    /// # Errors
    /// When it is something else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, FieldError> {
        self.typed(name, "true or false", Value::as_bool)
    }

    /// An object.
    ///
    /// # Errors
    /// When it is something else.
    pub fn object(&self, name: &str) -> Result<Option<&'a Map<String, Value>>, FieldError> {
        self.typed(name, "an object", Value::as_object)
    }

    /// A string that is one of `legal`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn one_of(&self, name: &str, legal: &[&str]) -> Result<Option<&'a str>, FieldError> {
        match self.string(name)? {
            Some(text) if !legal.contains(&text) => {
                let legal = legal.iter().map(|word| format!("\"{word}\""));
                let legal = legal.collect::<Vec<_>>().join(" or ");
                Err(self.wrong_type(name, &Value::from(text), &legal))
            }
            found => Ok(found),
        }
    }

    /// A list of strings; empty when absent.
    ///
    /// # Errors
    /// When it is something else, or one of its entries is.
    pub fn strings(&self, name: &str) -> Result<Vec<&'a str>, FieldError> {
        let list = self.typed(name, "a list of strings", Value::as_array)?;
        let entries = list.into_iter().flatten().enumerate();
        entries
            .map(|(index, entry)| {
                let path = format!("{name}[{index}]");
                entry
                    .as_str()
                    .ok_or_else(|| self.wrong_type(&path, entry, "a string"))
            })
            .collect()
    }

    /// A span of time: `"30s"`, `"1m30s"`, or a bare number of seconds.
    ///
    /// # Errors
    /// When it is neither.
    pub fn duration(&self, name: &str) -> Result<Option<Nanos>, FieldError> {
        let span = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => units::parse_duration(text),
            Some(value) => match value.as_f64() {
                Some(seconds) => units::from_seconds(seconds),
                None => return Err(self.wrong_type(name, value, "a duration like \"30s\"")),
            },
        };
        span.map(Some)
            .map_err(|problem| FieldError::new(self.path(name), problem))
    }

    /// A warning for each field that is not known, with the likely one.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        let Some(lists) = self.known else {
            return Vec::new();
        };
        let known = lists.concat();
        let unknown = self
            .object
            .keys()
            .filter(|name| !known.contains(&name.as_str()));
        unknown
            .map(|name| match closest(name, &known) {
                Some(likely) => format!(
                    "unknown field `{}` ignored; did you mean `{}`?",
                    self.path(name),
                    self.path(likely)
                ),
                None => format!("unknown field `{}` ignored", self.path(name)),
            })
            .collect()
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &str,
        convert: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, FieldError> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => convert(value)
                .map(Some)
                .ok_or_else(|| self.wrong_type(name, value, expected)),
        }
    }

    /// The error of a field whose value is not what is expected.
    #[must_use]
    pub fn wrong_type(&self, name: &str, value: &Value, expected: &str) -> FieldError {
        let problem = format!("is {}; it has to be {expected}", shown(value));
        FieldError::new(self.path(name), problem)
    }
}

/// A value as errors show it: not more than its beginning.
#[must_use]
pub fn shown(value: &Value) -> String {
    let mut seen = value.to_string();
    if seen.len() > 60 {
        let cut = (0..=57).rev().find(|&at| seen.is_char_boundary(at));
        seen.truncate(cut.unwrap_or(0));
        seen.push_str("...");
    }
    seen
}

/// The known name that differs only in case or separators.
fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    known
        .iter()
        .copied()
        .find(|candidate| plain(candidate) == plain(name))
}
