//! Time spans: text like `"1m30s"`, or a number, which is milliseconds in timeouts and seconds elsewhere.

use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use vayu_shared::field_error::mismatch;
use vayu_shared::limits;
use vayu_shared::units::{self, MILLISECOND, Nanos};

use super::scalars::by_value;

/// A timeout: 1 ms to 1 h, a number of milliseconds or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout(pub Nanos);

/// Duration of the load: 1 ms to 7 days, a number of seconds or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunDuration(pub Nanos);

/// Time for requests to complete after the end of the load: at most 1 h, a number of seconds or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GracefulStop(pub Nanos);

/// Pacing quantum: 0.01 ms to 1 s, or 0; a number of milliseconds or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantum(pub Nanos);

by_value! {
    Timeout: schema(),
    RunDuration: schema(),
    GracefulStop: schema(),
    Quantum: schema(),
}

const SECONDS: &str = "a duration like \"30s\", or a number of seconds";

/// Returns the nanoseconds of a text, or of a number as `of_number` converts it. Returns `None` for any other
/// value, and for a number that is not a valid span.
///
/// # Errors
/// Returns what is wrong with the text.
fn span(
    value: &Value,
    of_number: impl Fn(f64) -> Result<Nanos, String>,
) -> Result<Option<Nanos>, String> {
    match value {
        Value::String(text) => units::parse_duration(text).map(Some),
        other => Ok(other.as_f64().and_then(|number| of_number(number).ok())),
    }
}

fn of_ms(ms: f64) -> Result<Nanos, String> {
    if ms < 0.0 {
        return Err(format!(
            "is {ms}, which is not a valid duration; use 0 or more"
        ));
    }
    Ok((ms * MILLISECOND as f64).round() as Nanos)
}

fn schema() -> RefOr<Schema> {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"));
    let number = ObjectBuilder::new()
        .schema_type(Type::Number)
        .minimum(Some(0));
    let either = OneOfBuilder::new().item(text).item(number);
    either.into()
}

impl Timeout {
    fn of(value: &Value) -> Result<Self, String> {
        const RIGHT: &str = "1 ms to 1 h: a number of milliseconds, or like \"5s\"";
        let nanos = span(value, of_ms)?;
        let legal = nanos.filter(|nanos| (MILLISECOND..=limits::TIMEOUT).contains(nanos));
        legal.map(Self).ok_or_else(|| mismatch(value, RIGHT))
    }
}

impl RunDuration {
    fn of(value: &Value) -> Result<Self, String> {
        let nanos = span(value, units::from_seconds)?.ok_or_else(|| mismatch(value, SECONDS))?;
        let legal = (limits::RUN_DURATION_MIN..=limits::RUN_DURATION).contains(&nanos);
        let right = "1 ms to 7 days: a duration like \"30s\", or a number of seconds";
        legal
            .then_some(Self(nanos))
            .ok_or_else(|| mismatch(value, right))
    }
}

impl GracefulStop {
    fn of(value: &Value) -> Result<Self, String> {
        let nanos = span(value, units::from_seconds)?.ok_or_else(|| mismatch(value, SECONDS))?;
        let right = "at most 1 h: a duration like \"30s\", or a number of seconds";
        (nanos <= limits::TIMEOUT)
            .then_some(Self(nanos))
            .ok_or_else(|| mismatch(value, right))
    }
}

impl Quantum {
    fn of(value: &Value) -> Result<Self, String> {
        const RIGHT: &str =
            "0.01 to 1000 ms, or 0 for none: a number of milliseconds, or like \"1ms\"";
        let nanos = span(value, of_ms)?;
        let legal = nanos.filter(|nanos| *nanos == 0 || limits::QUANTUM.contains(nanos));
        legal.map(Self).ok_or_else(|| mismatch(value, RIGHT))
    }
}
