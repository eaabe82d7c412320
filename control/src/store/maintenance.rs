//! Maintenance of a database file from outside an engine: check, backup, restore, compact.
//!
//! Check, backup and compact work while an engine is running. Restore does not; the caller holds the lock of
//! the data directory to exclude an engine.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::StoreError;
use super::connection::{open_first, open_reader, open_writer, refuse_newer};
use super::migration_copy::name;
use super::{room, spill};
use crate::wall_clock::now_ms;

pub use super::spill::waiting as waiting_ends;

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct Orphans {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Returns the problems of a database. Empty if it is intact.
///
/// # Errors
/// Returns an error if the database cannot be read at all.
pub fn check(path: &Path) -> Result<Vec<String>, StoreError> {
    let mut connection = open_existing(path)?;
    let findings: Vec<Finding> = sql_query("PRAGMA integrity_check").load(&mut connection)?;
    let findings = findings.into_iter().map(|row| row.integrity_check);
    let mut wrong: Vec<String> = findings.filter(|found| found != "ok").collect();
    let orphans: Orphans = sql_query("SELECT count(*) AS count FROM pragma_foreign_key_check")
        .get_result(&mut connection)?;
    if orphans.count > 0 {
        wrong.push(format!("{} rows violate a foreign key", orphans.count));
    }
    Ok(wrong)
}

/// Copies a consistent snapshot of a database to a new file that only its owner can read. Ends of runs that
/// wait beside it ([`waiting_ends`]) are copied to a file beside the copy.
///
/// # Errors
/// Returns an error if the copy already exists or cannot be written.
pub fn backup(path: &Path, copy: &Path) -> Result<(), StoreError> {
    copy_database(path, copy)?;
    if waiting_ends(path)? > 0 {
        copy_ends(path, copy)?;
    }
    Ok(())
}

/// Copies the spill file of one database to another. If there is none, removes the spill file of the other.
fn copy_ends(from: &Path, to: &Path) -> Result<(), StoreError> {
    let (from, to) = (spill::path(from), spill::path(to));
    let failed = |error: io::Error| StoreError::open(&to, error);
    if !from.exists() {
        return match fs::remove_file(&to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        };
    }
    fs::copy(&from, &to).map(drop).map_err(failed)
}

fn copy_database(path: &Path, copy: &Path) -> Result<(), StoreError> {
    drop(open_existing(path)?);
    // A read-only connection cannot write the copy either.
    let mut connection = open_writer(path)?;
    // SQLite fills an empty file and keeps its mode.
    let made = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(copy);
    made.map_err(|error| StoreError::open(copy, error))?;
    let name = name(copy)?;
    let copied = sql_query("VACUUM INTO ?")
        .bind::<Text, _>(name)
        .execute(&mut connection);
    if let Err(error) = copied {
        // A partial copy is useless.
        let _ = fs::remove_file(copy);
        return Err(error.into());
    }
    Ok(())
}

/// Replaces a database with a copy and migrates it. Returns the path of the previous database, if there was
/// one. No engine may be using the file.
///
/// # Errors
/// Returns an error if the copy is damaged or from a newer version, or if a file cannot be written. The
/// database is unchanged then.
pub fn restore(path: &Path, copy: &Path) -> Result<Option<PathBuf>, StoreError> {
    let wrong = check(copy)?;
    if let Some(first) = wrong.first() {
        return Err(StoreError::open(copy, format!("it is damaged: {first}")));
    }
    refuse_newer(&mut open_reader(copy)?, copy)?;
    let fresh = path.with_extension("restoring");
    // An interrupted attempt may have left one.
    let _ = fs::remove_file(&fresh);
    copy_database(copy, &fresh)?;
    let before = fs::metadata(path)
        .is_ok_and(|found| found.len() > 0)
        .then(|| path.with_extension(format!("before-restore-{}.db", now_ms())));
    let failed = |error: io::Error| StoreError::open(path, error);
    if let Some(before) = &before {
        // Including the content of its WAL.
        backup(path, before)?;
    }
    for end in ["-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(end);
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    copy_ends(copy, path)?;
    fs::rename(&fresh, path).map_err(failed)?;
    open_first(path)?;
    Ok(before)
}

/// Returns free pages to the file system in steps. Returns the size of the file in bytes before and after.
///
/// # Errors
/// Returns an error if the database fails.
pub fn compact(path: &Path) -> Result<(u64, u64), StoreError> {
    drop(open_existing(path)?);
    let mut connection = open_writer(path)?;
    let length = || fs::metadata(path).map(|found| found.len());
    let failed = |error: io::Error| StoreError::open(path, error);
    let before = length().map_err(failed)?;
    while room::give_back(&mut connection)? {}
    Ok((before, length().map_err(failed)?))
}

/// Opens a database for reading, without creating one.
fn open_existing(path: &Path) -> Result<SqliteConnection, StoreError> {
    fs::metadata(path).map_err(|error| StoreError::open(path, error))?;
    let mut connection = open_reader(path)?;
    connection
        .batch_execute("SELECT count(*) FROM sqlite_schema")
        .map_err(|error| StoreError::open(path, error))?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use diesel_migrations::MigrationHarness;

    use super::*;
    use crate::store::connection::MIGRATIONS;
    use crate::store::run_rows::Ending;
    use crate::store::spill::Spill;
    use crate::store::testing::{TestStore, finished, new_results};
    use crate::store::{RunFilter, RunStatus, Store};

    fn runs(store: &Store) -> usize {
        store.runs(&RunFilter::default()).expect("readable").len()
    }

    #[test]
    fn a_copy_is_whole_private_and_can_be_put_back() {
        let test = TestStore::new();
        test.add_run("a");
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("copy.db");
        // While the engine has the database open.
        backup(&test.path(), &copy).expect("there is room");
        let mode = fs::metadata(&copy)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(check(&copy), Ok(Vec::new()));
        let again = backup(&test.path(), &copy).expect_err("it is there already");
        assert!(again.to_string().contains("copy.db"), "{again}");
        test.add_run("b");

        let target = folder.path().join("db").join("vayu.db");
        fs::create_dir(target.parent().expect("a folder")).expect("writable");
        assert_eq!(restore(&target, &copy), Ok(None));
        let store = Store::open(&target).expect("a database");
        assert_eq!(runs(&store), 1);
        store.close();
        let before = restore(&target, &test.path())
            .expect("two files")
            .expect("there was one");
        let store = Store::open(&target).expect("a database");
        assert_eq!(runs(&store), 2);
        store.close();
        let store = Store::open(&before).expect("the one before");
        assert_eq!(runs(&store), 1);
        store.close();
    }

    #[test]
    fn ends_that_wait_beside_a_database_go_where_it_goes() {
        let test = TestStore::new();
        test.add_run("a");
        let mut spill = Spill::of(&test.path());
        spill.fill();
        spill.keep(&Ending::new(finished("a", 7)));
        let folder = tempfile::tempdir().expect("a folder");
        let (copy, target) = (folder.path().join("copy.db"), folder.path().join("vayu.db"));
        backup(&test.path(), &copy).expect("there is room");
        assert_eq!(waiting_ends(&copy), Ok(1));
        let other = TestStore::new();
        let status = |path: &Path| {
            let store = Store::open(path).expect("a database");
            let run = store.run("a").expect("readable");
            store.close();
            run.map(|run| run.status)
        };
        assert_eq!(restore(&target, &copy), Ok(None));
        assert_eq!(status(&target), Some(RunStatus::Completed));
        // Replacing another database, and back again.
        drop(restore(&target, &copy).expect("two files"));
        let before = restore(&target, &other.path()).expect("two files");
        assert_eq!(status(&target), None);
        drop(restore(&target, &before.expect("there was one")).expect("two files"));
        assert_eq!(status(&target), Some(RunStatus::Completed));
    }

    #[test]
    fn what_is_damaged_or_missing_is_told_and_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, none) = (folder.path().join("vayu.db"), folder.path().join("none.db"));
        assert!(check(&none).is_err() && !none.exists());
        fs::write(
            &path,
            "this is no database, but it is long enough to be taken for one",
        )
        .expect("writable");
        assert!(check(&path).is_err());
        let test = TestStore::new();
        assert!(restore(&test.path(), &path).is_err());
        test.add_run("a");
        assert_eq!(check(&test.path()), Ok(Vec::new()));
    }

    #[test]
    fn compaction_works_beside_an_engine() {
        let test = TestStore::new();
        test.add_run("a");
        let _ = test.store.queue_results("a", new_results(0, 20_000));
        test.store.flush().expect("it is open");
        compact(&test.path()).expect("nothing to give back");
        assert_eq!(test.store.delete_run("a"), Ok(true));
        let (_, after) = compact(&test.path()).expect("it is free");
        assert!(after < 400_000, "{after}");
        test.add_run("b");
        assert_eq!(check(&test.path()), Ok(Vec::new()));
    }

    #[test]
    fn a_database_of_an_older_version_is_copied_before_it_is_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vayu.db");
        let copies = || {
            let names = fs::read_dir(folder.path()).expect("readable").flatten();
            let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
            names
                .filter(|name| name.contains("before-"))
                .collect::<Vec<_>>()
        };
        let mut connection = open_first(&path).expect("a new database");
        assert_eq!(copies(), Vec::<String>::new(), "a new one needs no copy");
        connection
            .revert_last_migration(MIGRATIONS)
            .expect("it has a way back");
        let applied = connection.applied_migrations().expect("readable").len();
        drop(connection);
        open_first(&path).expect("it is brought up to date");
        let copies = copies();
        assert_eq!(copies.len(), 1, "{copies:?}");
        let mut copy = open_reader(&folder.path().join(&copies[0])).expect("a database");
        assert_eq!(copy.applied_migrations().expect("readable").len(), applied);
    }
}
