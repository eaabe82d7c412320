//! What is known of the generator during a run: evidence for the verdict, and
//! the `generator` section of a report.
//!
//! Shares are of wall time, 0 to 1. What could not be read is `None`, never a
//! zero that looks like good news.

use serde::{Deserialize, Serialize};
use vayu_shared::units::Nanos;

/// The generator during one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct GeneratorFacts {
    /// One entry per shard, in the order of their numbers.
    pub shards: Vec<ShardFacts>,
    /// Descriptors of the process at the end of the run.
    pub descriptors: Option<Usage>,
    /// Local ports towards the target at the end of the run.
    pub local_ports: Option<Usage>,
    /// Of those, the ones that only wait for their time to be over (TIME_WAIT).
    pub local_ports_time_wait: Option<u64>,
    /// How long the cgroup's quota held the process up during the run.
    pub throttled_ns: Option<Nanos>,
    /// What was noticed before the run.
    pub preflight: Vec<PreflightWarning>,
}

/// One shard and its core.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ShardFacts {
    /// The shard.
    pub shard: usize,
    /// The core it is pinned to.
    pub core: usize,
    /// How busy the core was, with whatever.
    pub core_busy: Option<f64>,
    /// How long the shard's thread was on the core.
    pub shard_busy: Option<f64>,
    /// How long the shard's thread was ready to run and something else was on the core.
    pub cpu_wait: Option<f64>,
    /// How long the hypervisor had the core run something else.
    pub steal: Option<f64>,
    /// 99th percentile of the schedule lag on this shard; 0 in closed models.
    pub schedule_lag_p99_ns: Nanos,
}

/// So much in use of so much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Usage {
    /// In use.
    pub used: u64,
    /// At most; none where there is no limit.
    pub limit: Option<u64>,
}

/// Something about the machine that may spoil a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreflightWarning {
    /// What it is about, for programs.
    pub code: String,
    /// What was found, what is needed, and which knob to turn.
    pub message: String,
}

impl GeneratorFacts {
    /// The largest value of a share over all shards, with its shard.
    #[must_use]
    pub fn worst(&self, share: fn(&ShardFacts) -> Option<f64>) -> Option<(f64, &ShardFacts)> {
        self.shards
            .iter()
            .filter_map(|shard| share(shard).map(|value| (value, shard)))
            .max_by(|left, right| left.0.total_cmp(&right.0))
    }
}
