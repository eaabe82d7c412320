//! The copy of a database that is made before a migration changes it, and the name of a file as SQLite needs it.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::error::StoreError;

/// Copies an existing database before migrations change it. Earlier copies are kept.
///
/// # Errors
/// Returns an error if there is no space for the copy.
pub(super) fn copy_before_migration(
    connection: &mut SqliteConnection,
    path: &Path,
    version: &str,
) -> Result<(), StoreError> {
    let copy = path.with_extension(format!("before-{version}.db"));
    let made = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&copy);
    match made {
        // It is from an earlier attempt at the same migration, before anything was changed.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(StoreError::open(&copy, error)),
        Ok(_) => {}
    }
    let name = name(&copy)?;
    if let Err(error) = sql_query("VACUUM INTO ?")
        .bind::<Text, _>(name)
        .execute(connection)
    {
        let _ = fs::remove_file(&copy);
        let reason = format!(
            "it cannot be copied before the migration ({error}); free disk space in its directory"
        );
        return Err(StoreError::open(path, reason));
    }
    tracing::info!(copy = %copy.display(), "the database was copied before it is brought up to date");
    Ok(())
}

/// Returns the absolute path as text, as SQLite needs it.
pub(super) fn name(path: &Path) -> Result<String, StoreError> {
    let absolute = std::path::absolute(path).map_err(|error| StoreError::open(path, error))?;
    let name = absolute.to_str().map(str::to_owned);
    name.ok_or_else(|| StoreError::open(path, "its path is not UTF-8"))
}
