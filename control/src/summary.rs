//! The summary of a run: the merge of all its deltas, as numbers that are stored.
//!
//! Reports are made from a summary only. A summary is also complete while the run is active; it then
//! describes the run so far.

mod verdict;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vayu_shared::counters::{Counters, PhaseTotal, PhaseTotals, percent};
use vayu_shared::examples::ErrorExample;
use vayu_shared::latency::LatencyStats;
use vayu_shared::plan::Plan;
use vayu_shared::script_totals::{CheckSummary, ScriptsSummary};
use vayu_shared::snapshot::Totals;
use vayu_shared::spec::Load;
use vayu_shared::units::{Nanos, to_ms, to_seconds};

use crate::generator::GeneratorFacts;

pub use verdict::{Limit, LimitedBy, Reason, Verdict, VerdictStatus};

/// The numbers of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
// Summaries stored by earlier versions lack newer fields.
#[serde(default)]
pub struct RunSummary {
    /// Time from the epoch to the end of the load or of the last exchange, whichever is later.
    pub elapsed_ns: Nanos,
    /// The plan, if the run was stopped before its end. Set by the component that can stop the run.
    pub stopped: Option<StopCause>,
    /// Which end was reached first, for a run with a number of requests and a time limit. Set once the run
    /// has ended by itself.
    pub ended: Option<RunEnd>,
    /// Whether latency is measured from the intended start (open model).
    pub open_model: bool,
    /// Pacing quantum: arrivals within this time fall due together. 0: each at its own instant.
    pub quantum_ns: Nanos,
    /// Counts of all arrivals by outcome.
    pub accounting: Accounting,
    /// Responses by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Intended start to last byte read.
    pub response: LatencyStats,
    /// First byte written to last byte read.
    pub service: LatencyStats,
    /// Lateness of the generator itself.
    pub schedule_lag: LatencyStats,
    /// Wait for a free virtual user (open model).
    pub vu_wait: LatencyStats,
    /// From a virtual user taking an arrival to the first byte written.
    pub blocked: LatencyStats,
    /// TCP connects.
    pub connect: LatencyStats,
    /// TLS handshakes.
    pub tls: LatencyStats,
    /// Mean phases, if the run recorded them.
    pub timing: Option<TimingMeans>,
    /// Slow requests, if the user set the threshold.
    pub slow: Option<SlowRequests>,
    /// Connections opened.
    pub connects: u64,
    /// Maximum number of concurrently open connections. Set by the collector of the shards' gauges.
    pub connections_peak: u64,
    /// Requests sent over a connection that had served one before.
    pub reused: u64,
    /// Idle connections found closed or dirty and replaced before a request was sent.
    pub idle_discarded: u64,
    /// Bytes received without a request.
    pub unsolicited_bytes: u64,
    /// Requests that failed on a connection that had not served a response yet.
    pub new_connection_failures: u64,
    /// Number of times that more connections did not raise the throughput (open model).
    pub growth_held: u64,
    /// Time of the virtual users by activity (closed models).
    pub users: UserTime,
    /// Full TLS handshakes.
    pub tls_full: u64,
    /// TLS handshakes that resumed an earlier session.
    pub tls_resumed: u64,
    /// DNS look-ups during the run. Set by the component that makes them.
    pub lookups: u64,
    /// Stale kept-alive connections that were replaced and whose request was sent again.
    pub stale_retries: u64,
    /// Bytes written to sockets.
    pub bytes_sent: u64,
    /// Bytes read from sockets.
    pub bytes_received: u64,
    /// Samples of successful requests that were due and not kept.
    pub samples_thinned: u64,
    /// Failures and slow requests without a kept sample.
    pub priority_samples_lost: u64,
    /// Metrics that were streamed but not stored, for lack of space. Set by the component that stores them.
    pub metrics_thinned: u64,
    /// Intervals of the histogram log that were not stored, for lack of space. Set by the component that
    /// stores them.
    pub intervals_lost: u64,
    /// Failures stored with their details. Set by the component that stores them.
    pub errors_with_details: u64,
    /// Deltas merged into the next one because the collector was behind.
    pub snapshots_deferred: u64,
    /// The first failures of each class.
    pub examples: Vec<FailureExample>,
    /// Results of script tests, by name.
    pub checks: Vec<CheckSummary>,
    /// Totals of scripts, if there were any.
    pub scripts: Option<ScriptsSummary>,
    /// Facts about the generator. Set by the component that observes the machine.
    pub generator: GeneratorFacts,
    /// Whether the numbers can be trusted. Set once the run has ended.
    pub verdict: Option<Verdict>,
}

/// Time of all virtual users outside answered requests, in nanoseconds.
// Not integers: 100,000 users overflow 64 bits of nanoseconds after about two days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserTime {
    /// Sum of their lifetimes.
    pub lived_ns: f64,
    /// Time in requests without a response, which are in no latency.
    pub unanswered_ns: f64,
    /// Time in scripts, including the time that scripts waited.
    pub scripted_ns: f64,
}

impl UserTime {
    fn new(counters: &Counters) -> Self {
        Self {
            lived_ns: counters.vu_time.sum as f64,
            unanswered_ns: counters.unanswered_time.sum as f64,
            scripted_ns: counters.scripted_time.sum as f64,
        }
    }
}

/// An example of a failure, with its message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FailureExample {
    /// Error class.
    pub class: String,
    /// When it happened, in milliseconds since the run's epoch.
    pub at_ms: f64,
    /// Shard number.
    pub shard: usize,
    /// Error message of the system or the engine.
    pub message: String,
}

/// Counts of the arrivals of a run by outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accounting {
    /// Arrivals that fell due.
    pub offered: u64,
    /// Arrivals handed to a virtual user.
    pub issued: u64,
    /// Arrivals never issued.
    pub dropped: u64,
    /// Responses of any status.
    pub answered: u64,
    /// Failures by class.
    pub errors: BTreeMap<String, u64>,
    /// Requests in flight when the graceful-stop period was over, or never sent.
    pub cancelled: u64,
    /// Requests not sent because a script skipped them.
    #[serde(default)]
    pub skipped: u64,
    /// Cancelled requests that were never sent: they were waiting for a connection when the load ended.
    #[serde(default)]
    pub turned_away: u64,
}

/// The plan of a stopped run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopCause {
    /// Planned duration of the load; `None` if a number of iterations ends it.
    pub planned_ns: Option<Nanos>,
    /// Planned number of requests; 0 if unknown.
    pub planned_requests: u64,
}

/// How a run with a number of requests and a time limit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnd {
    /// Which limit was reached first.
    pub by: EndedBy,
    /// The number of requests.
    pub iterations: u64,
    /// The time limit.
    pub duration_ns: Nanos,
}

/// What ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The number of requests was reached.
    Iterations,
    /// The time limit was reached.
    Duration,
}

impl RunEnd {
    /// Returns how a run of this load ended in which `offered` requests fell due. Returns `None` if the load
    /// has only one end.
    #[must_use]
    pub fn new(load: &Load, offered: u64) -> Option<Self> {
        let (iterations, duration_ns) = (load.number()?, load.time_limit()?);
        Some(Self {
            by: if offered >= iterations {
                EndedBy::Iterations
            } else {
                EndedBy::Duration
            },
            iterations,
            duration_ns,
        })
    }
}

/// Mean phases in nanoseconds, each over the requests in which it occurred.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimingMeans {
    /// DNS look-up.
    pub dns_ns: f64,
    /// TCP connect.
    pub connect_ns: f64,
    /// TLS handshake.
    pub tls_ns: f64,
    /// Request written to first byte.
    pub first_byte_ns: f64,
    /// First to last byte.
    pub download_ns: f64,
}

/// Requests slower than the threshold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowRequests {
    /// Number of slow requests.
    pub count: u64,
    /// The threshold.
    pub threshold_ns: Nanos,
}

impl RunSummary {
    /// Summarizes what was measured of `plan` in `elapsed`.
    #[must_use]
    pub fn new(plan: &Plan, totals: &Totals, elapsed: Nanos) -> Self {
        let Totals {
            counters,
            latencies,
            examples,
            scripts,
        } = totals;
        Self {
            elapsed_ns: elapsed,
            stopped: None,
            ended: None,
            open_model: plan.load.is_open(),
            quantum_ns: plan.load.quantum(),
            accounting: Accounting::new(counters),
            statuses: counters
                .by_status()
                .map(|(status, n)| (status.code(), n))
                .collect(),
            response: latencies.response.stats(),
            service: latencies.service.stats(),
            schedule_lag: latencies.schedule_lag.stats(),
            vu_wait: latencies.vu_wait.stats(),
            blocked: latencies.blocked.stats(),
            connect: latencies.connect.stats(),
            tls: latencies.tls.stats(),
            timing: plan
                .capture
                .timing_breakdown
                .then(|| TimingMeans::new(plan, &counters.phases)),
            slow: plan.capture.reports_slow.then_some(SlowRequests {
                count: counters.slow,
                threshold_ns: plan.capture.slow_threshold,
            }),
            connects: counters.connects,
            connections_peak: 0,
            reused: counters.reused,
            idle_discarded: counters.idle_discarded,
            unsolicited_bytes: counters.unsolicited_bytes,
            new_connection_failures: counters.new_connection_failures,
            growth_held: counters.growth_held,
            users: UserTime::new(counters),
            tls_full: counters.tls_full,
            tls_resumed: counters.tls_resumed,
            lookups: 0,
            stale_retries: counters.stale_retries,
            bytes_sent: counters.bytes_sent,
            bytes_received: counters.bytes_received,
            samples_thinned: counters.samples_thinned,
            priority_samples_lost: counters.priority_samples_lost,
            metrics_thinned: 0,
            intervals_lost: 0,
            errors_with_details: 0,
            snapshots_deferred: counters.snapshots_deferred,
            examples: examples.iter().map(FailureExample::new).collect(),
            checks: scripts.check_summaries(),
            scripts: scripts.summary(),
            generator: GeneratorFacts::default(),
            verdict: None,
        }
    }

    /// Returns the documented latency: response time in the open model, service time in closed models.
    #[must_use]
    pub fn latency(&self) -> &LatencyStats {
        if self.open_model {
            &self.response
        } else {
            &self.service
        }
    }

    /// Returns the number of requests that ended by themselves: answered or failed.
    #[must_use]
    pub fn total_requests(&self) -> u64 {
        self.accounting.answered + self.errors()
    }

    /// Returns the number of failures of any class.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.accounting.errors.values().sum()
    }

    /// Returns the number of responses with a status of 2xx or 3xx.
    #[must_use]
    pub fn successful_requests(&self) -> u64 {
        self.statuses
            .iter()
            .filter(|(code, _)| (200..400).contains(*code))
            .map(|(_, n)| n)
            .sum()
    }

    /// Returns the number of failures and of responses with any other status.
    #[must_use]
    pub fn failed_requests(&self) -> u64 {
        self.total_requests() - self.successful_requests()
    }

    /// Returns failed requests in percent of all requests.
    #[must_use]
    pub fn error_rate(&self) -> f64 {
        percent(self.failed_requests(), self.total_requests())
    }

    /// Returns completed requests per second of the run.
    #[must_use]
    pub fn average_rps(&self) -> f64 {
        let seconds = to_seconds(self.elapsed_ns);
        if seconds > 0.0 {
            self.total_requests() as f64 / seconds
        } else {
            0.0
        }
    }
}

impl FailureExample {
    fn new(example: &ErrorExample) -> Self {
        Self {
            class: example.class.name().to_owned(),
            at_ms: to_ms(example.at),
            shard: example.shard,
            message: example.detail.to_string(),
        }
    }
}

impl Accounting {
    fn new(counters: &Counters) -> Self {
        Self {
            offered: counters.offered,
            issued: counters.issued,
            dropped: counters.dropped,
            answered: counters.answered(),
            errors: counters
                .by_class()
                .map(|(class, n)| (class.name().to_owned(), n))
                .collect(),
            cancelled: counters.cancelled,
            skipped: counters.skipped,
            turned_away: counters.turned_away,
        }
    }
}

impl TimingMeans {
    fn new(plan: &Plan, phases: &PhaseTotals) -> Self {
        let mut dns = phases.dns;
        for span in plan.origins.iter().filter_map(|origin| origin.resolve_time) {
            dns.merge(PhaseTotal {
                count: 1,
                sum: span.into(),
            });
        }
        Self {
            dns_ns: dns.mean(),
            connect_ns: phases.connect.mean(),
            tls_ns: phases.tls.mean(),
            first_byte_ns: phases.first_byte.mean(),
            download_ns: phases.download.mean(),
        }
    }
}
