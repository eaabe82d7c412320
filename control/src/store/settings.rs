//! Settings as text values by key. This module neither interprets nor validates them.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::schema::kv_store;
use super::{Store, StoreError};
use crate::wall_clock::now_ms;

/// A stored setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSetting {
    /// Value.
    pub value: String,
    /// Time of the last change, in milliseconds since the Unix epoch.
    pub updated_at: i64,
}

impl Store {
    /// Returns all settings by key.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn settings(&self) -> Result<BTreeMap<String, StoredSetting>, StoreError> {
        let rows: Vec<(String, String, i64)> = self
            .shared
            .readers
            .read(|connection| kv_store::table.load(connection))?;
        let named = |(key, value, updated_at)| (key, StoredSetting { value, updated_at });
        Ok(rows.into_iter().map(named).collect())
    }
}

/// A row of the table.
#[derive(Insertable)]
#[diesel(table_name = kv_store)]
pub(super) struct SettingRow {
    key: String,
    value: String,
    updated_at: i64,
}

impl SettingRow {
    pub(super) fn new(key: &str, value: &str, updated_at: i64) -> Self {
        Self {
            key: key.to_owned(),
            value: value.to_owned(),
            updated_at,
        }
    }
}

pub(super) fn put(
    connection: &mut SqliteConnection,
    settings: &[SettingRow],
) -> QueryResult<usize> {
    for setting in settings {
        diesel::replace_into(kv_store::table)
            .values(setting)
            .execute(connection)?;
    }
    Ok(settings.len())
}

/// Key written by [`touch`]. No setting has it.
const TOUCHED: &str = "touched";

/// Writes a dummy row.
pub(super) fn touch(connection: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::replace_into(kv_store::table)
        .values(SettingRow {
            key: TOUCHED.to_owned(),
            value: String::new(),
            updated_at: now_ms(),
        })
        .execute(connection)
}
