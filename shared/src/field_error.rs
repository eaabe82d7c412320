//! Errors about a field of a document: an API request body, a file, a command-line option.

use std::fmt;

use serde_json::Value;

/// The kind of an error, as distinguished by the API's error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldErrorKind {
    /// Any field except the URL and the method.
    Request,
    /// The URL.
    Url,
    /// The method.
    Method,
}

/// A field with an invalid value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The kind of the error.
    pub mistake: FieldErrorKind,
    /// The path of the field, such as `request.headers.Accept`.
    pub field: String,
    /// What is wrong and what is accepted, as a continuation of the field name.
    pub problem: String,
}

impl FieldError {
    /// Creates an error about any field except URL and method.
    #[must_use]
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            mistake: FieldErrorKind::Request,
            field: field.into(),
            problem: problem.into(),
        }
    }

    /// Creates an error about a URL.
    #[must_use]
    pub fn url(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            mistake: FieldErrorKind::Url,
            ..Self::new(field, problem)
        }
    }

    /// Creates an error about a method.
    #[must_use]
    pub fn method(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            mistake: FieldErrorKind::Method,
            ..Self::new(field, problem)
        }
    }

    /// Creates an error about a value that is not as expected.
    #[must_use]
    pub fn mismatch(field: impl Into<String>, value: &Value, expected: &str) -> Self {
        Self::new(field, mismatch(value, expected))
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.problem)
    }
}

impl std::error::Error for FieldError {}

/// Returns the problem text for a value that is not as expected.
#[must_use]
pub fn mismatch(value: &Value, expected: &str) -> String {
    format!("is {}; expected {expected}", shown(value))
}

/// Formats a value for an error, truncated to its beginning.
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
