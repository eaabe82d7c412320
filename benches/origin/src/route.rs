//! The closed set of routes and the parser of request targets.
//!
//! Parsing is pure and total: an unknown target is [`Route::Unknown`], a known route with an invalid
//! parameter is [`Route::BadValue`]. It does not check methods and does not respond.

use std::time::Duration;

/// Maximum wait of a route.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Default wait of a route without an `ms` parameter.
const DEFAULT_WAIT: Duration = Duration::from_millis(100);

/// Maximum mean service time of the queue, in microseconds.
const MAX_MEAN_MICROS: u64 = 1_000_000;

/// Maximum response body size of a route, in bytes.
const MAX_BODY_BYTES: u64 = 1 << 30;

/// A route with validated parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Root,
    Status(u16),
    Close { with_length: bool },
    Echo,
    Headers,
    CloseAfter(u64),
    EarlyHints,
    NoKeepalive,
    Job(Job),
    Fault(Fault),
    Stats,
    StatsReset,
    Arrivals,
    ArrivalsStart,
    BadValue,
    Unknown,
}

/// A response that takes time or does not fit into a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    Delay(Duration),
    /// The mean service time.
    Queue(Duration),
    Size(u64),
    Chunked {
        length: u64,
        trailer: bool,
    },
    Stall(Duration),
    SlowBody(Duration),
    Split,
    Never,
}

/// A protocol violation that is complete once its bytes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    ResetHead,
    ResetBody,
    EarlyClose,
    NoResponse,
    BadChunk,
    BadHead,
    BigHead,
}

impl Route {
    /// Parses a request target that is already split at its `?`.
    pub(crate) fn parse(path: &str, query: &str) -> Self {
        if path == "/" {
            return Self::Root;
        }
        let Some(path) = path.strip_prefix('/') else {
            return Self::Unknown;
        };
        match path.split_once('/') {
            Some((first, value)) => Self::parse_nested(first, value, query),
            None => Self::parse_single(path, query),
        }
    }

    fn parse_single(name: &str, query: &str) -> Self {
        match name {
            "close" => Self::Close {
                with_length: has_flag(query, "length"),
            },
            "echo" => Self::Echo,
            "headers" => Self::Headers,
            "stall" => with_wait(query, |value| Self::Job(Job::Stall(value))),
            "queue" => {
                let mean = query_value(query, "mean_us").unwrap_or_default();
                with_number(mean, 1, MAX_MEAN_MICROS, |micros| {
                    Self::Job(Job::Queue(Duration::from_micros(micros)))
                })
            }
            "split" => Self::Job(Job::Split),
            "early-hints" => Self::EarlyHints,
            "no-keepalive" => Self::NoKeepalive,
            "slow-body" => with_wait(query, |value| Self::Job(Job::SlowBody(value))),
            "never" => Self::Job(Job::Never),
            "early-close" => Self::Fault(Fault::EarlyClose),
            "no-answer" => Self::Fault(Fault::NoResponse),
            "bad-chunk" => Self::Fault(Fault::BadChunk),
            "bad-head" => Self::Fault(Fault::BadHead),
            "big-head" => Self::Fault(Fault::BigHead),
            "stats" => Self::Stats,
            "arrivals" => Self::Arrivals,
            _ => Self::Unknown,
        }
    }

    fn parse_nested(first: &str, value: &str, query: &str) -> Self {
        match (first, value) {
            ("reset", "head") => Self::Fault(Fault::ResetHead),
            ("reset", "body") => Self::Fault(Fault::ResetBody),
            ("stats", "reset") => Self::StatsReset,
            ("arrivals", "start") => Self::ArrivalsStart,
            ("delay", _) => with_number(value, 0, MAX_WAIT.as_micros() as u64, |micros| {
                Self::Job(Job::Delay(Duration::from_micros(micros)))
            }),
            ("size", _) => with_number(value, 0, MAX_BODY_BYTES, |value| {
                Self::Job(Job::Size(value))
            }),
            ("status", _) => with_number(value, 200, 599, |code| Self::Status(code as u16)),
            ("chunked", _) => with_number(value, 0, MAX_BODY_BYTES, |length| {
                Self::Job(Job::Chunked {
                    length,
                    trailer: has_flag(query, "trailer"),
                })
            }),
            ("close-after", _) => with_number(value, 1, u64::MAX, Self::CloseAfter),
            _ => Self::Unknown,
        }
    }

    /// Returns whether only `POST` is allowed because the route changes the origin.
    pub(crate) fn needs_post(self) -> bool {
        matches!(self, Self::StatsReset | Self::ArrivalsStart)
    }

    /// Returns whether requests to this route are counted. Reading the counters must not change them.
    pub(crate) fn is_counted(self) -> bool {
        !matches!(self, Self::Stats | Self::StatsReset)
    }
}

fn with_number(text: &str, least: u64, most: u64, route: impl FnOnce(u64) -> Route) -> Route {
    match parse_decimal(text) {
        Some(number) if (least..=most).contains(&number) => route(number),
        _ => Route::BadValue,
    }
}

fn with_wait(query: &str, route: impl FnOnce(Duration) -> Route) -> Route {
    match query_value(query, "ms") {
        None => route(DEFAULT_WAIT),
        Some(text) => with_number(text, 0, MAX_WAIT.as_millis() as u64, |millis| {
            route(Duration::from_millis(millis))
        }),
    }
}

/// Parses digits only: `str::parse` alone would also accept `+5`.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn has_flag(query: &str, name: &str) -> bool {
    query_value(query, name) == Some("1")
}

fn query_value<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &[(&str, &str, Route)] = &[
        ("/", "", Route::Root),
        ("/", "any=1", Route::Root),
        ("/delay/0", "", Route::Job(Job::Delay(Duration::ZERO))),
        (
            "/delay/1500",
            "",
            Route::Job(Job::Delay(Duration::from_micros(1500))),
        ),
        ("/delay/60000000", "", Route::Job(Job::Delay(MAX_WAIT))),
        ("/delay/60000001", "", Route::BadValue),
        ("/delay/-1", "", Route::BadValue),
        ("/delay/+1", "", Route::BadValue),
        ("/delay/", "", Route::BadValue),
        ("/delay", "", Route::Unknown),
        (
            "/size/1073741824",
            "",
            Route::Job(Job::Size(MAX_BODY_BYTES)),
        ),
        ("/size/1073741825", "", Route::BadValue),
        ("/size/1/2", "", Route::BadValue),
        ("/size/99999999999999999999999", "", Route::BadValue),
        ("/status/200", "", Route::Status(200)),
        ("/status/599", "", Route::Status(599)),
        ("/status/199", "", Route::BadValue),
        ("/status/600", "", Route::BadValue),
        (
            "/chunked/9",
            "",
            Route::Job(Job::Chunked {
                length: 9,
                trailer: false,
            }),
        ),
        (
            "/chunked/9",
            "a=b&trailer=1",
            Route::Job(Job::Chunked {
                length: 9,
                trailer: true,
            }),
        ),
        (
            "/chunked/9",
            "trailer=0",
            Route::Job(Job::Chunked {
                length: 9,
                trailer: false,
            }),
        ),
        ("/close", "", Route::Close { with_length: false }),
        ("/close", "length=1", Route::Close { with_length: true }),
        (
            "/stall",
            "ms=250",
            Route::Job(Job::Stall(Duration::from_millis(250))),
        ),
        ("/stall", "", Route::Job(Job::Stall(DEFAULT_WAIT))),
        ("/stall", "ms=60001", Route::BadValue),
        ("/stall", "ms=", Route::BadValue),
        (
            "/slow-body",
            "ms=5",
            Route::Job(Job::SlowBody(Duration::from_millis(5))),
        ),
        (
            "/queue",
            "mean_us=2000",
            Route::Job(Job::Queue(Duration::from_millis(2))),
        ),
        ("/queue", "mean_us=0", Route::BadValue),
        ("/queue", "mean_us=1000001", Route::BadValue),
        ("/queue", "", Route::BadValue),
        ("/close-after/3", "", Route::CloseAfter(3)),
        ("/close-after/0", "", Route::BadValue),
        ("/reset/head", "", Route::Fault(Fault::ResetHead)),
        ("/reset/other", "", Route::Unknown),
        ("/stats", "", Route::Stats),
        ("/stats/reset", "", Route::StatsReset),
        ("/arrivals/start", "", Route::ArrivalsStart),
        ("/nothing", "", Route::Unknown),
        ("/echo/", "", Route::Unknown),
        ("*", "", Route::Unknown),
        ("", "", Route::Unknown),
    ];

    #[test]
    fn targets_parse_to_routes() {
        for (path, query, route) in ROWS {
            assert_eq!(Route::parse(path, query), *route, "{path}?{query}");
        }
    }
}
