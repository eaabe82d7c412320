//! The scripts of a load run, as every shard receives them.

use serde_json::Value;
use vayu_shared::spec::RequestSpec;
use vayu_shared::units::Nanos;

use super::context::ScriptLimits;
use super::scopes::Scopes;
use super::scripts::Scripts;

/// The scripts of a load run and what they run with.
#[derive(Clone)]
pub struct ScriptPlan {
    /// Source texts, which are valid JavaScript.
    pub scripts: Scripts,
    /// Resource limits of each script.
    pub limits: ScriptLimits,
    /// Initial variables of every virtual user.
    pub scopes: Scopes,
    /// Maximum contexts over all shards. Each shard has at least one.
    pub contexts: usize,
    /// Share of responses whose script runs, in percent.
    pub sample_percent: f64,
    /// Maximum bytes of a response body that scripts see.
    pub body_bytes: u64,
    /// The request as planned, with its variables as typed. No script can send to another target.
    pub request: RequestSpec,
    /// The definition that `pm.request` is created from.
    pub definition: Value,
    /// The definition as JSON text.
    pub definition_text: String,
    /// Name of the linked request.
    pub request_name: String,
    /// Id of the linked request, or empty.
    pub request_id: String,
    /// Name of the environment.
    pub environment_name: String,
    /// Number of iterations. 0 if time ends the run.
    pub iteration_count: u64,
    /// Time of day at the zero point of the monotonic clock.
    pub unix_offset: Nanos,
    /// Seed of the dynamic values.
    pub seed: u64,
}

/// A request that a script of a load run sends, on its way to the sender.
#[derive(Debug)]
pub struct ScriptSend {
    /// Index of the shard that waits for the outcome.
    pub shard: usize,
    /// Token that the outcome must carry.
    pub token: u64,
    /// The request as JSON.
    pub request: String,
}

/// The outcome of a [`ScriptSend`].
#[derive(Debug)]
pub struct ScriptReply {
    /// Token of the request.
    pub token: u64,
    /// The outcome in the format that `pm/send.js` reads.
    pub outcome: String,
}
