//! Days of the calendar, worked out from the count of days since 1970 alone.
//!
//! There are no time zones and no leap seconds, as in Unix time, and nothing here
//! reads a clock.

use std::fmt;

/// A day of the Gregorian calendar.
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
    /// The date `days` after 1970-01-01. This is `civil_from_days` of Howard
    /// Hinnant, "chrono-Compatible Low-Level Date Algorithms"
    /// (<https://howardhinnant.github.io/date_algorithms.html>), for days that
    /// are not negative. Years begin in March there, so that the leap day is
    /// the last one of its year; 400 of them, an era, have 146 097 days.
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
        // 0 is March, 11 February.
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

impl fmt::Display for Date {
    /// As ISO 8601 has it, like `2026-01-03`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
