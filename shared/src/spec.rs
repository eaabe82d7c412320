//! A run as specified by the user, complete and validated.
//!
//! A [`RunSpec`] is created by the control plane's `contract` module from an API request or a command line.
//! It still contains host names. [`crate::plan::Plan`] is built from it once the names are resolved.

use crate::arrivals::{ArrivalPattern, ArrivalRate};
use crate::body::BodyPart;
use crate::connection::ConnectionSpec;
use crate::http::{Endpoint, Header, Method};
use crate::units::{MILLISECOND, Nanos, SECOND};
use crate::vu_schedule::VuSchedule;

/// One HTTP request as specified by the user.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestSpec {
    /// Method of the request line.
    pub method: Method,
    /// The URL as written, without user and password, for display.
    pub url: String,
    /// The endpoint of the URL.
    pub endpoint: Endpoint,
    /// Parameters to append to the query: names and values, not encoded. Values of variables in them are
    /// encoded as well.
    pub parameters: Vec<(String, String)>,
    /// Whether the path is sent as typed.
    pub path_as_is: bool,
    /// Header lines of the user, in order.
    pub headers: Vec<Header>,
    /// Body bytes. Empty for no body.
    pub body: Vec<u8>,
    /// The `Content-Type` that matches the body, unless the user sets one.
    pub content_type: Option<&'static str>,
    /// Ranges of the body whose escaping of values differs from that of its content type.
    pub body_parts: Vec<BodyPart>,
}

impl RequestSpec {
    /// Creates a request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: &str, endpoint: Endpoint) -> Self {
        Self {
            method,
            url: url.to_owned(),
            endpoint,
            parameters: Vec::new(),
            path_as_is: false,
            headers: Vec::new(),
            body: Vec::new(),
            content_type: None,
            body_parts: Vec::new(),
        }
    }
}

/// The load to generate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Open model: arrivals on a schedule, whatever the target does.
    Rate {
        /// Arrivals per second.
        rate: ArrivalRate,
        /// Distribution of the arrivals over time.
        pattern: ArrivalPattern,
        /// Pacing quantum in nanoseconds: its arrivals are due together. 0: each at its own instant.
        quantum: Nanos,
        /// Duration of the schedule. `None`: only the number of requests ends the run.
        duration: Option<Nanos>,
        /// Maximum number of arrivals. `None`: only time ends the run.
        requests: Option<u64>,
    },
    /// Closed model: each virtual user sends its next request after the response to the previous one.
    Concurrency(VuSchedule),
    /// Closed model with a fixed number of requests.
    Iterations {
        /// Total number of requests.
        iterations: u64,
        /// Number of virtual users that share them.
        vus: u64,
        /// Time limit, even if the number is not reached. `None`: no limit.
        duration: Option<Nanos>,
    },
}

impl Load {
    /// Returns the duration of the load if it is known in advance. For a schedule with a number of arrivals,
    /// it is the time in which they are due (the mean, if they are random). Returns `None` if virtual users
    /// must reach a number.
    #[must_use]
    pub fn duration(&self) -> Option<Nanos> {
        match self {
            Self::Rate { rate, .. } => {
                let by_number = self.number().map(|number| rate.duration_of(number));
                self.time_limit().into_iter().chain(by_number).min()
            }
            _ => self.time_limit(),
        }
    }

    /// Returns the time limit of the run, since its epoch. Returns `None` if only the number of requests ends
    /// the run.
    #[must_use]
    pub fn time_limit(&self) -> Option<Nanos> {
        match self {
            Self::Rate { duration, .. } | Self::Iterations { duration, .. } => *duration,
            Self::Concurrency(schedule) => schedule.duration,
        }
    }

    /// Returns the number of requests that ends the run. Returns `None` if only time ends it.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Rate { requests, .. } => *requests,
            Self::Concurrency(_) => None,
            Self::Iterations { iterations, .. } => Some(*iterations),
        }
    }

    /// Returns the expected number of requests, or 0 if it is not known in advance. For virtual users, it is
    /// the number they send unless time expires first. For Poisson arrivals, it is the mean; a run differs
    /// from it by about its square root.
    #[must_use]
    pub fn expected_requests(&self) -> u64 {
        let within_time = match self {
            Self::Rate {
                rate,
                pattern,
                duration: Some(duration),
                ..
            } => Some(match pattern {
                ArrivalPattern::Even => rate.count_within(*duration),
                ArrivalPattern::Poisson { .. } => rate.mean_within(*duration),
            }),
            _ => None,
        };
        let both = within_time.into_iter().chain(self.number());
        both.min().unwrap_or(0)
    }

    /// Returns the exact number of arrivals in the plan, or 0 if it is not known in advance, as in closed
    /// models and for random arrivals limited by time.
    #[must_use]
    pub fn planned_arrivals(&self) -> u64 {
        match self {
            Self::Rate {
                pattern: ArrivalPattern::Even,
                ..
            }
            | Self::Rate { duration: None, .. } => self.expected_requests(),
            _ => 0,
        }
    }

    /// Returns the pacing quantum, whose arrivals are due together. 0: each arrival has its own instant.
    #[must_use]
    pub fn quantum(&self) -> Nanos {
        match self {
            Self::Rate { quantum, .. } => *quantum,
            _ => 0,
        }
    }

    /// Returns whether latency is measured from an intended start that the target cannot delay.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Rate { .. })
    }
}

/// What is stored about individual requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capture {
    /// Share of successful requests stored, in percent.
    pub success_sample_percent: f64,
    /// Requests slower than this are always stored.
    pub slow_threshold: Nanos,
    /// Whether the report has a section on slow requests. True only if the user set the threshold.
    pub reports_slow: bool,
    /// Whether the phases of requests are recorded.
    pub timing_breakdown: bool,
}

impl Default for Capture {
    fn default() -> Self {
        Self {
            success_sample_percent: 100.0,
            slow_threshold: 1000 * MILLISECOND,
            reports_slow: false,
            timing_breakdown: false,
        }
    }
}

/// Limits on time and connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Timeout of each of DNS lookup, connect, and TLS handshake.
    pub connect_timeout: Nanos,
    /// Timeout from the first byte written to the last byte read.
    pub request_timeout: Nanos,
    /// Time after the end in which requests in flight may complete.
    pub graceful_stop: Nanos,
    /// Maximum number of open connections, over all shards.
    pub max_connections: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connect_timeout: 10 * SECOND,
            request_timeout: 30 * SECOND,
            graceful_stop: 2 * SECOND,
            max_connections: 10_000,
        }
    }
}

/// A validated load run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSpec {
    /// The request to send.
    pub request: RequestSpec,
    /// The load to generate.
    pub load: Load,
    /// What to store.
    pub capture: Capture,
    /// Limits on time and connections.
    pub bounds: Bounds,
    /// Configuration of connections.
    pub connection: ConnectionSpec,
    /// The saved request the run refers to.
    pub request_id: Option<String>,
    /// The environment the run refers to.
    pub environment_id: Option<String>,
    /// Warnings about valid settings that are probably not what the user intended.
    pub warnings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(pattern: ArrivalPattern, duration: Option<Nanos>, requests: Option<u64>) -> Load {
        Load::Rate {
            rate: ArrivalRate::per_second(50.0).expect("legal"),
            pattern,
            quantum: 0,
            duration,
            requests,
        }
    }

    #[test]
    fn a_run_with_two_ends_has_the_one_that_comes_first() {
        let random = ArrivalPattern::Poisson { seed: 0 };
        let even = ArrivalPattern::Even;
        let users = |duration| Load::Iterations {
            iterations: 100,
            vus: 4,
            duration,
        };
        // Duration in seconds, expected requests, planned arrivals.
        for (load, length, expected, planned) in [
            (rate(even, Some(10 * SECOND), None), Some(10), 500, 500),
            (rate(even, None, Some(100)), Some(2), 100, 100),
            (rate(even, Some(10 * SECOND), Some(100)), Some(2), 100, 100),
            (rate(even, Some(SECOND), Some(100)), Some(1), 50, 50),
            (rate(random, None, Some(100)), Some(2), 100, 100),
            (rate(random, Some(SECOND), Some(100)), Some(1), 50, 0),
            (users(None), None, 100, 0),
            (users(Some(3 * SECOND)), Some(3), 100, 0),
        ] {
            let found = (load.duration(), load.expected_requests());
            assert_eq!(found, (length.map(|s| s * SECOND), expected), "{load:?}");
            assert_eq!(load.planned_arrivals(), planned, "{load:?}");
        }
    }
}
