//! Date and time values, all in UTC.
//!
//! There are no time zones and no leap seconds, as in Unix time. Nothing here reads a clock: the time comes
//! from the `ValueWriter`.

use super::value_writer::ValueWriter;
use super::words::{MONTHS, WEEKDAYS};
use crate::calendar::Date;

const NANOS_PER_SECOND: u64 = 1_000_000_000;
const NANOS_PER_MILLI: u64 = 1_000_000;
const DAY: u64 = 24 * 60 * 60;
const YEAR: u64 = 365 * DAY;

/// Whole seconds since 1970.
pub(super) fn unix_seconds(pen: &mut ValueWriter<'_>) {
    pen.number(pen.unix_ns / NANOS_PER_SECOND);
}

/// An ISO 8601 timestamp, such as `2026-01-03T10:30:00.123Z`.
pub(super) fn iso(pen: &mut ValueWriter<'_>) {
    let seconds = pen.unix_ns / NANOS_PER_SECOND;
    let date = Date::of(seconds / DAY);
    pen.padded(date.year, 4);
    pen.text("-");
    pen.padded(date.month, 2);
    pen.text("-");
    pen.padded(date.day, 2);
    pen.text("T");
    clock(pen, seconds);
    pen.text(".");
    pen.padded(pen.unix_ns % NANOS_PER_SECOND / NANOS_PER_MILLI, 3);
    pen.text("Z");
}

/// A time within the next year.
pub(super) fn future(pen: &mut ValueWriter<'_>) {
    let ahead = pen.between(1..=YEAR);
    javascript_date(pen, pen.unix_ns / NANOS_PER_SECOND + ahead);
}

/// A time within the last year.
pub(super) fn past(pen: &mut ValueWriter<'_>) {
    within_last(pen, YEAR);
}

/// A time within the last day.
pub(super) fn recent(pen: &mut ValueWriter<'_>) {
    within_last(pen, DAY);
}

fn within_last(pen: &mut ValueWriter<'_>, seconds: u64) {
    let ago = pen.between(1..=seconds);
    javascript_date(pen, (pen.unix_ns / NANOS_PER_SECOND).saturating_sub(ago));
}

/// A date such as `Tue Mar 17 2020 13:11:50 GMT+0000 (Coordinated Universal Time)`: Postman's random dates
/// are JavaScript dates converted to strings.
fn javascript_date(pen: &mut ValueWriter<'_>, seconds: u64) {
    let days = seconds / DAY;
    let date = Date::of(days);
    // 1970-01-01 was a Thursday; the list begins with Sunday.
    pen.text(&WEEKDAYS[((days + 4) % 7) as usize][..3]);
    pen.text(" ");
    pen.text(&MONTHS[date.month as usize - 1][..3]);
    pen.text(" ");
    pen.padded(date.day, 2);
    pen.text(" ");
    pen.padded(date.year, 4);
    pen.text(" ");
    clock(pen, seconds);
    pen.text(" GMT+0000 (Coordinated Universal Time)");
}

/// The time of day, such as `10:30:00`.
fn clock(pen: &mut ValueWriter<'_>, seconds: u64) {
    let of_day = seconds % DAY;
    pen.padded(of_day / 3600, 2);
    pen.text(":");
    pen.padded(of_day / 60 % 60, 2);
    pen.text(":");
    pen.padded(of_day % 60, 2);
}
