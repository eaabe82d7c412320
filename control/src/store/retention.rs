//! Deletion of old data: selects runs to delete, deletes their details in small batches, and reports the
//! database size.
//!
//! `run::retention` decides when to delete.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::{sql_query, sqlite::Sqlite};

use super::run_deletion::ACTIVE;
use super::schema::runs;
use super::states::RunType;
use super::{Store, StoreError};

/// Which runs may be deleted. Active and pinned runs never are.
#[derive(Clone, Copy, Debug)]
pub enum Candidates {
    /// Runs of a type beyond the given number of newest ones.
    Beyond(RunType, u64),
    /// Runs started before a time, in milliseconds since the Unix epoch.
    Before(i64),
    /// Runs started before a time, in milliseconds since the Unix epoch, that still have their details.
    DetailedBefore(i64),
}

/// Disk usage of the database, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Size of the file, without the WAL.
    pub file: u64,
    /// The part of the file that is in use.
    pub used: u64,
}

#[derive(QueryableByName)]
struct Pages {
    #[diesel(sql_type = BigInt)]
    pages: i64,
    #[diesel(sql_type = BigInt)]
    free: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// The tables that hold the details of a run.
const DETAILS: [&str; 3] = ["results", "metrics", "run_intervals"];

impl Store {
    /// Returns at most `most` runs that may be deleted, earliest start first.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn candidates(&self, which: Candidates, most: u32) -> Result<Vec<String>, StoreError> {
        self.shared.readers.read(|connection| {
            let free = free_runs(which).select(runs::id);
            match which {
                // The newest runs are skipped, so the order is reversed.
                Candidates::Beyond(_, keep) => free
                    .order((runs::start_time.desc(), runs::id.desc()))
                    .limit(i64::from(most))
                    .offset(i64::try_from(keep).unwrap_or(i64::MAX))
                    .load(connection),
                _ => free
                    .order((runs::start_time, runs::id))
                    .limit(i64::from(most))
                    .load(connection),
            }
        })
    }

    /// Deletes at most `most` rows of a run's details in one transaction. Returns how many were deleted. If
    /// none are left, marks the run as having no details. A pinned run is not changed.
    ///
    /// # Errors
    /// Returns an error if the database fails. Nothing is deleted then.
    pub fn delete_details(&self, id: &str, most: u32, now: i64) -> Result<usize, StoreError> {
        let id = id.to_owned();
        self.deletion(move |connection| {
            // It may have been pinned since it was selected.
            let is_free = runs::table.find(&id).filter(runs::pinned.eq(false));
            let is_free: bool = diesel::select(exists(is_free)).get_result(connection)?;
            if !is_free {
                return Ok(0);
            }
            for table in DETAILS {
                let rows = format!(
                    "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE run_id = ? LIMIT ?)"
                );
                let gone = sql_query(rows)
                    .bind::<Text, _>(&id)
                    .bind::<BigInt, _>(i64::from(most))
                    .execute(connection)?;
                if gone > 0 {
                    return Ok(gone);
                }
            }
            diesel::update(runs::table.find(&id))
                .set(runs::details_deleted_at.eq(now))
                .execute(connection)?;
            Ok(0)
        })
    }

    /// Deletes a run that has ended and is not pinned, with everything that is left of it. Returns whether it
    /// was deleted.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn prune_run(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.deletion(move |connection| {
            let free = runs::table
                .filter(runs::id.eq(&id))
                .filter(runs::pinned.eq(false))
                .filter(runs::status.ne_all(ACTIVE));
            Ok(diesel::delete(free).execute(connection)? > 0)
        })
    }

    /// Pins or unpins a run. A pinned run is not deleted because of age, number or size. Returns whether the
    /// run exists.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn pin_run(&self, id: &str, pinned: bool) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.change(move |connection| {
            let changed = diesel::update(runs::table.find(&id))
                .set(runs::pinned.eq(pinned))
                .execute(connection)?;
            Ok(changed > 0)
        })
    }

    /// Returns the size of the database.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn size(&self) -> Result<Size, StoreError> {
        const PAGES: &str = "SELECT p.page_count AS pages, f.freelist_count AS free, s.page_size AS bytes \
            FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s";
        let found: Pages = self
            .shared
            .readers
            .read(|connection| sql_query(PAGES).get_result(connection))?;
        let bytes = |pages: i64| u64::try_from(pages * found.bytes).unwrap_or(0);
        Ok(Size {
            file: bytes(found.pages),
            used: bytes(found.pages - found.free),
        })
    }
}

fn free_runs(which: Candidates) -> runs::BoxedQuery<'static, Sqlite> {
    let free = runs::table
        .into_boxed()
        .filter(runs::pinned.eq(false))
        .filter(runs::status.ne_all(ACTIVE));
    match which {
        Candidates::Beyond(kind, _) => free.filter(runs::kind.eq(kind)),
        Candidates::Before(instant) => free.filter(runs::start_time.lt(instant)),
        Candidates::DetailedBefore(instant) => free
            .filter(runs::start_time.lt(instant))
            .filter(runs::details_deleted_at.is_null()),
    }
}
