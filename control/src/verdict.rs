//! Whether the numbers of a run can be trusted, why not, and what limited it.
//!
//! A pure function of what was measured and of budgets that the user can set.
//! It judges the measurement, never the target: a target that fails every
//! request makes a valid run.

use serde::{Deserialize, Serialize};
use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::{MILLISECOND, Nanos, display_span};

use crate::generator::ShardFacts;
use crate::summary::RunSummary;

mod limited;
mod reasons;

pub use limited::{Limit, LimitedBy};

/// How far the generator may be from ideal before a run is called suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Schedule lag, 99th percentile. Ten times as much makes a run invalid.
    pub schedule_lag_p99: Nanos,
    /// A shard's core busy with whatever, in percent (open model only).
    pub core_busy_percent: u64,
    /// A shard ready to run and not let on its core, in percent.
    pub cpu_wait_percent: u64,
    /// Time of a shard's core taken by the hypervisor, in percent.
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

/// The judgement on a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The worst of the reasons.
    pub status: VerdictStatus,
    /// What was found; notes are here too, and change nothing.
    pub reasons: Vec<Reason>,
    /// What kept the run from more.
    pub limited_by: LimitedBy,
}

/// Whether numbers can be used as they are.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum VerdictStatus {
    /// They can.
    #[default]
    Valid,
    /// With care: the reasons say what to look at.
    Suspect,
    /// They cannot.
    Invalid,
}

impl VerdictStatus {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspect => "suspect",
            Self::Invalid => "invalid",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    /// What it is about, for programs.
    pub code: String,
    /// The status it causes; a note causes `valid`.
    pub severity: VerdictStatus,
    /// A sentence for people.
    pub message: String,
    /// What was measured.
    pub value: f64,
    /// What would have been in order.
    pub budget: f64,
}

impl Verdict {
    /// Judges a run.
    #[must_use]
    pub fn new(summary: &RunSummary, budgets: &Budgets, course: Course<'_>) -> Self {
        let case = Case {
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

/// How a run went, beside its numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course<'a> {
    /// Arrivals the plan held exactly; 0 when that is not known.
    pub planned: u64,
    /// Whether it was ended before its plan was.
    pub stopped: bool,
    /// Why it failed, if it did.
    pub failure: Option<&'a str>,
    /// Whether the engine was gone before the run's end.
    pub interrupted: bool,
}

impl<'a> Course<'a> {
    /// Of a run that ended with its engine; `failure` says so.
    #[must_use]
    pub fn interrupted(failure: &'a str) -> Self {
        Self {
            failure: Some(failure),
            interrupted: true,
            ..Self::default()
        }
    }
}

/// What is judged.
struct Case<'a> {
    summary: &'a RunSummary,
    budgets: &'a Budgets,
    failure: Option<&'a str>,
    interrupted: bool,
    stopped: bool,
    /// Arrivals the plan holds; 0 when that is not known or does not matter.
    planned: u64,
}

impl Case<'_> {
    /// The largest share over all shards, in percent, and the core it was on.
    fn worst_percent(&self, share: fn(&ShardFacts) -> Option<f64>) -> Option<(f64, usize)> {
        let worst = self.summary.generator.worst(share);
        worst.map(|(value, shard)| (value * 100.0, shard.core))
    }

    /// The shard that had least time left, as the share it was on its core or
    /// waiting for it, in percent, and its core. What others do on the core is
    /// no limit of the generator unless it keeps the shard waiting.
    fn busiest_shard(&self) -> Option<(f64, usize)> {
        self.worst_percent(|shard| Some(shard.shard_busy? + shard.cpu_wait.unwrap_or(0.0)))
    }

    /// Arrivals of the plan, and how many of them were never sent: dropped, or
    /// not even due when the shards ended.
    fn unsent(&self) -> (u64, u64) {
        let books = &self.summary.accounting;
        if self.interrupted {
            // Others were about to be sent.
            return (books.offered, books.dropped);
        }
        let planned = books.offered.max(self.planned);
        (planned, planned.saturating_sub(books.issued))
    }

    /// Requests that failed for lack of a local port, and of a descriptor.
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

    /// Requests whose connection the target refused, reset or closed.
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
