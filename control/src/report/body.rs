//! The report of the API as types: what each field is, with its unit. How a
//! summary becomes one is in `json`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vayu_shared::script_totals::CheckSummary;

use crate::generator::{PreflightWarning, Usage};
use crate::littles_law::LittlesLaw;
use crate::summary::{Accounting, EndedBy};
use crate::verdict::Verdict;

/// A run's numbers: from exact counters and histograms of all its requests.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether the numbers can be trusted; once the run has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// How far a run came that was stopped; only there when one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<StoppedSection>,
    /// Which end a run reached first that has `iterations` and a `duration`; only there
    /// when such a run ended by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndedSection>,
    /// The run in nine numbers.
    pub summary: SummarySection,
    /// The documented latency: response time of rate runs, service time of others.
    pub latency: LatencySection,
    /// How many responses there were of each status.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub status_codes: BTreeMap<u16, u64>,
    /// What failed.
    pub errors: ErrorsSection,
    /// Mean phases; with `save_timing_breakdown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timing_breakdown: Option<TimingSection>,
    /// Requests slower than the threshold; with `slow_threshold_ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_requests: Option<SlowSection>,
    /// From the intended start to the last byte.
    pub response_time: Stats,
    /// From the first byte written to the last byte read.
    pub service_time: Stats,
    /// How late the generator itself was.
    pub schedule_lag: Stats,
    /// The wait for a free virtual user.
    pub vu_wait: Stats,
    /// From a virtual user taking an arrival to the first byte written.
    pub blocked: Stats,
    /// TCP connects.
    pub connect_time: Stats,
    /// TLS handshakes.
    pub tls_time: Stats,
    /// How the tests of scripts ended, by name; only where there were any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckSummary>,
    /// What scripts did; only where there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scripts: Option<ScriptsSection>,
    /// Where every arrival went.
    pub accounting: Accounting,
    /// Connections and bytes.
    pub transport: TransportSection,
    /// Both sides of Little's law; of closed runs that have ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub littles_law: Option<LittlesLaw>,
    /// The machine and the shards during the run.
    pub generator: GeneratorSection,
    /// The run itself; of a stored run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

/// How far a run came that was stopped, and what its plan held.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoppedSection {
    /// Seconds from the start of the load to its end.
    pub after_seconds: f64,
    /// Seconds the load would have lasted; `null` when a number of iterations ends it.
    pub planned_seconds: Option<f64>,
    /// Requests that were sent.
    pub sent: u64,
    /// Requests the plan held, the mean of random arrivals; `null` where only time
    /// ends the run.
    pub planned: Option<u64>,
}

/// How a run ended that has a number of requests and a duration.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndedSection {
    /// Which of them came first.
    pub by: EndedBy,
    /// Seconds from the start of the load to its end.
    pub after_seconds: f64,
    /// Its `duration` in seconds.
    pub duration_seconds: f64,
    /// Requests that were sent.
    pub sent: u64,
    /// Its `iterations`.
    pub iterations: u64,
}

/// The run in numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SummarySection {
    /// Requests answered or failed.
    pub total_requests: u64,
    /// Responses of 2xx and 3xx.
    pub successful_requests: u64,
    /// Failures without a response, and responses of 4xx and 5xx.
    pub failed_requests: u64,
    /// Failed of total requests, in percent.
    pub error_rate: f64,
    /// Seconds from the first to the last moment of the load.
    pub total_duration_seconds: f64,
    /// Requests per second over that time.
    pub avg_rps: f64,
    /// The same seconds under another name.
    pub test_duration: f64,
    /// Requests issued per second.
    pub send_rate: f64,
    /// Responses per second.
    pub throughput: f64,
    /// Seconds between start and end that were not load; of a stored run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_overhead: Option<f64>,
}

/// A distribution of spans, in milliseconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stats {
    /// How many spans.
    pub count: u64,
    /// The shortest, exact.
    pub min: f64,
    /// The longest, exact.
    pub max: f64,
    /// The mean, exact.
    pub avg: f64,
    /// The standard deviation.
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
    /// 99.9th percentile; `null` with fewer than ten spans beyond it.
    pub p999: Option<f64>,
    /// 99.99th percentile; `null` with fewer than ten spans beyond it.
    pub p9999: Option<f64>,
    /// How many spans lie beyond each percentile, by its name: what it stands on.
    #[serde(rename = "samplesBeyond")]
    #[schema(value_type = BTreeMap<String, u64>)]
    pub samples_beyond: BTreeMap<&'static str, u64>,
}

/// The documented latency, and which of the two it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct LatencySection {
    /// The distribution.
    #[serde(flatten)]
    pub stats: Stats,
    /// Which section it repeats.
    pub measures: Measured,
    /// The 50th percentile once more.
    pub median: f64,
}

/// What a latency is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Measured {
    /// From the intended start: of rate runs.
    ResponseTime,
    /// From the first byte written: of other runs.
    ServiceTime,
}

/// What failed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorsSection {
    /// Requests that failed without a response.
    pub total: u64,
    /// Of them, those stored with their particulars.
    pub with_details: u64,
    /// Coarse kinds and their counts.
    pub types: BTreeMap<&'static str, u64>,
    /// Exact classes and their counts.
    pub classes: BTreeMap<String, u64>,
    /// Responses that are failures, by status.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub by_status_code: BTreeMap<u16, u64>,
    /// The first failures of each class.
    pub examples: BTreeMap<String, Vec<ExampleSection>>,
}

/// One failure in words.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExampleSection {
    /// Milliseconds from the beginning of the load.
    pub at_ms: f64,
    /// The shard it happened on.
    pub shard: usize,
    /// What the system or the engine said.
    pub message: String,
}

/// Mean phases in milliseconds, each over the requests in which it occurred.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimingSection {
    /// Name look-up.
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
    /// How many.
    pub count: u64,
    /// Slower than so many milliseconds.
    pub threshold_ms: f64,
    /// Of all requests, in percent.
    pub percentage: f64,
}

/// Connections and bytes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransportSection {
    /// Connections opened.
    pub connections: u64,
    /// Most connections open at once.
    pub connections_peak: u64,
    /// Requests sent over a connection that had served one before.
    pub reused: u64,
    /// TLS handshakes made.
    pub tls_handshakes: Handshakes,
    /// Name look-ups during the run.
    pub lookups: u64,
    /// Requests sent once more because the target had closed their kept connection; the
    /// time of the first attempt is in their latency.
    pub stale_retries: u64,
    /// Idle connections found closed or dirty, and replaced before a request was sent.
    pub idle_discarded: u64,
    /// Bytes received that no request had asked for; their connections are closed.
    pub unsolicited_bytes: u64,
    /// Bytes written to sockets.
    pub bytes_sent: u64,
    /// Bytes read from sockets.
    pub bytes_received: u64,
    /// As in `generator.lost.samples`.
    pub samples_thinned: u64,
    /// As in `generator.lost.metrics`.
    pub metrics_thinned: u64,
    /// As in `generator.lost`.
    pub snapshots_deferred: u64,
}

/// TLS handshakes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Handshakes {
    /// In full.
    pub full: u64,
    /// Shortened by a session of an earlier connection.
    pub resumed: u64,
}

/// The machine and the shards during the run. What could not be read is `null`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GeneratorSection {
    /// How many milliseconds' arrivals fell due together, 0 when each had its own
    /// instant; of runs at a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pacing_quantum_ms: Option<f64>,
    /// One entry per shard.
    pub shards: Vec<ShardSection>,
    /// Descriptors of the process.
    pub descriptors: Option<Usage>,
    /// Local ports towards the target.
    pub local_ports: Option<Usage>,
    /// Of those, the ones in TIME_WAIT.
    pub local_ports_time_wait: Option<u64>,
    /// Milliseconds for which the cgroup's quota held the process up.
    pub throttled_ms: Option<f64>,
    /// What was measured and not kept.
    pub lost: LostSection,
    /// What was noticed of the machine before the run.
    pub preflight: Vec<PreflightWarning>,
}

/// One shard and its core, in percent of the time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShardSection {
    /// The shard.
    pub shard: usize,
    /// Its core.
    pub core: usize,
    /// How busy the core was, with whatever.
    pub core_busy_percent: Option<f64>,
    /// How long the shard was on the core.
    pub shard_busy_percent: Option<f64>,
    /// How long the shard was ready and something else was on the core.
    pub cpu_wait_percent: Option<f64>,
    /// How long the hypervisor had the core run something else.
    pub steal_percent: Option<f64>,
    /// Its schedule lag, 99th percentile, in milliseconds.
    #[serde(rename = "scheduleLagP99")]
    pub schedule_lag_p99: f64,
}

/// What was measured and not kept; never counts of requests.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LostSection {
    /// Samples of successes.
    pub samples: u64,
    /// Samples of failures and slow requests.
    pub priority_samples: u64,
    /// Metrics that were streamed and not stored.
    pub metrics: u64,
    /// Stretches of the interval log.
    pub intervals: u64,
    /// Reports of shards that came with the next.
    pub snapshots_deferred: u64,
}

/// A run as its report tells of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Its id.
    pub run_id: String,
    /// `load` or `design`.
    pub run_type: &'static str,
    /// How far it has come.
    pub status: &'static str,
    /// When it was accepted, in milliseconds since the Unix epoch.
    pub start_time: i64,
    /// When it ended, in milliseconds since the Unix epoch.
    pub end_time: Option<i64>,
    /// Where its requests went.
    pub request_url: Option<Value>,
    /// Their method.
    pub request_method: Option<Value>,
    /// The settings of the load, as they were sent.
    pub configuration: Map<String, Value>,
}

/// What scripts did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScriptsSection {
    /// Scripts that ran.
    pub calls: u64,
    /// Scripts that threw.
    pub errors: u64,
    /// Requests that scripts skipped.
    pub skipped: u64,
    /// Scripts that still waited for a timer or a request when the run ended; their tests may be missing.
    pub unfinished: u64,
    /// Share of the shards' time that scripts took, in percent.
    pub cpu_share_percent: f64,
    /// Median time of a script in milliseconds, without what it waited for.
    pub p50: f64,
    /// 99th percentile of it.
    pub p99: f64,
    /// The longest.
    pub max: f64,
    /// What was thrown, the first times.
    pub first_errors: Vec<String>,
}
