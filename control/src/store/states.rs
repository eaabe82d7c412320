//! Types and statuses of runs, with their names in the database and in the API.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Type of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow, Serialize, ToSchema)]
#[diesel(sql_type = Text)]
#[serde(rename_all = "snake_case")]
pub enum RunType {
    /// A single request.
    Design,
    /// A load test.
    Load,
}

/// Status of a run.
#[derive(
    Clone, Copy, Debug, Deserialize, PartialEq, Eq, AsExpression, FromSqlRow, Serialize, ToSchema,
)]
#[diesel(sql_type = Text)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Created, not started.
    Pending,
    /// In progress.
    Running,
    /// Ended as planned.
    Completed,
    /// Stopped by the user.
    Stopped,
    /// Failed. The run has the reason.
    Failed,
}

impl RunType {
    /// All types.
    pub const ALL: [Self; 2] = [Self::Design, Self::Load];

    /// Returns the name in the API and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::Load => "load",
        }
    }
}

impl RunStatus {
    /// All statuses.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::Completed,
        Self::Stopped,
        Self::Failed,
    ];

    /// Returns the name in the API and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

macro_rules! stored_by_name {
    ($state:ty) => {
        impl $state {
            /// Returns the value with this name, or `None` if there is none.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|state| state.name() == name)
            }
        }

        impl ToSql<Text, Sqlite> for $state {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.name());
                Ok(IsNull::No)
            }
        }

        impl FromSql<Text, Sqlite> for $state {
            fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                let name = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
                Self::from_name(&name).ok_or_else(|| format!("unknown word \"{name}\"").into())
            }
        }
    };
}

stored_by_name!(RunType);
stored_by_name!(RunStatus);
