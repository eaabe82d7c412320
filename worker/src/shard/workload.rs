//! What an iteration of a run sends on one shard: its steps, in order.

use vayu_shared::plan::Plan;
use vayu_shared::request::signing::RunToken;

use super::Position;
use crate::exchange::Request;

/// The steps of an iteration on one shard.
pub struct Workload {
    steps: Box<[ShardStep]>,
}

/// One request of an iteration.
pub struct ShardStep {
    /// Index of the step.
    pub number: usize,
    /// Index of its origin in the plan.
    pub origin: usize,
    /// The request to send.
    pub request: Request,
}

impl Workload {
    /// Creates the steps of a plan. With scripts, `script_bytes` of each response body are kept for them.
    pub fn new(plan: &Plan, position: Position, script_bytes: Option<u64>) -> Self {
        let steps = plan.steps.iter().enumerate();
        let steps = steps.map(|(number, step)| ShardStep {
            number,
            origin: step.origin,
            request: Request::new(plan, step, (position.shard, position.shards), script_bytes),
        });
        Self {
            steps: steps.collect(),
        }
    }

    /// Returns the first step of an iteration.
    pub fn first(&self) -> &ShardStep {
        &self.steps[0]
    }

    /// Returns the step that follows `step`, or `None` at the end of the iteration.
    pub fn following(&self, step: &ShardStep) -> Option<&ShardStep> {
        self.steps.get(step.number + 1)
    }

    /// Replaces the token that signs requests.
    pub fn renew(&self, token: &RunToken) {
        let requests = self.steps.iter().map(|step| &step.request);
        requests.for_each(|request| request.renew(token.clone()));
    }
}
