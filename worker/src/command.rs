//! What the engine tells a shard.
//!
//! Everything in it is immutable shared data or a channel end; a shard takes a
//! command between two turns and answers only through what came with it.

use std::io;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use vayu_shared::message::{Addresses, LookupRequest, RunKey, ShardEvent};
use vayu_shared::plan::Plan;
use vayu_shared::request::signing::RunToken;
use vayu_shared::snapshot::Delta;
use vayu_shared::units::Nanos;

use crate::net::Fence;
use crate::script::{ScriptPlan, ScriptReply, ScriptSend};
use crate::single::{SingleExchange, SingleOutcome};
use crate::tls_setup::TlsSetup;

/// A command to one shard.
pub enum Command {
    /// Begin a run.
    Start(Start),
    /// Addresses of an origin of a run.
    Addresses(RunKey, Addresses),
    /// The token that a run's requests are signed with from now on.
    Token(RunKey, RunToken),
    /// The outcome of a request that a run's script sent.
    ScriptReply(RunKey, ScriptReply),
    /// Issue nothing more; let what is in flight finish within the graceful bound.
    Stop(RunKey),
    /// Make one exchange on its own.
    Single(Single),
    /// Give one exchange up, if it goes on.
    Cancel(SingleKey),
    /// Say that the shard takes commands, by its number.
    Answer(usize, Sender<usize>),
    /// End the thread.
    Shutdown,
    /// Fail on purpose, to prove that a failure stays contained.
    #[cfg(test)]
    Panic,
}

/// The number of an exchange on its own.
pub type SingleKey = u64;

/// An exchange to make.
pub struct Single {
    /// Its number.
    pub key: SingleKey,
    /// What to do.
    pub order: Box<SingleExchange>,
    /// Where it may not go.
    pub fence: Arc<Fence>,
    /// Where its outcome goes. Not called when it is given up.
    pub reply: Reply,
}

/// Takes the outcome of an exchange on the shard's thread, so it must not wait.
pub type Reply = Box<dyn FnOnce(io::Result<SingleOutcome>) + Send>;

/// A run to begin.
#[derive(Clone)]
pub struct Start {
    /// The run's number.
    pub run: RunKey,
    /// The whole plan; the shard takes its share.
    pub plan: Arc<Plan>,
    /// How TLS is spoken with each origin, where it is; none are needed for the last ones.
    pub tls: Vec<Option<Arc<TlsSetup>>>,
    /// Where names are looked up while the run goes on, if anywhere.
    pub lookups: Option<Sender<LookupRequest>>,
    /// What runs before and after each request, if anything does.
    pub scripts: Option<Arc<ScriptPlan>>,
    /// Where requests of scripts are sent from.
    pub sends: Option<Sender<ScriptSend>>,
    /// Where its connections may not go.
    pub fence: Arc<Fence>,
    /// When the run begins, on the monotonic clock.
    pub epoch: Nanos,
    /// The run's channel to its collector, shared by all shards.
    pub events: Sender<ShardEvent>,
    /// Emptied deltas on their way back, so that none is allocated twice.
    pub spare: Receiver<Box<Delta>>,
}
