//! Facts about the generator during a run: evidence for the verdict, and the `generator` section of a report.
//!
//! Shares are of wall time, 0 to 1. A value that could not be read is `None`, never 0, which would look like
//! a good value.

use serde::{Deserialize, Serialize};
use vayu_shared::units::Nanos;

/// The state of the generator during one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct GeneratorFacts {
    /// One entry per shard, ordered by shard number.
    pub shards: Vec<ShardFacts>,
    /// File descriptors of the process at the end of the run.
    pub descriptors: Option<Usage>,
    /// Local ports in use towards the target at the end of the run.
    pub local_ports: Option<Usage>,
    /// Number of those ports in TIME_WAIT.
    pub local_ports_time_wait: Option<u64>,
    /// Time for which the cgroup's CPU quota throttled the process during the run.
    pub throttled_ns: Option<Nanos>,
    /// Warnings of the preflight checks before the run.
    pub preflight: Vec<PreflightWarning>,
}

/// Facts about one shard and its core.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ShardFacts {
    /// Shard number.
    pub shard: usize,
    /// Core that the shard is pinned to.
    pub core: usize,
    /// Share of time the core was busy with any work.
    pub core_busy: Option<f64>,
    /// Share of time the shard's thread ran on the core.
    pub shard_busy: Option<f64>,
    /// Share of time the shard's thread was runnable while something else ran on the core.
    pub cpu_wait: Option<f64>,
    /// Share of time the hypervisor ran something else on the core (steal).
    pub steal: Option<f64>,
    /// 99th percentile of the schedule lag on this shard; 0 in closed models.
    pub schedule_lag_p99_ns: Nanos,
}

/// Usage of a resource and its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Usage {
    /// Number in use.
    pub used: u64,
    /// Maximum; `null` if there is no limit.
    pub limit: Option<u64>,
}

/// A condition of the machine that may distort a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreflightWarning {
    /// Machine-readable code.
    pub code: String,
    /// Human-readable message: what was found, what is needed, and which setting to change.
    pub message: String,
}

impl GeneratorFacts {
    /// Returns the largest value of a share over all shards, with its shard.
    #[must_use]
    pub fn worst(&self, share: fn(&ShardFacts) -> Option<f64>) -> Option<(f64, &ShardFacts)> {
        self.shards
            .iter()
            .filter_map(|shard| share(shard).map(|value| (value, shard)))
            .max_by(|left, right| left.0.total_cmp(&right.0))
    }
}
