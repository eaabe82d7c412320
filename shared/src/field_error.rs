//! What is wrong with a field of a document: a body of the API, a file, an option.

use std::fmt;

use serde_json::Value;

/// What kind of mistake an error is about, as the API's error codes tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Any field but the two below.
    Request,
    /// The URL.
    Url,
    /// The method.
    Method,
}

/// A field that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// What it is about.
    pub mistake: Mistake,
    /// The field's path, like `request.headers.Accept`.
    pub field: String,
    /// What is wrong and what would be right; reads on after the field's name.
    pub problem: String,
}

impl FieldError {
    /// An error about any field but URL and method.
    #[must_use]
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            mistake: Mistake::Request,
            field: field.into(),
            problem: problem.into(),
        }
    }

    /// An error about a URL.
    #[must_use]
    pub fn url(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            mistake: Mistake::Url,
            ..Self::new(field, problem)
        }
    }

    /// An error about a method.
    #[must_use]
    pub fn method(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            mistake: Mistake::Method,
            ..Self::new(field, problem)
        }
    }

    /// A value that is not what is expected.
    #[must_use]
    pub fn unlike(field: impl Into<String>, value: &Value, expected: &str) -> Self {
        Self::new(field, unlike(value, expected))
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.problem)
    }
}

impl std::error::Error for FieldError {}

/// The problem of a value that is not what is expected.
#[must_use]
pub fn unlike(value: &Value, expected: &str) -> String {
    format!("is {}; it has to be {expected}", shown(value))
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
