//! Calendar dates, computed from the number of days since 1970.
//!
//! There are no time zones and no leap seconds, as in Unix time, and nothing here reads a clock.

use std::fmt;

/// A date in the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// The year, 1970 or later.
    pub year: u64,
    /// 1..=12.
    pub month: u64,
    /// 1..=31.
    pub day: u64,
}

impl Date {
    /// Returns the date `days` after 1970-01-01. This is `civil_from_days` of Howard Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms"
    /// (<https://howardhinnant.github.io/date_algorithms.html>), for non-negative days. Years begin in March
    /// there, so that the leap day is the last day of its year. An era of 400 years has 146 097 days.
    #[must_use]
    pub fn of(days: u64) -> Self {
        const DAYS_PER_ERA: u64 = 146_097;
        const FROM_YEAR_ZERO: u64 = 719_468;
        let days = days + FROM_YEAR_ZERO;
        let era = days / DAYS_PER_ERA;
        let of_era = days % DAYS_PER_ERA;
        let leap_days = of_era / 1460 + of_era / (DAYS_PER_ERA - 1);
        let year_of_era = (of_era + of_era / 36_524 - leap_days) / 365;
        let of_year = of_era + year_of_era / 100 - 365 * year_of_era - year_of_era / 4;
        // 0 is March, 11 is February.
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let (month, passed_new_year) = match from_march {
            0..=9 => (from_march + 3, 0),
            _ => (from_march - 9, 1),
        };
        Self {
            year: era * 400 + year_of_era + passed_new_year,
            month,
            day,
        }
    }
}

/// Parses an RFC 3339 timestamp such as `2026-01-03T10:30:00Z` or `2026-01-03t11:30:00.5+01:00` into
/// milliseconds since 1970. Returns `None` for anything else and before 1970. A space is accepted in place of
/// the `+`, because query decoding turns `+` into a space.
#[must_use]
pub fn rfc3339_ms(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = rest.split_at_checked(8)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?),
    };
    if fraction.is_empty() && rest.starts_with('.') {
        return None;
    }
    let ms: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let days = days_of(fields(date, '-')?)?;
    let [hour, minute, second] = fields(time, ':')?;
    // A leap second counts as the next second, as in Unix time.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    let ms = (seconds - offset(zone)?) * 1_000 + ms;
    (ms >= 0).then_some(ms)
}

/// Parses three numbers that consist of digits only.
fn fields(text: &str, separator: char) -> Option<[i64; 3]> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split(separator);
    let mut next = || parts.next().filter(|part| digits(part))?.parse().ok();
    let all = [next()?, next()?, next()?];
    parts.next().is_none().then_some(all)
}

/// Returns the UTC offset of a time zone, in seconds.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match zone.chars().next()? {
        '+' | ' ' => 1,
        '-' => -1,
        _ => return None,
    };
    let [hours, minutes, _] = fields(&format!("{}:0", zone.get(1..)?), ':')?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Returns the days since 1970 of a year, month and day: `days_from_civil` of the same source as
/// [`Date::of`].
fn days_of([year, month, day]: [i64; 3]) -> Option<i64> {
    if !(1_970..=9_999).contains(&year) || !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    let from_march = (month + 9) % 12;
    let year_from_march = year - i64::from(month <= 2);
    let (era, of_era) = (year_from_march / 400, year_from_march % 400);
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let date = Date::of(u64::try_from(days).ok()?);
    // A day beyond the end of the month yields a date in the next month.
    (date.month as i64 == month).then_some(days)
}

impl fmt::Display for Date {
    /// Formats the date as in ISO 8601, such as `2026-01-03`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_as_rfc_3339_writes_them() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-01-03T10:30:00Z", Some(1_767_436_200_000)),
            ("2026-01-03t11:30:00.5+01:00", Some(1_767_436_200_500)),
            ("2026-01-03T11:30:00 01:00", Some(1_767_436_200_000)),
            ("2026-01-03 09:00:00.123456-01:30", Some(1_767_436_200_123)),
            ("2000-02-29T00:00:00Z", Some(951_782_400_000)),
            ("1970-01-01T00:30:00+01:00", None),
            ("2026-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-01-03T24:00:00Z", None),
            ("2026-01-03T10:30:00", None),
            ("2026-01-03T10:30:00.Z", None),
            ("2026-01-03T10:30:00+1", None),
            ("2026-01-03", None),
            ("2026-1-3T10:30:00Z", None),
            ("+026-01-03T10:30:00Z", None),
            ("ü026-01-03T10:30:00Z", None),
            ("", None),
        ] {
            assert_eq!(rfc3339_ms(text), expected, "{text}");
        }
        for days in (0..200_000).step_by(13) {
            let date = Date::of(days);
            let ms = rfc3339_ms(&format!("{date}T00:00:00Z"));
            assert_eq!(ms, Some(days as i64 * 86_400_000), "{date}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (20_456, "2026-01-03"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(Date::of(days).to_string(), expected);
        }
    }
}
