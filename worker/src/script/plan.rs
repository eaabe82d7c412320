//! The scripts of a load run, as every shard gets them.

use serde_json::Value;
use vayu_shared::spec::RequestSpec;
use vayu_shared::units::Nanos;

use super::context::ScriptLimits;
use super::scopes::Scopes;
use super::source::Scripts;

/// See the module.
#[derive(Clone)]
pub struct ScriptPlan {
    /// Their texts, which are JavaScript.
    pub scripts: Scripts,
    /// What each may take.
    pub limits: ScriptLimits,
    /// The variables every virtual user begins with.
    pub scopes: Scopes,
    /// Most contexts over all shards; each shard has at least one.
    pub contexts: usize,
    /// Share of the responses whose script runs, in percent.
    pub sample_percent: f64,
    /// Bytes of a response's body that scripts see.
    pub body_bytes: u64,
    /// The request as it is planned, its variables as typed. No script can send elsewhere.
    pub request: RequestSpec,
    /// The same as `pm.request` is made of it.
    pub definition: Value,
    /// The text of the definition.
    pub definition_text: String,
    /// The name of the linked request.
    pub request_name: String,
    /// Its id, or nothing.
    pub request_id: String,
    /// The name of the environment.
    pub environment_name: String,
    /// How many iterations there are; 0 where time ends the run.
    pub iteration_count: u64,
    /// The time of day at the beginning of the monotonic clock.
    pub unix_offset: Nanos,
    /// What dynamic values are drawn from.
    pub seed: u64,
}

/// A request that a script of a load run sends, on its way to who can send it.
#[derive(Debug)]
pub struct ScriptSend {
    /// Which shard waits for the outcome.
    pub shard: usize,
    /// What the outcome has to carry.
    pub token: u64,
    /// What to send, as JSON.
    pub request: String,
}

/// The outcome of a [`ScriptSend`].
#[derive(Debug)]
pub struct ScriptReply {
    /// The one it is of.
    pub token: u64,
    /// As `pm/send.js` reads it.
    pub outcome: String,
}
