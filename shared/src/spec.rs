//! A run as the user asked for it, complete and legal.
//!
//! A [`RunSpec`] comes out of [`crate::validate`] or of the command line; it
//! still speaks of names. [`crate::plan::Plan`] is what is made of it once the
//! names are resolved.

use crate::arrivals::{ArrivalPattern, ArrivalRate};
use crate::body::BodyPart;
use crate::connection::ConnectionSpec;
use crate::http::{Endpoint, Header, Method};
use crate::units::{MILLISECOND, Nanos, SECOND};
use crate::vu_schedule::VuSchedule;

/// One HTTP request as the user describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestSpec {
    /// Method of the request line.
    pub method: Method,
    /// The URL as it was written but for user and password, for people to recognise.
    pub url: String,
    /// Where the URL leads.
    pub endpoint: Endpoint,
    /// Parameters to add to the query: names and values, not encoded. What variables in them become is
    /// encoded with them.
    pub parameters: Vec<(String, String)>,
    /// Whether its path is sent as typed.
    pub path_as_is: bool,
    /// Header lines of the user, in order.
    pub headers: Vec<Header>,
    /// Body bytes; empty for none.
    pub body: Vec<u8>,
    /// The `Content-Type` that goes with the body, if the user named none.
    pub content_type: Option<&'static str>,
    /// Parts of the body in which values are written otherwise than its type asks for.
    pub body_parts: Vec<BodyPart>,
}

impl RequestSpec {
    /// A request without headers and body.
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

/// How load is put on the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Open model: arrivals on a schedule, whatever the target does.
    Rate {
        /// Arrivals per second.
        rate: ArrivalRate,
        /// How they lie in time.
        pattern: ArrivalPattern,
        /// Those of so many nanoseconds fall due together; 0 for each at its own instant.
        quantum: Nanos,
        /// How long arrivals fall due; `None` when only their number ends the run.
        duration: Option<Nanos>,
        /// How many arrivals fall due at most; `None` when only time ends the run.
        requests: Option<u64>,
    },
    /// Closed model: each virtual user sends its next request when the last is answered.
    Concurrency(VuSchedule),
    /// Closed model, a number of requests.
    Iterations {
        /// How many requests in all.
        iterations: u64,
        /// How many virtual users share them.
        vus: u64,
        /// When the run ends before its number is reached; `None` when it does not.
        duration: Option<Nanos>,
    },
}

impl Load {
    /// How long load is put on the target, as far as that is known beforehand: on a
    /// schedule with a number of arrivals, the time in which they fall due (on average,
    /// if they are random). `None` when virtual users have to reach a number.
    #[must_use]
    pub fn duration(&self) -> Option<Nanos> {
        match self {
            Self::Rate { rate, .. } => {
                let by_number = self.number().map(|number| rate.length_of(number));
                self.time_limit().into_iter().chain(by_number).min()
            }
            _ => self.time_limit(),
        }
    }

    /// When the run ends whatever has been sent, from its epoch; `None` when only a
    /// number of requests ends it.
    #[must_use]
    pub fn time_limit(&self) -> Option<Nanos> {
        match self {
            Self::Rate { duration, .. } | Self::Iterations { duration, .. } => *duration,
            Self::Concurrency(schedule) => schedule.duration,
        }
    }

    /// After how many requests the run ends; `None` when only time ends it.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Rate { requests, .. } => *requests,
            Self::Concurrency(_) => None,
            Self::Iterations { iterations, .. } => Some(*iterations),
        }
    }

    /// How many requests the plan holds, where that is known beforehand, else 0: of
    /// virtual users the number they send unless time is over first, of Poisson
    /// arrivals the mean, from which a run differs by about its square root.
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

    /// How many arrivals the plan holds exactly; 0 where that is not known
    /// beforehand, as in closed models and of random arrivals that time ends.
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

    /// How much time's arrivals fall due together; 0 where each has its own instant.
    #[must_use]
    pub fn quantum(&self) -> Nanos {
        match self {
            Self::Rate { quantum, .. } => *quantum,
            _ => 0,
        }
    }

    /// Whether latency counts from an intended start that the target cannot delay.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Rate { .. })
    }
}

/// What is kept of single requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capture {
    /// Share of successful requests kept, in percent.
    pub success_sample_percent: f64,
    /// Requests slower than this are always kept.
    pub slow_threshold: Nanos,
    /// Whether the report has a section on slow requests: only when the user set the threshold.
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

/// Bounds on time and connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Longest wait for a name, a connection, and a TLS handshake, each.
    pub connect_timeout: Nanos,
    /// Longest time from the first byte written to the last byte read.
    pub request_timeout: Nanos,
    /// How long after the end requests in flight may still finish.
    pub graceful_stop: Nanos,
    /// Most connections open at once, over all shards.
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

/// A load run, complete and legal.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSpec {
    /// The request to send.
    pub request: RequestSpec,
    /// How often.
    pub load: Load,
    /// What to keep.
    pub capture: Capture,
    /// Where to stop.
    pub bounds: Bounds,
    /// How connections are made and kept.
    pub connection: ConnectionSpec,
    /// The saved request the run is linked to.
    pub request_id: Option<String>,
    /// The environment the run is linked to.
    pub environment_id: Option<String>,
    /// What was understood but is probably not what the user meant.
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
        // Length in seconds, requests expected, arrivals planned.
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
