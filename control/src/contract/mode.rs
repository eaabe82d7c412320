//! The modes of a load run.

use serde::Deserialize;
use utoipa::ToSchema;

/// A kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A rate or a number of virtual users.
    Constant,
    /// A number of requests.
    Iterations,
    /// A number of virtual users that ramps up or down.
    RampUp,
}

impl Mode {
    /// Returns the name of the mode.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Iterations => "iterations",
            Self::RampUp => "ramp_up",
        }
    }
}
