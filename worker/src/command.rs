//! What the engine tells a shard.
//!
//! Everything in it is immutable shared data or a channel end; a shard takes a
//! command between two turns and answers only through the run's own channel.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use vayu_shared::message::{Addresses, LookupRequest, RunKey, ShardEvent};
use vayu_shared::plan::Plan;
use vayu_shared::snapshot::Delta;
use vayu_shared::units::Nanos;

use crate::tls_setup::TlsSetup;

/// A command to one shard.
pub enum Command {
    /// Begin a run.
    Start(Start),
    /// Addresses of a run's target.
    Addresses(RunKey, Addresses),
    /// Issue nothing more; let what is in flight finish within the graceful bound.
    Stop(RunKey),
    /// End the thread.
    Shutdown,
    /// Fail on purpose, to prove that a failure stays contained.
    #[cfg(test)]
    Panic,
}

/// A run to begin.
#[derive(Clone)]
pub struct Start {
    /// The run's number.
    pub run: RunKey,
    /// The whole plan; the shard takes its share.
    pub plan: Arc<Plan>,
    /// How TLS is spoken, where it is.
    pub tls: Option<Arc<TlsSetup>>,
    /// Where names are looked up while the run goes on, if anywhere.
    pub lookups: Option<Sender<LookupRequest>>,
    /// When the run begins, on the monotonic clock.
    pub epoch: Nanos,
    /// The run's channel to its collector, shared by all shards.
    pub events: Sender<ShardEvent>,
    /// Emptied deltas on their way back, so that none is allocated twice.
    pub spare: Receiver<Box<Delta>>,
}
