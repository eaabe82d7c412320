//! Environments, and the global variables that they take precedence over.
//!
//! This module does not interpret variables and does not select an environment.

use crate::contract::{EnvironmentEdit, GlobalsEdit, StoredVariables};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::field_error::FieldError;

use super::changes::ChangeError;
use super::schema::{cookie_jars, environments, globals};
use super::{Store, StoreError, json_text};
use crate::wall_clock::now_ms;

/// Id of the only row of globals.
pub(super) const GLOBALS: &str = "globals";

/// A stored environment. Its JSON form is the API representation.
#[derive(
    Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = environments)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Variables, as JSON text.
    #[serde(serialize_with = "json_text::serialize")]
    #[schema(value_type = StoredVariables)]
    pub variables: String,
    /// Whether a client has selected it.
    pub is_active: bool,
    /// Creation time, in milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Time of the last change, in milliseconds since the Unix epoch.
    pub updated_at: i64,
}

/// The global variables. Their JSON form is the API representation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = globals)]
#[serde(rename_all = "camelCase")]
pub struct Globals {
    /// Always `globals`.
    pub id: String,
    /// Variables, as JSON text.
    #[serde(serialize_with = "json_text::serialize")]
    #[schema(value_type = StoredVariables)]
    pub variables: String,
    /// Time of the last change, in milliseconds since the Unix epoch. 0 if never saved.
    pub updated_at: i64,
}

impl Store {
    /// Creates an environment, or updates the one with this id.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] if a new environment has no name.
    pub fn save_environment(&self, edit: EnvironmentEdit) -> Result<Environment, StoreError> {
        self.change(move |connection| save(connection, &edit))
    }

    /// Deletes an environment and its cookies. Returns whether it existed.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn delete_environment(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.change(move |connection| {
            let found = diesel::delete(environments::table.find(&id)).execute(connection)?;
            if found > 0 {
                diesel::delete(cookie_jars::table.find(&id)).execute(connection)?;
            }
            Ok(found > 0)
        })
    }

    /// Returns the environment with this id.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn environment(&self, id: &str) -> Result<Option<Environment>, StoreError> {
        self.shared.readers.read(|connection| find(connection, id))
    }

    /// Returns all environments, ordered by creation time and id.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn environments(&self) -> Result<Vec<Environment>, StoreError> {
        let all = environments::table
            .order((environments::created_at, environments::id))
            .select(Environment::as_select());
        self.shared.readers.read(|connection| all.load(connection))
    }

    /// Replaces the global variables.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn save_globals(&self, edit: GlobalsEdit) -> Result<Globals, StoreError> {
        self.change(move |connection| {
            let row = Globals::new(edit.variables.clone(), now_ms());
            diesel::replace_into(globals::table)
                .values(&row)
                .execute(connection)?;
            Ok(row)
        })
    }

    /// Returns the global variables, which are empty until they are saved.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn globals(&self) -> Result<Globals, StoreError> {
        let row = globals::table.select(Globals::as_select());
        let stored = self
            .shared
            .readers
            .read(|connection| row.first(connection).optional())?;
        Ok(stored.unwrap_or_else(|| Globals::new("{}".to_owned(), 0)))
    }
}

impl Globals {
    fn new(variables: String, updated_at: i64) -> Self {
        Self {
            id: GLOBALS.to_owned(),
            variables,
            updated_at,
        }
    }
}

fn find(connection: &mut SqliteConnection, id: &str) -> QueryResult<Option<Environment>> {
    let found = environments::table
        .find(id)
        .select(Environment::as_select());
    found.first(connection).optional()
}

fn save(
    connection: &mut SqliteConnection,
    edit: &EnvironmentEdit,
) -> Result<Environment, ChangeError> {
    let row = merged(find(connection, &edit.id)?, edit.clone())?;
    diesel::insert_into(environments::table)
        .values(&row)
        .on_conflict(environments::id)
        .do_update()
        .set(&row)
        .execute(connection)?;
    Ok(row)
}

fn merged(stored: Option<Environment>, edit: EnvironmentEdit) -> Result<Environment, FieldError> {
    let now = now_ms();
    let mut row = match stored {
        Some(stored) => stored,
        None => Environment {
            name: edit.name.clone().ok_or_else(|| no_name(&edit.id))?,
            id: edit.id,
            variables: "{}".to_owned(),
            is_active: false,
            created_at: now,
            updated_at: now,
        },
    };
    row.name = edit.name.unwrap_or(row.name);
    row.variables = edit.variables.unwrap_or(row.variables);
    row.is_active = edit.is_active.unwrap_or(row.is_active);
    row.updated_at = now;
    Ok(row)
}

fn no_name(id: &str) -> FieldError {
    let problem =
        format!("is missing; there is no environment \"{id}\" yet, and a new one needs it");
    FieldError::new("name", problem)
}
