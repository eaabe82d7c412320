//! Name, usage and description of each route, for humans and counters.
//!
//! One table is the source of the help text, the body of a 404 and the names in the statistics. It does not
//! parse targets; a test keeps it in sync with [`Route::parse`].

use crate::route::{Fault, Job, Route};

/// Number of counter slots: one per row of [`TABLE`].
pub(crate) const SLOTS: usize = TABLE.len();

/// Documentation of one route. No parameter may be named `{n}`: clap would print a line break.
pub(crate) struct RouteRow {
    /// The name in the statistics.
    pub(crate) label: &'static str,
    /// The syntax with its parameters.
    pub(crate) usage: &'static str,
    about: &'static str,
}

const fn row(label: &'static str, usage: &'static str, about: &'static str) -> RouteRow {
    RouteRow {
        label,
        usage,
        about,
    }
}

/// Every route at its slot. The last row counts requests that match no route.
#[rustfmt::skip]
pub(crate) const TABLE: [RouteRow; 29] = [
    row("/", "/", "the fixed body"),
    row("/delay", "/delay/{us}", "the fixed body after us microseconds (0..=60000000)"),
    row("/queue", "/queue?mean_us={us}", "the fixed body after waiting in a single-server queue with exponential service times"),
    row("/size", "/size/{bytes}", "that many bytes (0..=1073741824)"),
    row("/status", "/status/{code}", "that status (200..=599)"),
    row("/chunked", "/chunked/{bytes}[?trailer=1]", "that many bytes, chunked; trailer=1 adds a chunk extension and a trailer"),
    row("/close", "/close[?length=1]", "ends by closing; length=1 adds Content-Length"),
    row("/echo", "/echo", "the request body, with x-method, x-path, x-headers-count"),
    row("/headers", "/headers", "the request's method, path and headers as JSON"),
    row("/stall", "/stall?ms={ms}", "freezes the whole origin for ms milliseconds (0..=60000)"),
    row("/close-after", "/close-after/{answers}", "closes without notice after this many responses"),
    row("/split", "/split", "the fixed response, one byte per write"),
    row("/early-hints", "/early-hints", "a 103, then the 200"),
    row("/no-keepalive", "/no-keepalive", "an HTTP/1.0 response with Connection: close"),
    row("/slow-body", "/slow-body?ms={ms}", "head and half of the body, the rest after ms milliseconds"),
    row("/never", "/never", "reads the request and never responds"),
    row("/reset/head", "/reset/head", "half a head, then a TCP reset"),
    row("/reset/body", "/reset/body", "100 of 1000 body bytes, then a TCP reset"),
    row("/early-close", "/early-close", "100 of 1000 body bytes, then a graceful close"),
    row("/no-answer", "/no-answer", "a graceful close without a response"),
    row("/bad-chunk", "/bad-chunk", "an invalid chunk size after the first chunk"),
    row("/bad-head", "/bad-head", "garbage instead of a status line"),
    row("/big-head", "/big-head", "1 MiB of headers"),
    row("/stats", "/stats", "the counters as JSON (itself not counted)"),
    row("/stats/reset", "POST /stats/reset", "resets the counters (itself not counted)"),
    row("/arrivals", "/arrivals", "the gaps between arrivals at / as JSON"),
    row("/arrivals/start", "POST /arrivals/start", "restarts the recording of arrivals at /"),
    row("invalid", "", "a known route with an invalid parameter"),
    row("unknown", "", "no such route"),
];

impl Route {
    /// Returns the index of its row in [`TABLE`] and of its counter.
    pub(crate) fn slot(self) -> usize {
        match self {
            Self::Root => 0,
            Self::Job(Job::Delay(_)) => 1,
            Self::Job(Job::Queue(_)) => 2,
            Self::Job(Job::Size(_)) => 3,
            Self::Status(_) => 4,
            Self::Job(Job::Chunked { .. }) => 5,
            Self::Close { .. } => 6,
            Self::Echo => 7,
            Self::Headers => 8,
            Self::Job(Job::Stall(_)) => 9,
            Self::CloseAfter(_) => 10,
            Self::Job(Job::Split) => 11,
            Self::EarlyHints => 12,
            Self::NoKeepalive => 13,
            Self::Job(Job::SlowBody(_)) => 14,
            Self::Job(Job::Never) => 15,
            Self::Fault(Fault::ResetHead) => 16,
            Self::Fault(Fault::ResetBody) => 17,
            Self::Fault(Fault::EarlyClose) => 18,
            Self::Fault(Fault::NoResponse) => 19,
            Self::Fault(Fault::BadChunk) => 20,
            Self::Fault(Fault::BadHead) => 21,
            Self::Fault(Fault::BigHead) => 22,
            Self::Stats => 23,
            Self::StatsReset => 24,
            Self::Arrivals => 25,
            Self::ArrivalsStart => 26,
            Self::BadValue => 27,
            Self::Unknown => 28,
        }
    }
}

/// Returns the routes and their descriptions, one per line.
#[must_use]
pub fn route_help() -> String {
    TABLE
        .iter()
        .filter(|row| !row.usage.is_empty())
        .map(|row| format!("  {:<30} {}\n", row.usage, row.about))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the usage of a row with its parameters filled in.
    fn example(usage: &str) -> String {
        usage
            .trim_start_matches("POST ")
            .split('[')
            .next()
            .expect("split yields at least one part")
            .replace("{us}", "5")
            .replace("{ms}", "5")
            .replace("{bytes}", "5")
            .replace("{answers}", "5")
            .replace("{code}", "204")
    }

    #[test]
    fn every_usage_parses_to_its_own_slot() {
        for (slot, row) in TABLE
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.usage.is_empty())
        {
            let target = example(row.usage);
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            assert_eq!(Route::parse(path, query).slot(), slot, "{target}");
            assert!(
                path.starts_with(row.label),
                "{target} is counted as {}",
                row.label
            );
        }
        assert_eq!(Route::BadValue.slot(), SLOTS - 2);
        assert_eq!(Route::Unknown.slot(), SLOTS - 1);
    }

    #[test]
    fn the_help_names_every_route_once() {
        let help = route_help();
        assert_eq!(help.lines().count(), SLOTS - 2);
        assert!(help.contains("/chunked/{bytes}"));
    }
}
