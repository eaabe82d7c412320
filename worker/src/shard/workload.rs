//! What an iteration of a run sends on one shard: its steps, one after the other.

use vayu_shared::plan::Plan;
use vayu_shared::request::signing::RunToken;

use super::Position;
use crate::exchange::Request;

/// See the module.
pub struct Workload {
    steps: Box<[Step]>,
}

/// One request of an iteration.
pub struct Step {
    /// Its place among the steps.
    pub number: usize,
    /// The place of its origin among the plan's.
    pub origin: usize,
    /// What is sent.
    pub request: Request,
}

impl Workload {
    /// The steps of a plan. Scripts read `script_bytes` of each response, where there are any.
    pub fn new(plan: &Plan, position: Position, script_bytes: Option<u64>) -> Self {
        let steps = plan.steps.iter().enumerate();
        let steps = steps.map(|(number, step)| Step {
            number,
            origin: step.origin,
            request: Request::new(plan, step, (position.shard, position.shards), script_bytes),
        });
        Self {
            steps: steps.collect(),
        }
    }

    /// The step that an iteration begins with.
    pub fn first(&self) -> &Step {
        &self.steps[0]
    }

    /// The step that follows `step`; none at the end of the iteration.
    pub fn following(&self, step: &Step) -> Option<&Step> {
        self.steps.get(step.number + 1)
    }

    /// Has requests signed with another token from now on.
    pub fn renew(&self, token: &RunToken) {
        let requests = self.steps.iter().map(|step| &step.request);
        requests.for_each(|request| request.renew(token.clone()));
    }
}
