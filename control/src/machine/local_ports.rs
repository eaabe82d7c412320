//! Number of local ports the kernel may assign, and how long a port stays in TIME_WAIT after its connection
//! is closed.
//!
//! A connection is identified by both addresses and both ports, so the range is available once for each pair
//! of local and target address.

use std::fs;
use std::ops::RangeInclusive;

use super::listener::TargetPlace;

/// Duration of TIME_WAIT in milliseconds (`TCP_TIMEWAIT_LEN` of the kernel, which cannot be configured).
const TIME_WAIT_MS: u64 = 60_000;
/// Default time after which a port in TIME_WAIT may be reused where that is allowed, in milliseconds. Kernels
/// since 6.14 have `tcp_tw_reuse_delay` to set it.
const REUSE_DELAY_MS: u64 = 1_000;

/// The kernel's settings for local ports, in this network namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalPorts {
    /// Number of assignable ports: those in `ip_local_port_range` that are not in `ip_local_reserved_ports`.
    pub ports: u64,
    /// Whether a port in TIME_WAIT is reused (`tcp_tw_reuse`).
    pub reuse: TimeWaitReuse,
    /// After how many milliseconds it is reused.
    pub reuse_delay_ms: u64,
}

/// When a port in TIME_WAIT is reused for a new connection to the same target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeWaitReuse {
    /// Not before TIME_WAIT ends.
    Never,
    /// Early, if the target's address is a loopback address.
    Loopback,
    /// Early.
    Always,
}

impl LocalPorts {
    /// Reads the settings. Returns `None` if the range cannot be read. Other settings that cannot be read get
    /// the kernel's default.
    #[must_use]
    pub fn read() -> Option<Self> {
        let setting = |name| fs::read_to_string(format!("/proc/sys/net/ipv4/{name}"));
        let reserved = setting("ip_local_reserved_ports").unwrap_or_default();
        let number = |name| setting(name).ok()?.trim().parse().ok();
        Some(Self {
            ports: count(
                &parse_range(&setting("ip_local_port_range").ok()?)?,
                &reserved,
            ),
            reuse: TimeWaitReuse::of(number("tcp_tw_reuse"), number("tcp_timestamps")),
            reuse_delay_ms: number("tcp_tw_reuse_delay").unwrap_or(REUSE_DELAY_MS),
        })
    }

    /// Returns whether ports in TIME_WAIT are reused early for such a target.
    #[must_use]
    pub fn reused_early(&self, place: TargetPlace) -> bool {
        match self.reuse {
            TimeWaitReuse::Never => false,
            TimeWaitReuse::Loopback => place == TargetPlace::Loopback,
            TimeWaitReuse::Always => true,
        }
    }

    /// Returns how many milliseconds a port cannot be reused after its connection is closed from here.
    #[must_use]
    pub fn rest_ms(&self, place: TargetPlace) -> u64 {
        if self.reused_early(place) {
            self.reuse_delay_ms.min(TIME_WAIT_MS)
        } else {
            TIME_WAIT_MS
        }
    }
}

impl TimeWaitReuse {
    /// Early reuse needs TCP timestamps to recognise late segments; see `tcp_twsk_unique` in the kernel's
    /// `net/ipv4/tcp_ipv4.c`.
    fn of(reuse: Option<u64>, timestamps: Option<u64>) -> Self {
        match (reuse, timestamps) {
            (_, Some(0)) | (Some(0), _) => Self::Never,
            (Some(1), _) => Self::Always,
            _ => Self::Loopback,
        }
    }
}

/// Parses the first and the last port, like `32768 60999`. The kernel assigns both.
fn parse_range(text: &str) -> Option<RangeInclusive<u16>> {
    let mut words = text.split_ascii_whitespace();
    let (first, last) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (first <= last && words.next().is_none()).then_some(first..=last)
}

/// Returns how many ports of the range are not in the list of reserved ones, which is written like
/// `8080,9000-9010`. Entries that cannot be parsed reserve nothing.
fn count(range: &RangeInclusive<u16>, reserved: &str) -> u64 {
    let number = |text: &str| text.trim().parse::<u16>().ok();
    let part = |part: &str| match part.split_once('-') {
        Some((first, last)) => Some(number(first)?..=number(last)?),
        None => number(part).map(|port| port..=port),
    };
    let reserved: Vec<_> = reserved.split(',').filter_map(part).collect();
    let is_free = |port: &u16| !reserved.iter().any(|range| range.contains(port));
    range.clone().filter(is_free).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let table = [
            ("32768\t60999\n", Some(32768..=60999)),
            ("1 65535", Some(1..=65535)),
            ("5 5", Some(5..=5)),
            ("6 5", None),
            ("1 65536", None),
            ("1", None),
            ("1 2 3", None),
            ("a b", None),
            ("", None),
        ];
        for (text, range) in table {
            assert_eq!(parse_range(text), range, "{text:?}");
        }
    }

    #[test]
    fn reserved_ports_are_not_handed_out() {
        let table = [
            ("\n", 101),
            ("150\n", 100),
            ("90-109,150", 90),
            ("100-200", 0),
            ("99,201", 101),
            ("100-110,105-120", 80),
            ("110-100,x,7-,150", 100),
        ];
        for (reserved, ports) in table {
            assert_eq!(count(&(100..=200), reserved), ports, "{reserved:?}");
        }
        assert_eq!(count(&(0..=u16::MAX), ""), 65536);
    }

    #[test]
    fn ports_rest_unless_they_may_be_used_again() {
        use TargetPlace::{Elsewhere, Loopback, ThisMachine};
        use TimeWaitReuse as Reuse;
        let table = [
            (Some(0), Some(1), Reuse::Never, [60_000, 60_000, 60_000]),
            (Some(1), Some(1), Reuse::Always, [500, 500, 500]),
            (Some(1), None, Reuse::Always, [500, 500, 500]),
            (Some(1), Some(0), Reuse::Never, [60_000, 60_000, 60_000]),
            (Some(2), Some(1), Reuse::Loopback, [60_000, 60_000, 500]),
            (None, None, Reuse::Loopback, [60_000, 60_000, 500]),
        ];
        for (setting, timestamps, reuse, rests) in table {
            assert_eq!(
                TimeWaitReuse::of(setting, timestamps),
                reuse,
                "{setting:?} {timestamps:?}"
            );
            let ports = LocalPorts {
                ports: 1,
                reuse,
                reuse_delay_ms: 500,
            };
            let got = [Elsewhere, ThisMachine, Loopback].map(|place| ports.rest_ms(place));
            assert_eq!(got, rests, "{setting:?} {timestamps:?}");
        }
    }
}
