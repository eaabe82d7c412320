//! The rule for future times of a time zone: the POSIX `TZ` notation with the extensions of RFC 9636, as in
//! `CET-1CEST,M3.5.0,M10.5.0/3`.

use super::Offset;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The day of a year on which the offset changes, and the second of that day.
struct Change<'a> {
    day: &'a str,
    seconds: i64,
}

/// Returns the offset at a Unix time in seconds, `None` if `rule` is not a rule.
pub fn offset(rule: &str, unix_seconds: i64) -> Option<Offset<'_>> {
    let (name, rest) = name(rule)?;
    let (behind, rest) = time(rest)?;
    let standard = Offset {
        seconds: -behind,
        is_dst: false,
        abbreviation: name,
    };
    if rest.is_empty() {
        return Some(standard);
    }
    let (name, rest) = self::name(rest)?;
    let (seconds, rest) = match time(rest) {
        Some((behind, rest)) => (-behind, rest),
        None => (standard.seconds + HOUR, rest),
    };
    let daylight = Offset {
        seconds,
        is_dst: true,
        abbreviation: name,
    };
    let (start, end) = rest.strip_prefix(',')?.split_once(',')?;
    let year = year_of((unix_seconds + standard.seconds).div_euclid(DAY));
    let start = change(start)?.at(year)? - standard.seconds;
    let end = change(end)?.at(year)? - daylight.seconds;
    let is_dst = match start < end {
        true => (start..end).contains(&unix_seconds),
        // In the southern hemisphere, summer spans the turn of the year.
        false => !(end..start).contains(&unix_seconds),
    };
    Some(if is_dst { daylight } else { standard })
}

/// Returns an abbreviation, which is letters or any characters in angle brackets, and the text after it.
fn name(text: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = text.strip_prefix('<') {
        return quoted.split_once('>');
    }
    let end = text.find(|letter: char| !letter.is_ascii_alphabetic());
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    (!name.is_empty()).then_some((name, rest))
}

/// Returns the seconds of `[+-]hh[:mm[:ss]]`, and the text after it.
fn time(text: &str) -> Option<(i64, &str)> {
    let unsigned = text.trim_start_matches(['+', '-']);
    let end = unsigned.find(|letter: char| !letter.is_ascii_digit() && letter != ':');
    let (digits, rest) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    let mut seconds = 0;
    for (part, unit) in digits.split(':').zip([HOUR, 60, 1]) {
        seconds += part.parse::<i64>().ok()? * unit;
    }
    Some((
        if text.starts_with('-') {
            -seconds
        } else {
            seconds
        },
        rest,
    ))
}

/// Parses a day with an optional `/time`. Default 02:00.
fn change(text: &str) -> Option<Change<'_>> {
    let (day, seconds) = match text.split_once('/') {
        Some((day, clock)) => (day, time(clock)?.0),
        None => (text, 2 * HOUR),
    };
    Some(Change { day, seconds })
}

impl Change<'_> {
    /// Returns the time of the change in a year, in seconds of local time since 1970.
    fn at(&self, year: i64) -> Option<i64> {
        Some(self.day_of(year)? * DAY + self.seconds)
    }

    /// Returns the day of the change, counted from 1970.
    fn day_of(&self, year: i64) -> Option<i64> {
        if let Some(day) = self.day.strip_prefix('J') {
            // Counted from 1; 29 February is never counted.
            let day: i64 = day.parse().ok()?;
            let leap = i64::from(day > 59 && days(year, 3) - days(year, 2) == 29);
            return Some(days(year, 1) + day - 1 + leap);
        }
        let Some(rule) = self.day.strip_prefix('M') else {
            return Some(days(year, 1) + self.day.parse::<i64>().ok()?);
        };
        let mut parts = rule.split('.').map(|part| part.parse::<i64>().ok());
        let (month, week, weekday) = (parts.next()??, parts.next()??, parts.next()??);
        // 1 January 1970 was a Thursday; Sunday is 0.
        let first = days(year, month);
        let ahead = (weekday - (first + 4)).rem_euclid(7);
        let day = first + ahead + (week - 1) * 7;
        let next = days(year, month + 1);
        // The fifth week means the last one.
        Some(if day >= next { day - 7 } else { day })
    }
}

/// Returns the days from 1970 to the first of a month. Month 13 is January of the next year.
fn days(year: i64, month: i64) -> i64 {
    // Years begin in March, so that a leap day is the last day of its year.
    let (year, month) = match month {
        ..=2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (153 * month + 2) / 5 - 719_468
}

/// Returns the year of a day counted from 1970.
fn year_of(day: i64) -> i64 {
    // An estimate by the length of 400 years, at most one year off.
    let guess = 1970 + (day * 400).div_euclid(146_097);
    match day {
        day if day < days(guess, 1) => guess - 1,
        day if day >= days(guess + 1, 1) => guess + 1,
        _ => guess,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-07-01T00:00:00Z and 2024-01-01T00:00:00Z.
    const JULY: i64 = 1_719_792_000;
    const JANUARY: i64 = 1_704_067_200;

    #[test]
    fn rules_of_every_kind() {
        let table = [
            ("CET-1CEST,M3.5.0,M10.5.0/3", JULY, 7200, "CEST"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", JANUARY, 3600, "CET"),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", JULY, 36_000, "AEST"),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", JANUARY, 39_600, "AEDT"),
            ("<+0330>-3:30", JULY, 12_600, "+0330"),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", JULY, -3600, "-01"),
            ("XST0XDT1:30,J60,300/-1:00", JULY, -5400, "XDT"),
            // 1 March is J60 in every year: the second before it, and its first second.
            ("XST0XDT,J60/0,J300", 1_709_251_199, 0, "XST"),
            ("XST0XDT,J60/0,J300", 1_709_251_200, 3600, "XDT"),
            ("XST0XDT,59/0,J300", 1_709_164_799, 0, "XST"),
            ("XST0XDT,59/0,J300", 1_709_164_800, 3600, "XDT"),
        ];
        for (rule, at, seconds, name) in table {
            let found = offset(rule, at).expect("a rule");
            assert_eq!(
                (found.seconds, found.abbreviation),
                (seconds, name),
                "{rule}"
            );
        }
        for text in [
            "",
            "1",
            "CET",
            "CET-1CEST",
            "CET-1CEST,M3.5.0",
            "CET-1CEST,Mx,M1.1.1",
        ] {
            assert_eq!(offset(text, 0), None, "{text}");
        }
    }

    #[test]
    fn days_and_years_agree_with_a_count() {
        let mut day = days(1600, 1);
        for year in 1600..2500 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            assert_eq!((year_of(day), days(year, 1)), (year, day));
            day += if leap { 366 } else { 365 };
            assert_eq!(year_of(day - 1), year);
        }
        assert_eq!(days(1970, 1), 0);
    }
}
