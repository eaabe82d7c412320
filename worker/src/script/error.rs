//! Why a script failed, and where.

use std::fmt;

use rquickjs::{Ctx, Exception, Value};

use super::wrapper::{NAMES, WRAPPER_COLUMNS};

/// The error of a script that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The message as JavaScript formats it: `TypeError: x is not a function`.
    pub message: String,
    /// Line and column, counted from one, if known.
    pub place: Option<(u32, u32)>,
}

impl ScriptError {
    /// Creates an error without a position.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: None,
        }
    }

    /// Converts a value that was thrown.
    pub fn of(thrown: &Value<'_>) -> Self {
        let Some(exception) = thrown
            .clone()
            .into_object()
            .and_then(Exception::from_object)
        else {
            return Self::new(plain(thrown));
        };
        let name = exception.as_object().get::<_, String>("name");
        let name = name.unwrap_or_else(|_| "Error".to_owned());
        let message = exception.message().unwrap_or_default();
        let message = if message.is_empty() {
            name
        } else {
            format!("{name}: {message}")
        };
        let stack = exception.stack().unwrap_or_default();
        Self {
            message,
            place: position(&stack),
        }
    }

    /// Takes the pending exception of a context.
    pub fn caught(ctx: &Ctx<'_>) -> Self {
        Self::of(&ctx.catch())
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        match self.place {
            Some((line, column)) => write!(formatter, " (line {line}, column {column})"),
            None => Ok(()),
        }
    }
}

/// Formats a thrown value that is not an error.
fn plain(thrown: &Value<'_>) -> String {
    let ctx = thrown.ctx();
    if let Some(text) = thrown.as_string() {
        return text.to_string().unwrap_or_default();
    }
    let json = ctx.json_stringify(thrown.clone());
    let json = json.ok().flatten().and_then(|text| text.to_string().ok());
    json.unwrap_or_else(|| thrown.type_name().to_owned())
}

/// Returns the topmost position of a stack trace that is in a user script. In the first line, the columns of
/// the wrapper are subtracted.
fn position(stack: &str) -> Option<(u32, u32)> {
    let line = stack
        .lines()
        .find(|line| NAMES.iter().any(|name| line.contains(name)))?;
    let mut numbers = line.trim_end().trim_end_matches(')').rsplit(':');
    let column: u32 = numbers.next()?.parse().ok()?;
    let line: u32 = numbers.next()?.parse().ok()?;
    let before = if line == 1 { WRAPPER_COLUMNS } else { 0 };
    Some((line, column.saturating_sub(before).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_users_text() {
        let stack = "    at foo (vayu:chai/index:3:4)\n    at <anonymous> (test script:1:80)\n";
        let expected = 80 - WRAPPER_COLUMNS;
        assert_eq!(position(stack), Some((1, expected)));
        assert_eq!(position("    at test script:7:5\n"), Some((7, 5)));
        assert_eq!(position("    at x (vayu:pm/pm:7:5)\n"), None);
    }
}
