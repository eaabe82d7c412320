//! Disk space: space used by deleted runs is returned to the file system, and a reserve file is released if a
//! full disk would otherwise prevent a deletion or the end of a run from being stored.
//!
//! The writer decides when either is done.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use rustix::fs::{FallocateFlags, fallocate};

use super::error::StoreError;

/// Size of the reserve in bytes: more than the WAL needs to delete a run with millions of rows, or to end a
/// run.
const RESERVE_BYTES: u64 = 16 * 1024 * 1024;

/// Number of 4 KiB pages returned per step, which takes a few milliseconds.
const PAGES: u32 = 256;

/// The reserve file.
pub(super) struct Reserve(PathBuf);

impl Reserve {
    /// Returns the reserve file beside a database file.
    pub(super) fn of(database: &Path) -> Self {
        Self(database.with_extension("reserve"))
    }

    /// Creates the file if it does not exist. Without space for it there is no reserve.
    pub(super) fn fill(&self) {
        if self.0.exists() {
            return;
        }
        if let Err(error) = self.make() {
            tracing::warn!(file = %self.0.display(), %error, "the reserve file cannot be created");
            // A partial reserve would only take space from others.
            let _ = fs::remove_file(&self.0);
        }
    }

    fn make(&self) -> io::Result<()> {
        let file: File = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&self.0)?;
        // Allocates the blocks, instead of only setting the length.
        fallocate(&file, FallocateFlags::empty(), 0, RESERVE_BYTES)?;
        Ok(())
    }

    /// Deletes the file. Returns whether it existed.
    pub(super) fn release(&self) -> bool {
        let released = fs::remove_file(&self.0).is_ok();
        if released {
            tracing::warn!(file = %self.0.display(), "the disk is full: the reserve is used");
        }
        released
    }
}

/// Returns whether a transaction failed because the disk is full.
pub(super) fn is_full(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(words) if words.contains("is full"))
}

#[derive(QueryableByName)]
struct Free {
    #[diesel(sql_type = BigInt)]
    freelist_count: i64,
}

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = BigInt)]
    auto_vacuum: i64,
}

/// Enables incremental vacuum, so that free pages can be returned in steps. Rewrites a database that was
/// created without it.
pub(super) fn prepare(connection: &mut SqliteConnection) -> QueryResult<()> {
    const INCREMENTAL: i64 = 2;
    let mode: Mode = sql_query("PRAGMA auto_vacuum").get_result(connection)?;
    if mode.auto_vacuum == INCREMENTAL {
        return Ok(());
    }
    connection.batch_execute("PRAGMA auto_vacuum = INCREMENTAL")?;
    connection.batch_execute("VACUUM")
}

/// Returns some free pages to the file system. Returns whether there are more.
pub(super) fn give_back(connection: &mut SqliteConnection) -> QueryResult<bool> {
    let free = |connection: &mut SqliteConnection| {
        let found: QueryResult<Free> = sql_query("PRAGMA freelist_count").get_result(connection);
        found.map(|found| found.freelist_count)
    };
    if free(connection)? == 0 {
        return Ok(false);
    }
    connection.batch_execute(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    // The file shrinks only when the WAL is checkpointed; a reader may delay that.
    connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(free(connection)? > 0)
}
