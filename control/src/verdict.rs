//! The verdict: whether the numbers of a run can be trusted, why not, and what limited the run.
//!
//! A pure function of the measurements and of configurable budgets. It evaluates the measurement, never the
//! target: a run against a target that fails every request is valid.

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::{MILLISECOND, Nanos, display_span};

use crate::generator::ShardFacts;
use crate::summary::RunSummary;

mod limited;
mod reasons;

pub use crate::summary::{Limit, LimitedBy, Reason, Verdict, VerdictStatus};

/// Budgets of the generator. A run that exceeds one is suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Schedule lag, 99th percentile, in nanoseconds. A run is invalid above 10 times the budget.
    pub schedule_lag_p99: Nanos,
    /// Time a shard's core is busy with any work, in percent (open model only).
    pub core_busy_percent: u64,
    /// Time a shard is runnable and not on its core, in percent.
    pub cpu_wait_percent: u64,
    /// Time the hypervisor takes from a shard's core (steal), in percent.
    pub steal_percent: u64,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            schedule_lag_p99: 2 * MILLISECOND,
            core_busy_percent: 90,
            cpu_wait_percent: 10,
            steal_percent: 10,
        }
    }
}

impl Verdict {
    /// Evaluates a run.
    #[must_use]
    pub fn new(summary: &RunSummary, budgets: &Budgets, course: RunCompletion<'_>) -> Self {
        let case = VerdictInput {
            summary,
            budgets,
            failure: course.failure,
            interrupted: course.interrupted,
            stopped: course.stopped,
            planned: if course.stopped || course.failure.is_some() {
                0
            } else {
                course.planned
            },
        };
        let reasons = reasons::all(&case);
        let worst = reasons.iter().map(|reason| reason.severity).max();
        Self {
            status: worst.unwrap_or_default(),
            limited_by: limited::limited_by(&case),
            reasons,
        }
    }
}

/// How a run ended, in addition to its numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCompletion<'a> {
    /// Exact number of planned arrivals; 0 if unknown.
    pub planned: u64,
    /// Whether it was stopped before the end of its plan.
    pub stopped: bool,
    /// Reason of the failure, if the run failed.
    pub failure: Option<&'a str>,
    /// Whether the engine ended before the run did.
    pub interrupted: bool,
}

impl<'a> RunCompletion<'a> {
    /// Creates the completion of a run that was interrupted by the end of its engine; `failure` is the message.
    #[must_use]
    pub fn interrupted(failure: &'a str) -> Self {
        Self {
            failure: Some(failure),
            interrupted: true,
            ..Self::default()
        }
    }
}

/// The inputs of a verdict.
struct VerdictInput<'a> {
    summary: &'a RunSummary,
    budgets: &'a Budgets,
    failure: Option<&'a str>,
    interrupted: bool,
    stopped: bool,
    /// Number of planned arrivals; 0 if unknown or irrelevant.
    planned: u64,
}

impl VerdictInput<'_> {
    /// Returns the largest share over all shards, in percent, and its core.
    fn worst_percent(&self, share: fn(&ShardFacts) -> Option<f64>) -> Option<(f64, usize)> {
        let worst = self.summary.generator.worst(share);
        worst.map(|(value, shard)| (value * 100.0, shard.core))
    }

    /// Returns the busiest shard: the share of time it ran or waited for its core, in percent, and its core.
    /// Other work on the core does not limit the generator unless it makes the shard wait.
    fn busiest_shard(&self) -> Option<(f64, usize)> {
        self.worst_percent(|shard| Some(shard.shard_busy? + shard.cpu_wait.unwrap_or(0.0)))
    }

    /// Returns the number of planned arrivals, and how many of them were never sent: dropped, or not yet due
    /// when the shards ended.
    fn unsent(&self) -> (u64, u64) {
        let books = &self.summary.accounting;
        if self.interrupted {
            // Arrivals that were not dropped could still have been sent.
            return (books.offered, books.dropped);
        }
        let planned = books.offered.max(self.planned);
        (planned, planned.saturating_sub(books.issued))
    }

    /// Returns the number of requests that failed for lack of a local port, and for lack of a descriptor.
    fn exhausted(&self) -> (u64, u64) {
        let of = |class: ErrorClass| {
            let errors = &self.summary.accounting.errors;
            errors.get(class.name()).copied().unwrap_or(0)
        };
        (
            of(ErrorClass::ConnectNoLocalPort),
            of(ErrorClass::ConnectNoDescriptor),
        )
    }

    /// Returns the number of requests whose connection the target refused, reset or closed.
    fn broken_connections(&self) -> u64 {
        let errors = &self.summary.accounting.errors;
        let broken = ErrorClass::ALL
            .into_iter()
            .filter(|class| class.breaks_connection());
        broken.filter_map(|class| errors.get(class.name())).sum()
    }

    fn lag_p99(&self) -> Nanos {
        self.summary.schedule_lag.percentile("p99")
    }

    fn lag_text(&self) -> String {
        display_span(self.lag_p99())
    }
}

#[cfg(test)]
mod tests;
