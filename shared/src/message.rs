//! What shards tell of a run. Commands go the other way as
//! the worker's own closed enum, because they carry channel ends.

use std::net::SocketAddr;
use std::sync::Arc;

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

/// A connection that is to be made asks for its origin's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookupRequest {
    /// Which shard asks.
    pub shard: usize,
    /// For which origin of the plan.
    pub origin: usize,
    /// What the answer has to carry.
    pub token: u64,
}

/// Addresses of an origin of a run, on their way to a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Of which origin of the plan.
    pub origin: usize,
    /// The request it answers; none for addresses that all connections use from now on.
    pub token: Option<u64>,
    /// The addresses, or why there are none.
    pub found: Result<Arc<[SocketAddr]>, Arc<str>>,
}

impl Addresses {
    /// A look-up that gave nothing.
    #[must_use]
    pub fn failed(origin: usize, token: Option<u64>, reason: &str) -> Self {
        Self {
            origin,
            token,
            found: Err(reason.into()),
        }
    }
}
