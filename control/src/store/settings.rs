//! Settings as words under keys. What they mean and which are legal is not
//! known here.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::job::Job;
use super::schema::kv_store;
use super::{Store, StoreError};
use crate::wall_clock::now_ms;

/// What is kept under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSetting {
    /// The value.
    pub value: String,
    /// When it was put there, in milliseconds since the Unix epoch.
    pub updated_at: i64,
}

impl Store {
    /// Keeps values under their keys in place of what was there, all of them or
    /// none; they are committed when this returns.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn put_settings(&self, settings: &BTreeMap<String, String>) -> Result<(), StoreError> {
        let updated_at = now_ms();
        let rows = settings.iter().map(|(key, value)| Setting {
            key: key.clone(),
            value: value.clone(),
            updated_at,
        });
        let job = Job::PutSettings(rows.collect());
        self.shared.queue.perform(job).map(drop)
    }

    /// All settings by key.
    ///
    /// # Errors
    /// Only those of the database.
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
pub(super) struct Setting {
    key: String,
    value: String,
    updated_at: i64,
}

pub(super) fn put(connection: &mut SqliteConnection, settings: &[Setting]) -> QueryResult<usize> {
    for setting in settings {
        diesel::replace_into(kv_store::table)
            .values(setting)
            .execute(connection)?;
    }
    Ok(settings.len())
}

/// Where [`touch`] writes; no setting has this key.
const TOUCHED: &str = "touched";

/// Writes a row that means nothing.
pub(super) fn touch(connection: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::replace_into(kv_store::table)
        .values(Setting {
            key: TOUCHED.to_owned(),
            value: String::new(),
            updated_at: now_ms(),
        })
        .execute(connection)
}
