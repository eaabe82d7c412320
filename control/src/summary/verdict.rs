//! The verdict of a run, as it is stored and reported. `crate::verdict` decides it.

use serde::{Deserialize, Serialize};

/// Whether the numbers of a run can be trusted, and what limited it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The worst severity of the reasons.
    pub status: VerdictStatus,
    /// Findings. Includes notes, which do not change the status.
    pub reasons: Vec<Reason>,
    /// What limited the run.
    pub limited_by: LimitedBy,
}

/// Whether the numbers can be used.
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
    /// The numbers can be used.
    #[default]
    Valid,
    /// The numbers need care: the reasons say what to check.
    Suspect,
    /// The numbers must not be used.
    Invalid,
}

impl VerdictStatus {
    /// Returns the name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspect => "suspect",
            Self::Invalid => "invalid",
        }
    }
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    /// Machine-readable code.
    pub code: String,
    /// Status that the finding causes; `valid` for a note.
    pub severity: VerdictStatus,
    /// Human-readable message.
    pub message: String,
    /// Measured value.
    pub value: f64,
    /// Budget of the value.
    pub budget: f64,
}

/// The limiting factor of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The plan was carried out in time.
    #[default]
    Plan,
    /// The run waited for the target or the network.
    Target,
    /// The generator had no capacity left.
    Generator,
    /// The run was stopped before the end of its plan.
    Stop,
}

impl Limit {
    /// Returns the name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Target => "target",
            Self::Generator => "generator",
            Self::Stop => "stop",
        }
    }
}

/// The limiting factor, with evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LimitedBy {
    /// Limiting factor.
    pub by: Limit,
    /// Human-readable evidence.
    pub evidence: String,
}
