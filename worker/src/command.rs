//! Commands from the engine to a shard.
//!
//! A command contains only immutable shared data and channel ends. A shard takes a command between two turns
//! and replies only through what the command contains.

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
    /// Starts a run.
    Start(Start),
    /// Sets addresses of an origin of a run, or answers one of its lookups.
    Addresses(RunKey, Addresses),
    /// Replaces the token that signs the requests of a run.
    Token(RunKey, RunToken),
    /// Delivers the outcome of a request that a script of a run sent.
    ScriptReply(RunKey, ScriptReply),
    /// Stops a run: issues no more requests and lets those in flight finish within the graceful bound.
    Stop(RunKey),
    /// Starts a single exchange.
    Single(Single),
    /// Cancels a single exchange if it is in progress.
    Cancel(SingleKey),
    /// Asks the shard to send its number, which shows that it takes commands.
    Answer(usize, Sender<usize>),
    /// Ends the thread.
    Shutdown,
    /// Panics on purpose, to test that a failure stays contained.
    #[cfg(test)]
    Panic,
}

/// Key of a single exchange.
pub type SingleKey = u64;

/// A single exchange to start.
pub struct Single {
    /// Its key.
    pub key: SingleKey,
    /// What to send and where.
    pub order: Box<SingleExchange>,
    /// Restricts the addresses it may connect to.
    pub fence: Arc<Fence>,
    /// Receives the outcome. Not called if the exchange is cancelled.
    pub reply: Reply,
}

/// Takes the outcome of an exchange. Runs on the shard's thread, so it must not block.
pub type Reply = Box<dyn FnOnce(io::Result<SingleOutcome>) + Send>;

/// A run to start.
#[derive(Clone)]
pub struct Start {
    /// Key of the run.
    pub run: RunKey,
    /// The whole plan. The shard takes its share.
    pub plan: Arc<Plan>,
    /// TLS setup of each origin; `None` for plain HTTP. Trailing origins without TLS may be missing.
    pub tls: Vec<Option<Arc<TlsSetup>>>,
    /// Sends DNS lookups while the run is active; `None` without lookups.
    pub lookups: Option<Sender<LookupRequest>>,
    /// Scripts that run before and after each request; `None` without scripts.
    pub scripts: Option<Arc<ScriptPlan>>,
    /// Takes the requests that scripts send.
    pub sends: Option<Sender<ScriptSend>>,
    /// Restricts the addresses that its connections may use.
    pub fence: Arc<Fence>,
    /// Start of the run on the monotonic clock.
    pub epoch: Nanos,
    /// Channel to the collector of the run, shared by all shards.
    pub events: Sender<ShardEvent>,
    /// Emptied deltas that the collector returns, so that they are reused and not reallocated.
    pub spare: Receiver<Box<Delta>>,
}
