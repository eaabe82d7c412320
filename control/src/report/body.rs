//! The types of the report: the fields with their units. `json` builds a report from a summary.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vayu_shared::script_totals::CheckSummary;

use crate::generator::{PreflightWarning, Usage};
use crate::littles_law::LittlesLaw;
use crate::summary::{Accounting, EndedBy};
use crate::verdict::Verdict;

/// The numbers of a run, from exact counters and histograms of all its requests.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether the numbers can be trusted. Present once the run has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Progress of a stopped run. Present if the run was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<StoppedSection>,
    /// Which end was reached first. Present if a run with `iterations` and a `duration` ended by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndedSection>,
    /// The key numbers of the run.
    pub summary: SummarySection,
    /// The documented latency: response time of rate runs, service time of other runs.
    pub latency: LatencySection,
    /// Number of responses by status.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub status_codes: BTreeMap<u16, u64>,
    /// Failures.
    pub errors: ErrorsSection,
    /// Mean phases. Present with `save_timing_breakdown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timing_breakdown: Option<TimingSection>,
    /// Requests slower than the threshold. Present with `slow_threshold_ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_requests: Option<SlowSection>,
    /// From the intended start to the last byte.
    pub response_time: Stats,
    /// From the first byte written to the last byte read.
    pub service_time: Stats,
    /// Lateness of the generator itself.
    pub schedule_lag: Stats,
    /// Wait for a free virtual user.
    pub vu_wait: Stats,
    /// From a virtual user taking an arrival to the first byte written.
    pub blocked: Stats,
    /// TCP connects.
    pub connect_time: Stats,
    /// TLS handshakes.
    pub tls_time: Stats,
    /// Results of script tests, by name. Present if there were any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckSummary>,
    /// Totals of scripts. Present if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scripts: Option<ScriptsSection>,
    /// Counts of all arrivals by outcome.
    pub accounting: Accounting,
    /// Connections and bytes.
    pub transport: TransportSection,
    /// Both sides of Little's law. Present for closed-model runs once a virtual user has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub littles_law: Option<LittlesLaw>,
    /// State of the machine and the shards during the run.
    pub generator: GeneratorSection,
    /// Metadata of the run. Present for stored runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

/// Progress and plan of a stopped run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoppedSection {
    /// Seconds from the start of the load to its end.
    pub after_seconds: f64,
    /// Planned duration of the load in seconds; `null` if a number of iterations ends it.
    pub planned_seconds: Option<f64>,
    /// Requests sent.
    pub sent: u64,
    /// Planned number of requests, the mean for random arrivals; `null` if only the duration ends the run.
    pub planned: Option<u64>,
}

/// How a run with a number of requests and a duration ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndedSection {
    /// Which limit was reached first.
    pub by: EndedBy,
    /// Seconds from the start of the load to its end.
    pub after_seconds: f64,
    /// The `duration` in seconds.
    pub duration_seconds: f64,
    /// Requests sent.
    pub sent: u64,
    /// The `iterations`.
    pub iterations: u64,
}

/// The key numbers of a run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SummarySection {
    /// Requests answered or failed.
    pub total_requests: u64,
    /// Responses with a status of 2xx or 3xx.
    pub successful_requests: u64,
    /// Failures without a response, and responses with a status of 4xx or 5xx.
    pub failed_requests: u64,
    /// Failed requests in percent of total requests.
    pub error_rate: f64,
    /// Duration of the load in seconds.
    pub total_duration_seconds: f64,
    /// Total requests per second over that duration.
    pub avg_rps: f64,
    /// Alias of `totalDurationSeconds`.
    pub test_duration: f64,
    /// Requests issued per second.
    pub send_rate: f64,
    /// Responses per second.
    pub throughput: f64,
    /// Seconds between start and end of the run without load. Present for stored runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_overhead: Option<f64>,
}

/// A distribution of durations, in milliseconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stats {
    /// Number of samples.
    pub count: u64,
    /// Minimum, exact.
    pub min: f64,
    /// Maximum, exact.
    pub max: f64,
    /// Mean, exact.
    pub avg: f64,
    /// Standard deviation.
    pub stddev: f64,
    /// 50th percentile.
    pub p50: f64,
    /// 75th percentile.
    pub p75: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile; `null` with fewer than ten samples beyond it.
    pub p999: Option<f64>,
    /// 99.99th percentile; `null` with fewer than ten samples beyond it.
    pub p9999: Option<f64>,
    /// Number of samples beyond each percentile, by its name. Shows how reliable the percentile is.
    #[serde(rename = "samplesBeyond")]
    #[schema(value_type = BTreeMap<String, u64>)]
    pub samples_beyond: BTreeMap<&'static str, u64>,
}

/// The documented latency, and what it measures.
#[derive(Debug, Serialize, ToSchema)]
pub struct LatencySection {
    /// The distribution.
    #[serde(flatten)]
    pub stats: Stats,
    /// Which of `responseTime` and `serviceTime` it equals.
    pub measures: Measured,
    /// Alias of `p50`.
    pub median: f64,
}

/// What a latency measures.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Measured {
    /// Time from the intended start, for rate runs.
    ResponseTime,
    /// Time from the first byte written, for other runs.
    ServiceTime,
}

/// Failures of a run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorsSection {
    /// Requests that failed without a response.
    pub total: u64,
    /// Number of those failures that are stored with their details.
    pub with_details: u64,
    /// Counts by coarse error type.
    pub types: BTreeMap<&'static str, u64>,
    /// Counts by exact error class.
    pub classes: BTreeMap<String, u64>,
    /// Counts of failed responses by status.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub by_status_code: BTreeMap<u16, u64>,
    /// The first failures of each class.
    pub examples: BTreeMap<String, Vec<ExampleSection>>,
}

/// An example of a failure.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExampleSection {
    /// When it happened, in milliseconds since the start of the load.
    pub at_ms: f64,
    /// Shard on which it happened.
    pub shard: usize,
    /// Error message of the system or the engine.
    pub message: String,
}

/// Mean phases in milliseconds, each over the requests in which it occurred.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimingSection {
    /// DNS look-up.
    pub avg_dns_ms: f64,
    /// TCP connect.
    pub avg_connect_ms: f64,
    /// TLS handshake.
    pub avg_tls_ms: f64,
    /// Request written to first byte.
    pub avg_first_byte_ms: f64,
    /// First to last byte.
    pub avg_download_ms: f64,
}

/// Requests slower than the threshold.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SlowSection {
    /// Number of slow requests.
    pub count: u64,
    /// Threshold in milliseconds.
    pub threshold_ms: f64,
    /// Slow requests in percent of all requests.
    pub percentage: f64,
}

/// Connections and bytes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransportSection {
    /// Connections opened.
    pub connections: u64,
    /// Maximum number of concurrently open connections.
    pub connections_peak: u64,
    /// Requests sent over a connection that had served one before.
    pub reused: u64,
    /// TLS handshakes.
    pub tls_handshakes: Handshakes,
    /// DNS look-ups during the run.
    pub lookups: u64,
    /// Requests sent once more because the target had closed their kept-alive connection. Their latency
    /// includes the first attempt.
    pub stale_retries: u64,
    /// Idle connections found closed or dirty and replaced before a request was sent.
    pub idle_discarded: u64,
    /// Bytes received without a request; their connections are closed.
    pub unsolicited_bytes: u64,
    /// Bytes written to sockets.
    pub bytes_sent: u64,
    /// Bytes read from sockets.
    pub bytes_received: u64,
    /// Same as `generator.lost.samples`.
    pub samples_thinned: u64,
    /// Same as `generator.lost.metrics`.
    pub metrics_thinned: u64,
    /// Same as `generator.lost.snapshotsDeferred`.
    pub snapshots_deferred: u64,
}

/// TLS handshakes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Handshakes {
    /// Full handshakes.
    pub full: u64,
    /// Handshakes that resumed the session of an earlier connection.
    pub resumed: u64,
}

/// State of the machine and the shards during the run. Values that could not be read are `null`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GeneratorSection {
    /// Pacing quantum in milliseconds: arrivals within it fell due together. 0: each arrival at its own
    /// instant. Present for runs at a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pacing_quantum_ms: Option<f64>,
    /// One entry per shard.
    pub shards: Vec<ShardSection>,
    /// File descriptors of the process.
    pub descriptors: Option<Usage>,
    /// Local ports in use towards the target.
    pub local_ports: Option<Usage>,
    /// Number of those ports in TIME_WAIT.
    pub local_ports_time_wait: Option<u64>,
    /// Milliseconds for which the cgroup's CPU quota throttled the process.
    pub throttled_ms: Option<f64>,
    /// Measurements that were not kept.
    pub lost: LostSection,
    /// Warnings of the preflight checks before the run.
    pub preflight: Vec<PreflightWarning>,
}

/// A shard and its core. Shares are in percent of wall time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShardSection {
    /// Shard number.
    pub shard: usize,
    /// Core that the shard is pinned to.
    pub core: usize,
    /// Time the core was busy with any work.
    pub core_busy_percent: Option<f64>,
    /// Time the shard ran on the core.
    pub shard_busy_percent: Option<f64>,
    /// Time the shard was runnable while something else ran on the core.
    pub cpu_wait_percent: Option<f64>,
    /// Time the hypervisor ran something else on the core (steal).
    pub steal_percent: Option<f64>,
    /// Schedule lag of the shard, 99th percentile, in milliseconds.
    #[serde(rename = "scheduleLagP99")]
    pub schedule_lag_p99: f64,
}

/// Measurements that were not kept. Counts of requests are always complete.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LostSection {
    /// Samples of successful requests.
    pub samples: u64,
    /// Samples of failures and slow requests.
    pub priority_samples: u64,
    /// Metrics that were streamed but not stored.
    pub metrics: u64,
    /// Intervals of the histogram log.
    pub intervals: u64,
    /// Shard snapshots that were merged into the next one.
    pub snapshots_deferred: u64,
}

/// Metadata of a run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Run id.
    pub run_id: String,
    /// `load` or `design`.
    pub run_type: &'static str,
    /// Status of the run.
    pub status: &'static str,
    /// When the run was accepted, in milliseconds since the Unix epoch.
    pub start_time: i64,
    /// When the run ended, in milliseconds since the Unix epoch; `null` before its end.
    pub end_time: Option<i64>,
    /// URL of the request.
    pub request_url: Option<Value>,
    /// Method of the request.
    pub request_method: Option<Value>,
    /// Settings of the load, as sent.
    pub configuration: Map<String, Value>,
}

/// Totals of scripts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScriptsSection {
    /// Number of scripts that ran.
    pub calls: u64,
    /// Number of scripts that threw.
    pub errors: u64,
    /// Number of requests that scripts skipped.
    pub skipped: u64,
    /// Number of scripts still waiting for a timer or a request when the run ended; their tests may be
    /// missing.
    pub unfinished: u64,
    /// Share of the shards' time spent in scripts, in percent.
    pub cpu_share_percent: f64,
    /// Median time of a script in milliseconds, without waiting.
    pub p50: f64,
    /// 99th percentile of that time.
    pub p99: f64,
    /// Maximum of that time.
    pub max: f64,
    /// First error messages that were thrown.
    pub first_errors: Vec<String>,
}
