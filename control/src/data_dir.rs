//! The data directory: where the database and the logs are, and the lock that
//! keeps a second engine out of it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rustix::fs::{FlockOperation, flock};

/// A data directory that this process owns until it drops the value.
pub struct DataDir {
    root: PathBuf,
    lock: File,
}

impl DataDir {
    /// Creates the directory if need be and locks it.
    ///
    /// # Errors
    /// When it cannot be created, or when another engine has it; that one's
    /// process is named.
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        for directory in [root.to_owned(), root.join("db"), root.join("logs")] {
            fs::create_dir_all(&directory)
                .with_context(|| format!("cannot create {}", directory.display()))?;
        }
        let path = root.join("vayu.lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            lock.read_to_string(&mut holder).unwrap_or_default();
            let holder = holder.trim();
            bail!(
                "another engine (process {holder}) uses the data directory {}; stop it, or name another with --data-dir",
                root.display()
            );
        }
        write_pid(&mut lock).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            root: root.to_owned(),
            lock,
        })
    }

    /// The database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.root.join("db").join("vayu.db")
    }

    /// The log file.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.root.join("logs").join("engine.log")
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // An empty lock file tells that nobody is there; the lock itself goes
        // with the descriptor.
        let _ = self.lock.set_len(0);
        let _ = fs::remove_file(self.root.join("vayu.lock"));
    }
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
