//! What crosses threads between the engine and its shards: these closed enums
//! and nothing else.

use std::sync::Arc;

use crate::plan::Plan;
use crate::snapshot::ShardSnapshot;
use crate::units::Nanos;

/// A run's number within one engine process.
pub type RunKey = u64;

/// What the engine tells a shard.
#[derive(Debug)]
pub enum ShardCommand {
    /// Begin a run at `epoch` (monotonic clock).
    Start {
        /// The run's number.
        run: RunKey,
        /// The whole plan; the shard takes its share.
        plan: Arc<Plan>,
        /// When the run begins.
        epoch: Nanos,
    },
    /// Issue nothing more; let what is in flight finish within the graceful bound.
    Stop {
        /// The run's number.
        run: RunKey,
    },
    /// End the thread once nothing runs.
    Shutdown,
}

/// What a shard tells the collector of a run.
#[derive(Debug)]
pub enum ShardEvent {
    /// A delta.
    Snapshot(ShardSnapshot),
    /// The last delta; the shard is through with the run.
    Done {
        /// What happened since the last snapshot.
        snapshot: ShardSnapshot,
        /// When its last exchange ended, or its load if that was later; from the epoch.
        ended_at: Nanos,
    },
    /// The shard failed and its part of the run is lost.
    Failed {
        /// Which shard.
        shard: usize,
        /// What happened.
        reason: String,
    },
}
