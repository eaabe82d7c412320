//! Tests the table of dynamic variables as a whole, and the values with a fixed format: identifiers, times,
//! numbers, addresses.

use std::collections::BTreeSet;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::*;

/// 2026-01-03T10:30:00.123Z.
const NOW: u64 = 1_767_436_200_123_000_000;

fn value_at(name: &str, seed: u64, unix_ns: u64) -> String {
    let what = Dynamic::find(name).unwrap_or_else(|| panic!("{name} is unknown"));
    let mut out = Vec::new();
    DynamicSource::new(seed).write(what, unix_ns, &mut out);
    String::from_utf8(out).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn value(name: &str, seed: u64) -> String {
    value_at(name, seed, NOW)
}

/// Returns whether a text matches a pattern: `9` is a digit, `x` a lower-case hexadecimal digit, `A` a
/// capital, and any other character matches itself.
fn has_form(text: &str, form: &str) -> bool {
    let fits = |(byte, form): (u8, u8)| match form {
        b'9' => byte.is_ascii_digit(),
        b'x' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        b'A' => byte.is_ascii_uppercase(),
        _ => byte == form,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

#[test]
fn every_name_is_found_and_stands_once() {
    let names: Vec<_> = Dynamic::names().collect();
    let distinct: BTreeSet<_> = names.iter().collect();
    assert_eq!(names.len(), distinct.len());
    assert!(names.len() <= usize::from(u8::MAX) + 1);
    for (place, name) in names.iter().enumerate() {
        assert!(name.starts_with('$'), "{name}");
        assert_eq!(
            Dynamic::find(name).map(|what| usize::from(what.0)),
            Some(place)
        );
    }
}

#[test]
fn other_names_are_not_found() {
    for name in ["", "$", "guid", "$GUID", "$guid ", "$randomPort"] {
        assert_eq!(Dynamic::find(name), None, "{name}");
    }
}

#[test]
fn every_value_is_text_and_most_differ_between_seeds() {
    for name in Dynamic::names() {
        let values: BTreeSet<_> = (0..64).map(|seed| value(name, seed)).collect();
        assert!(values.iter().all(|value| !value.is_empty()), "{name}");
        let constant = matches!(name, "$timestamp" | "$isoTimestamp");
        assert_eq!(values.len() == 1, constant, "{name}");
    }
}

#[test]
fn values_need_no_escaping_in_json_but_for_line_feeds() {
    let with_lines = [
        "$randomLoremLines",
        "$randomLoremParagraphs",
        "$randomLoremText",
    ];
    for name in Dynamic::names() {
        for seed in 0..64 {
            let value = value(name, seed);
            let awkward = |c: char| c.is_control() && !(c == '\n' && with_lines.contains(&name));
            assert!(!value.contains(['"', '\\', '{', '}']), "{name}: {value}");
            assert!(!value.contains(awkward), "{name}: {value}");
        }
    }
}

#[test]
fn lists_have_no_word_twice() {
    for (name, kind) in TABLE {
        if let OneOf(list) = kind {
            let distinct: BTreeSet<_> = list.iter().collect();
            assert_eq!(distinct.len(), list.len(), "{name}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_values_and_a_source_goes_on() {
    let guid = Dynamic::find("$guid").expect("known");
    let mut source = DynamicSource::new(3);
    let mut out = Vec::new();
    source.write(guid, NOW, &mut out);
    source.write(guid, NOW, &mut out);
    assert_eq!(out[..36], *value("$guid", 3).as_bytes());
    assert_ne!(out[..36], out[36..]);
}

#[test]
fn iso_timestamps_of_known_instants() {
    let table = [
        (0, "1970-01-01T00:00:00.000Z"),
        (999_999, "1970-01-01T00:00:00.000Z"),
        (1_000_000, "1970-01-01T00:00:00.001Z"),
        (68_255_999_999_999_999, "1972-02-29T23:59:59.999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000_000_000, "2000-03-01T00:00:00.000Z"),
        (1_677_628_800_000_000_000, "2023-03-01T00:00:00.000Z"),
        (1_709_210_096_000_000_000, "2024-02-29T12:34:56.000Z"),
        (1_735_689_599_000_000_000, "2024-12-31T23:59:59.000Z"),
        (NOW, "2026-01-03T10:30:00.123Z"),
        // 2100 is not a leap year.
        (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
        (u64::MAX, "2554-07-21T23:34:33.709Z"),
    ];
    for (unix_ns, expected) in table {
        assert_eq!(value_at("$isoTimestamp", 0, unix_ns), expected);
    }
}

#[test]
fn the_calendar_agrees_with_one_counted_day_by_day() {
    const DAY_NS: u64 = 86_400_000_000_000;
    let (mut year, mut month, mut day) = (1970, 1, 1);
    for days in 0..u64::MAX / DAY_NS {
        let iso = value_at("$isoTimestamp", 0, days * DAY_NS);
        assert_eq!(iso, format!("{year:04}-{month:02}-{day:02}T00:00:00.000Z"));
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            2 => 28 + u64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        day += 1;
        if day > last {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
}

#[test]
fn timestamps_are_whole_seconds() {
    assert_eq!(value("$timestamp", 0), "1767436200");
    assert_eq!(value_at("$timestamp", 0, 999_999_999), "0");
    assert_eq!(value_at("$timestamp", 0, u64::MAX), "18446744073");
}

#[test]
fn random_dates_are_javascript_dates() {
    for seed in 0..64 {
        let past = value("$randomDatePast", seed);
        let ending = " GMT+0000 (Coordinated Universal Time)";
        assert!(past.ends_with(ending), "{past}");
        assert!(past.contains(" 2025 ") || past.contains(" 2026 "), "{past}");
        let future = value("$randomDateFuture", seed);
        assert!(
            future.contains(" 2026 ") || future.contains(" 2027 "),
            "{future}"
        );
        let recent = value("$randomDateRecent", seed);
        let two_days = ["Fri Jan 02 2026 ", "Sat Jan 03 2026 "];
        assert!(
            two_days.iter().any(|day| recent.starts_with(day)),
            "{recent}"
        );
    }
    let first = "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)";
    assert_eq!(value_at("$randomDatePast", 1, 0), first);
    assert!(value_at("$randomDateFuture", 1, u64::MAX).contains(" 255"));
}

#[test]
fn codes_have_their_forms() {
    let table = [
        ("$randomHexColor", "#xxxxxx"),
        ("$randomMACAddress", "xx:xx:xx:xx:xx:xx"),
        ("$randomIPV6", "xxxx:xxxx:xxxx:xxxx:xxxx:xxxx:xxxx:xxxx"),
        ("$randomSemver", "9.9.9"),
        ("$randomPhoneNumber", "999-999-9999"),
        ("$randomPhoneNumberExt", "99-999-999-9999"),
        ("$randomCreditCardMask", "9999"),
        ("$randomBankAccount", "99999999"),
        ("$randomBankAccountBic", "AAAAAAAA"),
        ("$randomCountryCode", "AA"),
        ("$randomCurrencyCode", "AAA"),
    ];
    for (name, form) in table {
        for seed in 0..64 {
            let value = value(name, seed);
            assert!(has_form(&value, form), "{name}: {value}");
        }
    }
}

#[test]
fn latin_has_its_counts() {
    for seed in 0..64 {
        assert_eq!(value("$randomLoremWords", seed).split(' ').count(), 3);
        assert_eq!(value("$randomLoremSlug", seed).split('-').count(), 3);
        assert_eq!(value("$randomLoremParagraphs", seed).lines().count(), 3);
        let lines = value("$randomLoremLines", seed).lines().count();
        assert!((1..=5).contains(&lines), "{lines}");
        let sentence = value("$randomLoremSentence", seed);
        assert!(
            sentence.starts_with(|c: char| c.is_ascii_uppercase()),
            "{sentence}"
        );
        assert!(sentence.ends_with('.'), "{sentence}");
    }
}

#[test]
fn file_paths_are_absolute() {
    for seed in 0..64 {
        let path = value("$randomFilePath", seed);
        assert!(path.starts_with('/') && path.contains('.'), "{path}");
    }
}

#[test]
fn the_remainder_of_a_known_iban_is_one() {
    assert_eq!(codes::iban_remainder(b"GB82WEST12345698765432"), 1);
}

proptest! {
    #[test]
    fn uuids_are_of_version_four(seed: u64) {
        for name in ["$guid", "$randomUUID"] {
            let uuid = value(name, seed);
            prop_assert!(has_form(&uuid, "xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx"), "{}", uuid);
            prop_assert!(matches!(uuid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{}", uuid);
        }
    }

    #[test]
    fn numbers_are_in_their_ranges(seed: u64) {
        let table = [
            ("$randomInt", 0.0, 1000.0, 0),
            ("$randomPrice", 0.0, 1000.0, 2),
            ("$randomLatitude", -90.0, 90.0, 4),
            ("$randomLongitude", -180.0, 180.0, 4),
        ];
        for (name, least, most, decimals) in table {
            let text = value(name, seed);
            let number: f64 = text.parse().expect("a number");
            prop_assert!((least..=most).contains(&number), "{}: {}", name, text);
            let behind = text.split_once('.').map_or(0, |(_, behind)| behind.len());
            prop_assert_eq!(behind, decimals);
        }
    }

    #[test]
    fn addresses_are_what_the_library_reads(seed: u64) {
        prop_assert!(value("$randomIP", seed).parse::<std::net::Ipv4Addr>().is_ok());
        prop_assert!(value("$randomIPV6", seed).parse::<std::net::Ipv6Addr>().is_ok());
    }

    #[test]
    fn ibans_check_out(seed: u64) {
        let iban = value("$randomBankAccountIban", seed);
        prop_assert!((15..=31).contains(&iban.len()));
        prop_assert_eq!(codes::iban_remainder(iban.as_bytes()), 1);
    }

    #[test]
    fn letters_and_digits_are_counted(seed: u64) {
        for (name, least, most) in [
            ("$randomAlphaNumeric", 1, 1),
            ("$randomPassword", 15, 15),
            ("$randomBitcoin", 26, 34),
        ] {
            let text = value(name, seed);
            prop_assert!((least..=most).contains(&text.len()), "{}: {}", name, text);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn mail_goes_to_reserved_domains(seed: u64) {
        for name in ["$randomEmail", "$randomExampleEmail"] {
            let text = value(name, seed);
            let (user, domain) = text.split_once('@').expect("an at sign");
            prop_assert!(!user.is_empty());
            let reserved = ["example.com", "example.net", "example.org"];
            prop_assert!(reserved.iter().any(|end| domain.ends_with(end)), "{}", text);
        }
    }

    #[test]
    fn numbers_are_written_as_the_library_writes_them(number: u64, width in 1_usize..=20) {
        let mut out = Vec::new();
        let mut pen = ValueWriter { rng: &mut Rng::with_seed(0), unix_ns: 0, out: &mut out };
        pen.padded(number, width);
        prop_assert_eq!(String::from_utf8_lossy(&out), format!("{number:0width$}"));
    }
}
