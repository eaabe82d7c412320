//! Room on the disk: what deleted runs took is given back to the file system, and a file in reserve is given up
//! where a full disk would keep a deletion or the end of a run from being stored.
//!
//! When which of these is done is the writer's matter.

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

/// Bytes in reserve: more than the log takes to delete a run of millions of rows, or to end one.
const RESERVE_BYTES: u64 = 16 * 1024 * 1024;

/// Pages that are given back in one step, of 4 KiB each: a few milliseconds.
const PAGES: u32 = 256;

/// The file in reserve.
pub(super) struct Reserve(PathBuf);

impl Reserve {
    /// That of a database file, beside it.
    pub(super) fn of(database: &Path) -> Self {
        Self(database.with_extension("reserve"))
    }

    /// Makes it, unless it is there. Where there is no room for it, there is none.
    pub(super) fn fill(&self) {
        if self.0.exists() {
            return;
        }
        if let Err(error) = self.make() {
            tracing::warn!(file = %self.0.display(), %error, "there is no room for the reserve");
            // Half of one would only take room from others.
            let _ = fs::remove_file(&self.0);
        }
    }

    fn make(&self) -> io::Result<()> {
        let file: File = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&self.0)?;
        // Allocated for certain, not only counted.
        fallocate(&file, FallocateFlags::empty(), 0, RESERVE_BYTES)?;
        Ok(())
    }

    /// Gives it up; whether there was one.
    pub(super) fn release(&self) -> bool {
        let released = fs::remove_file(&self.0).is_ok();
        if released {
            tracing::warn!(file = %self.0.display(), "the disk is full: the reserve is used");
        }
        released
    }
}

/// Whether a transaction failed for lack of room.
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

/// Makes a database one that can give back free pages bit by bit, which those made before could not. Writes all of it
/// anew then.
pub(super) fn prepare(connection: &mut SqliteConnection) -> QueryResult<()> {
    const INCREMENTAL: i64 = 2;
    let mode: Mode = sql_query("PRAGMA auto_vacuum").get_result(connection)?;
    if mode.auto_vacuum == INCREMENTAL {
        return Ok(());
    }
    connection.batch_execute("PRAGMA auto_vacuum = INCREMENTAL")?;
    connection.batch_execute("VACUUM")
}

/// Gives some free pages back to the file system; whether there are more.
pub(super) fn give_back(connection: &mut SqliteConnection) -> QueryResult<bool> {
    let free = |connection: &mut SqliteConnection| {
        let found: QueryResult<Free> = sql_query("PRAGMA freelist_count").get_result(connection);
        found.map(|found| found.freelist_count)
    };
    if free(connection)? == 0 {
        return Ok(false);
    }
    connection.batch_execute(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    // The file is as long as before until the log is folded in; a reader may put that off.
    connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(free(connection)? > 0)
}
