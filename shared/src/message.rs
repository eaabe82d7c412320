//! Messages from shards about a run. Commands to shards are the worker's own closed enum, because they
//! contain channel ends.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::snapshot::ShardSnapshot;
use crate::units::Nanos;

/// Number of a run, unique within one engine process.
pub type RunKey = u64;

/// A message from a shard to the collector of a run.
#[derive(Debug)]
pub enum ShardEvent {
    /// A delta.
    Snapshot(ShardSnapshot),
    /// The last delta. The shard has finished the run.
    Done {
        /// Delta since the last snapshot.
        snapshot: ShardSnapshot,
        /// End of its last exchange or of its load, whichever is later, since the epoch.
        ended_at: Nanos,
    },
    /// The shard failed and its part of the run is lost.
    Failed {
        /// The shard that failed.
        shard: usize,
        /// Human-readable reason.
        reason: String,
    },
}

/// A request for the addresses of an origin, sent when a connection is established.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookupRequest {
    /// The requesting shard.
    pub shard: usize,
    /// Index of the origin in the plan.
    pub origin: usize,
    /// Token to return in the reply.
    pub token: u64,
}

/// Addresses of an origin of a run, sent to a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Index of the origin in the plan.
    pub origin: usize,
    /// Token of the request this replies to. `None` for addresses that all connections use from now on.
    pub token: Option<u64>,
    /// The addresses, or why there are none.
    pub found: Result<Arc<[SocketAddr]>, Arc<str>>,
}

impl Addresses {
    /// Creates the reply for a failed lookup.
    #[must_use]
    pub fn failed(origin: usize, token: Option<u64>, reason: &str) -> Self {
        Self {
            origin,
            token,
            found: Err(reason.into()),
        }
    }
}
