//! Units of time, as written by users and as counted by the engine.
//!
//! In the engine, every instant and duration is a [`Nanos`]. This module parses the durations of the API
//! (`"30s"`, `"1m30s"`, `1.5`) and formats durations for messages. It does not check whether a duration is
//! valid for a field; the control plane's `contract` module does.

/// Nanoseconds: a duration, or an instant since a run's epoch or the monotonic clock's zero, depending on the
/// name of the value.
pub type Nanos = u64;

/// Nanoseconds in a microsecond.
pub const MICROSECOND: Nanos = 1_000;
/// Nanoseconds in a millisecond.
pub const MILLISECOND: Nanos = 1_000_000;
/// Nanoseconds in a second.
pub const SECOND: Nanos = 1_000_000_000;

/// Converts to milliseconds, the unit of latencies in the API.
#[must_use]
pub fn to_ms(nanos: Nanos) -> f64 {
    nanos as f64 / MILLISECOND as f64
}

/// Converts to seconds.
#[must_use]
pub fn to_seconds(nanos: Nanos) -> f64 {
    nanos as f64 / SECOND as f64
}

/// Parses a duration in the syntax of the API and the command line: an amount with a unit (`ms`, `s`, `m`,
/// `h`), several of them in sequence (`1m30s`), or a bare number of seconds. Amounts may have a fraction.
///
/// # Errors
/// Returns a message without the field name if the text is invalid.
pub fn parse_duration(text: &str) -> Result<Nanos, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty; use a duration such as \"30s\" or \"1m30s\"".into());
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return from_seconds(seconds);
    }
    let mut rest = text;
    let mut total: Nanos = 0;
    while !rest.is_empty() {
        let (nanos, tail) = leading_part(rest).ok_or_else(|| invalid_duration(text))?;
        total = total
            .checked_add(nanos)
            .ok_or_else(|| duration_overflow(text))?;
        rest = tail;
    }
    Ok(total)
}

/// Converts seconds to nanoseconds.
///
/// # Errors
/// Returns an error if the number is negative, not finite, or too large for a [`Nanos`].
pub fn from_seconds(seconds: f64) -> Result<Nanos, String> {
    let nanos = seconds * SECOND as f64;
    if !nanos.is_finite() || nanos < 0.0 {
        return Err(format!(
            "is {seconds}, which is not a valid duration; use a number of seconds, 0 or more"
        ));
    }
    if nanos >= u64::MAX as f64 {
        return Err(duration_overflow(&seconds.to_string()));
    }
    Ok(nanos.round() as Nanos)
}

/// Formats a duration in its shortest human-readable form.
#[must_use]
pub fn format_duration(nanos: Nanos) -> String {
    match nanos {
        n if n.is_multiple_of(3600 * SECOND) && n > 0 => format!("{}h", n / (3600 * SECOND)),
        n if n.is_multiple_of(60 * SECOND) && n > 0 => format!("{}m", n / (60 * SECOND)),
        n if n.is_multiple_of(SECOND) => format!("{}s", n / SECOND),
        n if n > SECOND => format!("{:.3}s", to_seconds(n)),
        n if n.is_multiple_of(MILLISECOND) => format!("{}ms", n / MILLISECOND),
        n => format!("{:.3}ms", to_ms(n)),
    }
}

/// Formats a latency with three digits in the unit that fits it, such as `1.23 ms`.
#[must_use]
pub fn display_span(nanos: Nanos) -> String {
    let ms = to_ms(nanos);
    match ms {
        _ if ms < 1.0 => format!("{:.0} µs", ms * 1000.0),
        _ if ms < 10.0 => format!("{ms:.2} ms"),
        _ if ms < 1000.0 => format!("{ms:.1} ms"),
        _ => format!("{:.2} s", ms / 1000.0),
    }
}

fn leading_part(text: &str) -> Option<(Nanos, &str)> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .filter(|&at| at > 0)?;
    let amount: f64 = text[..digits].parse().ok()?;
    let tail = &text[digits..];
    // `ms` precedes `m`: the longer unit must be tried first.
    let (unit, scale) = [
        ("ms", MILLISECOND),
        ("s", SECOND),
        ("m", 60 * SECOND),
        ("h", 3600 * SECOND),
    ]
    .into_iter()
    .find(|(unit, _)| tail.starts_with(unit))?;
    let nanos = amount * scale as f64;
    (nanos < u64::MAX as f64).then(|| (nanos.round() as Nanos, &tail[unit.len()..]))
}

fn invalid_duration(text: &str) -> String {
    format!(
        "is \"{text}\", which is not a duration; use for example \"30s\", \"500ms\" or \"1m30s\""
    )
}

fn duration_overflow(text: &str) -> String {
    format!("is {text}, which is too long; use at most 584 years")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_documented() {
        let table = [
            ("10s", 10 * SECOND),
            ("5m", 300 * SECOND),
            ("1h", 3600 * SECOND),
            ("250ms", 250 * MILLISECOND),
            ("1m30s", 90 * SECOND),
            ("1h1m1s1ms", 3661 * SECOND + MILLISECOND),
            ("1.5s", 1500 * MILLISECOND),
            ("30", 30 * SECOND),
            ("0.25", 250 * MILLISECOND),
            (" 2s ", 2 * SECOND),
            ("0s", 0),
        ];
        for (text, nanos) in table {
            assert_eq!(parse_duration(text), Ok(nanos), "{text:?}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "", "s", "10x", "ten", "-5s", "-1", "1s2", "1..5s", "1e400", "inf", "NaN", "5 s",
        ] {
            assert!(parse_duration(text).is_err(), "{text:?} was read");
        }
    }

    #[test]
    fn latencies_have_the_unit_that_fits() {
        let table = [
            (0, "0 µs"),
            (42_400, "42 µs"),
            (1_234_000, "1.23 ms"),
            (45_670_000, "45.7 ms"),
            (2 * SECOND, "2.00 s"),
        ];
        for (nanos, text) in table {
            assert_eq!(display_span(nanos), text);
        }
    }

    #[test]
    fn spans_are_written_the_way_people_do() {
        let table = [
            (0, "0s"),
            (250 * MILLISECOND, "250ms"),
            (1500 * MICROSECOND, "1.500ms"),
            (SECOND, "1s"),
            (1500 * MILLISECOND, "1.500s"),
            (90 * SECOND, "90s"),
            (120 * SECOND, "2m"),
            (7200 * SECOND, "2h"),
        ];
        for (nanos, text) in table {
            assert_eq!(format_duration(nanos), text);
        }
    }
}
