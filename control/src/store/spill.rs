//! Ends of runs that the database could not take, as on a full disk: a file of fixed size beside it, made while there
//! is room. Whoever opens the database next stores them, should this engine end before it can.
//!
//! Each line is the SHA-256 of what follows, a space, and an end as JSON; a byte of zero comes behind the last. When
//! an end is tried again is the matter of its run.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};
use sha2::{Digest, Sha256};
use vayu_shared::auth::hex::hex;

use super::run_rows::Ending;

/// Bytes of the file: the ends of some twenty runs with all their distributions.
const BYTES: u64 = 8 * 1024 * 1024;

/// See the module.
pub(super) struct Spill {
    path: PathBuf,
    /// `None` until there was room for it.
    file: Option<File>,
    /// Runs whose ends are in it and wait to be stored.
    waiting: Vec<String>,
    /// Where the next line begins.
    end: u64,
}

impl Spill {
    /// That of a database, not made yet.
    pub(super) fn of(database: &Path) -> Self {
        Self {
            path: path(database),
            file: None,
            waiting: Vec::new(),
            end: 0,
        }
    }

    /// Makes it, empty, with all its room taken from the file system, unless that is done.
    pub(super) fn fill(&mut self) {
        if self.file.is_none() {
            let warn = |error: &io::Error| {
                tracing::warn!(file = %self.path.display(), %error, "there is no room for ends of runs beside the database");
            };
            self.file = make(&self.path).inspect_err(warn).ok();
        }
    }

    /// Keeps an end, unless it is kept.
    pub(super) fn keep(&mut self, ending: &Ending) {
        if self.waiting.contains(&ending.run_id) {
            return;
        }
        let run_id = &ending.run_id;
        match self.append(ending) {
            Ok(()) => {
                self.waiting.push(run_id.clone());
                tracing::warn!(
                    run_id,
                    file = %self.path.display(),
                    "the end of the run is kept beside the database and stored when there is room, or at the next start"
                );
            }
            Err(error) => {
                tracing::error!(run_id, file = %self.path.display(), %error, "the end of the run is in memory only");
            }
        }
    }

    fn append(&mut self, ending: &Ending) -> io::Result<()> {
        let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let line = line(ending)?;
        // Beyond its end, the file would have to grow.
        if self.end + line.len() as u64 > BYTES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all_at(&line, self.end)?;
        file.sync_data()?;
        // The next one takes the place of the zero.
        self.end += line.len() as u64 - 1;
        Ok(())
    }

    /// A run has its end in the database, or is deleted; whether nothing waits any more that did before.
    pub(super) fn settle(&mut self, run_id: &str) -> bool {
        let Some(at) = self.waiting.iter().position(|waiting| waiting == run_id) else {
            return false;
        };
        self.waiting.swap_remove(at);
        self.waiting.is_empty()
    }

    /// Forgets all that was kept.
    pub(super) fn clear(&mut self) {
        self.end = 0;
        if let Some(file) = &self.file
            && let Err(error) = empty(file)
        {
            tracing::warn!(file = %self.path.display(), %error, "ends of runs that are stored stay in the file");
        }
    }
}

/// The ends that an engine left beside the database when it ended.
///
/// # Errors
/// When there is a file that cannot be read.
pub(super) fn left(database: &Path) -> io::Result<Vec<Ending>> {
    let bytes = match std::fs::read(path(database)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    Ok(bytes
        .split(|byte| *byte == b'\n')
        .map_while(ending)
        .collect())
}

fn path(database: &Path) -> PathBuf {
    database.with_extension("spill")
}

fn make(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)?;
    fallocate(&file, FallocateFlags::empty(), 0, BYTES)?;
    empty(&file)?;
    Ok(file)
}

fn empty(file: &File) -> io::Result<()> {
    file.write_all_at(&[0], 0)?;
    file.sync_data()
}

fn line(ending: &Ending) -> io::Result<Vec<u8>> {
    let json = serde_json::to_string(ending)?;
    Ok(format!("{} {json}\n\0", digest(&json)).into_bytes())
}

/// The end in a line; none where a line was not written to its end.
fn ending(line: &[u8]) -> Option<Ending> {
    let (written, json) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    if digest(json) != written {
        return None;
    }
    serde_json::from_str(json).ok()
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}
