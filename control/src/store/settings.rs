//! Settings as words under keys. What they mean and which are legal is not
//! known here.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::job::Job;
use super::schema::kv_store;
use super::{Store, StoreError};
use crate::wall_clock::now_ms;

impl Store {
    /// Keeps `value` under `key` in place of what was there; it is committed
    /// when this returns.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn put_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let job = Job::PutSetting(Setting {
            key: key.to_owned(),
            value: value.to_owned(),
            updated_at: now_ms(),
        });
        self.shared.queue.perform(job).map(drop)
    }

    /// All settings by key.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn settings(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let query = kv_store::table.select((kv_store::key, kv_store::value));
        let rows = self
            .shared
            .readers
            .read(|connection| query.load::<(String, String)>(connection))?;
        Ok(rows.into_iter().collect())
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

pub(super) fn put(connection: &mut SqliteConnection, setting: &Setting) -> QueryResult<usize> {
    diesel::replace_into(kv_store::table)
        .values(setting)
        .execute(connection)
}
