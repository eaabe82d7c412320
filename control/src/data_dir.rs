//! The data directory: paths of the database and the logs, and the lock that keeps a second engine out.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rustix::fs::{FlockOperation, flock};

/// Stored data contains secrets, so only the owner has access, independent of the umask.
const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// A data directory, locked by this process until the value is dropped.
pub struct DataDir {
    root: PathBuf,
    lock: File,
}

impl DataDir {
    /// Creates the directory if it does not exist, and locks it.
    ///
    /// # Errors
    /// Returns an error if the directory cannot be created, or if another engine holds the lock; the message
    /// contains that engine's process id.
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        for directory in [root.to_owned(), root.join("db"), root.join("logs")] {
            DirBuilder::new()
                .recursive(true)
                .mode(DIRECTORY_MODE)
                .create(&directory)
                .with_context(|| format!("cannot create {}", directory.display()))?;
        }
        let path = root.join("vayu.lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(FILE_MODE)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            lock.read_to_string(&mut holder).unwrap_or_default();
            let holder = holder.trim();
            bail!(
                "the data directory {} is in use by another engine (process {holder}); stop it, or select another directory with --data-dir",
                root.display()
            );
        }
        write_pid(&mut lock).with_context(|| format!("cannot write {}", path.display()))?;
        let data_dir = Self {
            root: root.to_owned(),
            lock,
        };
        // SQLite creates its `-wal` and `-shm` files with the mode of the database file.
        create_file(&data_dir.database())?;
        create_file(&data_dir.log_file())?;
        Ok(data_dir)
    }

    /// Returns a warning for each path in the directory that group or others may access.
    #[must_use]
    pub fn permission_warnings(&self) -> Vec<String> {
        let beside = |end: &str| PathBuf::from(format!("{}{end}", self.database().display()));
        let files = [
            self.database(),
            beside("-wal"),
            beside("-shm"),
            self.log_file(),
        ];
        let parents = [self.root.join("db"), self.root.join("logs")];
        let places = [self.root.as_path()].into_iter();
        let places = places.chain(parents.iter().map(PathBuf::as_path));
        let places = places.chain(files.iter().map(PathBuf::as_path));
        let others = |path: &Path| fs::metadata(path).map(|meta| meta.permissions().mode() & 0o077);
        let loose = places.filter(|path| others(path).is_ok_and(|bits| bits != 0));
        loose
            .map(|path| {
                format!(
                    "{} is accessible to other users and contains secrets: chmod go= '{}'",
                    path.display(),
                    path.display()
                )
            })
            .collect()
    }

    /// Returns the path of the database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        Self::database_of(&self.root)
    }

    /// Returns the path of the database file of a data directory, without locking the directory.
    #[must_use]
    pub fn database_of(root: &Path) -> PathBuf {
        root.join("db").join("vayu.db")
    }

    /// Returns the path of the lock file.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.root.join("vayu.lock")
    }

    /// Returns the path of the log file.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.root.join("logs").join("engine.log")
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // An empty lock file means that no engine runs. Closing the descriptor releases the lock itself.
        let _ = self.lock.set_len(0);
        let _ = fs::remove_file(self.root.join("vayu.lock"));
    }
}

/// Creates an empty file if it does not exist.
fn create_file(path: &Path) -> anyhow::Result<()> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(FILE_MODE)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    Ok(())
}

fn write_pid(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_makes_is_for_the_owner_and_what_is_not_is_told() {
        let above = tempfile::tempdir().expect("a temporary directory");
        let root = above.path().join("data");
        let data_dir = DataDir::open(&root).expect("free");
        assert_eq!(data_dir.permission_warnings(), Vec::<String>::new());
        let log = data_dir.log_file();
        fs::set_permissions(&log, PermissionsExt::from_mode(0o640)).expect("the owner may");
        let told = data_dir.permission_warnings();
        assert!(
            told.len() == 1 && told[0].ends_with(&format!("chmod go= '{}'", log.display())),
            "{told:?}"
        );
    }

    #[test]
    fn a_second_owner_is_refused_and_told_who_holds_it() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let first = DataDir::open(root.path()).expect("free");
        let error = DataDir::open(root.path()).err().expect("taken").to_string();
        assert!(
            error.contains(&format!("process {}", std::process::id())),
            "{error}"
        );
        drop(first);
        DataDir::open(root.path()).expect("free again");
    }
}
