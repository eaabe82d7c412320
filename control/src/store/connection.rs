//! Connections to the database file: opening and migrating.
//!
//! Every connection waits for locks, checks foreign keys and writes with `synchronous=NORMAL`: a commit
//! survives a crash of the process. A power failure may undo the latest commits but never damages the file.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::error::StoreError;
use super::migration_copy::copy_before_migration;
use super::room;

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

// One pragma per statement, in this order: the lock timeout has to apply to the others.
const PRIMARY_PRAGMAS: [&str; 4] = [
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
];
const WRITER_PRAGMAS: [&str; 3] = [PRIMARY_PRAGMAS[0], PRIMARY_PRAGMAS[2], PRIMARY_PRAGMAS[3]];
const READER_PRAGMAS: [&str; 2] = [PRIMARY_PRAGMAS[0], "PRAGMA query_only = ON"];

/// Opens or creates the file and runs pending migrations.
pub(super) fn open_first(path: &Path) -> Result<SqliteConnection, StoreError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::open(path, error))?;
    }
    let mut connection = connect(path, &PRIMARY_PRAGMAS)?;
    refuse_newer(&mut connection, path)?;
    if let Err(error) = room::prepare(&mut connection) {
        tracing::warn!(database = %path.display(), %error, "incremental vacuum cannot be enabled; deleted runs will not free disk space");
    }
    let failed = |error: &dyn std::fmt::Display| StoreError::open(path, error.to_string());
    let applied = connection
        .applied_migrations()
        .map_err(|error| failed(&error))?;
    let pending = connection
        .pending_migrations(MIGRATIONS)
        .map_err(|error| failed(&error))?;
    if let (Some(next), false) = (pending.first(), applied.is_empty()) {
        let version = next.name().version().to_string();
        copy_before_migration(&mut connection, path, &version)?;
    }
    connection
        .run_pending_migrations(MIGRATIONS)
        .map_err(|error| failed(&error))?;
    Ok(connection)
}

/// Opens another connection for writing.
pub(super) fn open_writer(path: &Path) -> Result<SqliteConnection, StoreError> {
    connect(path, &WRITER_PRAGMAS)
}

/// Opens a read-only connection.
pub(super) fn open_reader(path: &Path) -> Result<SqliteConnection, StoreError> {
    connect(path, &READER_PRAGMAS)
}

fn connect(path: &Path, pragmas: &[&str]) -> Result<SqliteConnection, StoreError> {
    // An absolute path cannot be mistaken for an SQLite URI.
    let absolute = std::path::absolute(path).map_err(|error| StoreError::open(path, error))?;
    let name = absolute
        .to_str()
        .ok_or_else(|| StoreError::open(path, "its path is not UTF-8"))?;
    let mut connection =
        SqliteConnection::establish(name).map_err(|error| StoreError::open(path, error))?;
    for pragma in pragmas {
        connection
            .batch_execute(pragma)
            .map_err(|error| StoreError::open(path, error))?;
    }
    Ok(connection)
}

pub(super) fn refuse_newer(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), StoreError> {
    let known: Vec<Box<dyn Migration<Sqlite>>> = MIGRATIONS
        .migrations()
        .map_err(|error| StoreError::open(path, error))?;
    let applied = connection
        .applied_migrations()
        .map_err(|error| StoreError::open(path, error))?;
    let unknown = applied
        .iter()
        .find(|version| !known.iter().any(|one| one.name().version() == **version));
    match unknown {
        Some(version) => Err(StoreError::Newer {
            path: path.to_owned(),
            migration: version.to_string(),
        }),
        None => Ok(()),
    }
}
