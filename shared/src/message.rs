//! What shards tell of a run. Commands go the other way as
//! the worker's own closed enum, because they carry channel ends.

use crate::snapshot::ShardSnapshot;
use crate::units::Nanos;

/// A run's number within one engine process.
pub type RunKey = u64;

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
