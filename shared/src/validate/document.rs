//! A JSON object together with the text it was read from.
//!
//! What is saved has to come back as it was sent. Parsed values do not do for
//! that: numbers beyond 64 bits lose digits. So checks look at the values, and
//! what is kept is cut out of the text.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::{FieldError, Fields};

/// See the module.
#[derive(Debug)]
pub struct Document<'a> {
    fields: Fields<'a>,
    texts: HashMap<String, &'a RawValue>,
}

impl<'a> Document<'a> {
    /// The object `value`, which was read from `text`. Fields that the caller
    /// added to the value since then are taken from there.
    ///
    /// # Errors
    /// When it is not an object.
    pub fn new(value: &'a Value, text: &'a str) -> Result<Self, FieldError> {
        let not_an_object = || FieldError::new("body", "has to be a JSON object");
        Ok(Self {
            fields: Fields::free(value.as_object().ok_or_else(not_an_object)?, ""),
            texts: serde_json::from_str(text).map_err(|_| not_an_object())?,
        })
    }

    /// Its fields as values.
    #[must_use]
    pub fn fields(&self) -> &Fields<'a> {
        &self.fields
    }

    /// The text of a field; `None` when it is absent or `null`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.fields.get(name)?;
        let text = self.texts.get(name).map(|text| text.get().to_owned());
        Some(text.unwrap_or_else(|| value.to_string()))
    }
}
