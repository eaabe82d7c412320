//! The kinds and states of runs, as the database and the wire name them.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow, Serialize, ToSchema)]
#[diesel(sql_type = Text)]
#[serde(rename_all = "snake_case")]
pub enum RunType {
    /// A single request.
    Design,
    /// A load test.
    Load,
}

/// How far a run has come.
#[derive(
    Clone, Copy, Debug, Deserialize, PartialEq, Eq, AsExpression, FromSqlRow, Serialize, ToSchema,
)]
#[diesel(sql_type = Text)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Made, not begun.
    Pending,
    /// Under way.
    Running,
    /// Ended as planned.
    Completed,
    /// Ended by the user.
    Stopped,
    /// Ended by a failure; the run says which.
    Failed,
}

impl RunType {
    /// Both types.
    pub const ALL: [Self; 2] = [Self::Design, Self::Load];

    /// The name on the wire and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::Load => "load",
        }
    }
}

impl RunStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::Completed,
        Self::Stopped,
        Self::Failed,
    ];

    /// The name on the wire and in the database.
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
            /// The one of this name, `None` for any other word.
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
