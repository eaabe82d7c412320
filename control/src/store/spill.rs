//! Spill file for ends of runs that the database could not store, for example on a full disk. The file has a
//! fixed size, lies beside the database and is created while there is space. If this engine ends before it
//! can store them, the next one to open the database does.
//!
//! Each line consists of the SHA-256 of the rest, a space, and an end as JSON. A zero byte follows the last
//! line. The run decides when an end is retried.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};
use sha2::{Digest, Sha256};
use vayu_shared::auth::hex::hex;

use super::error::StoreError;
use super::run_rows::Ending;
use crate::wall_clock::now_ms;

/// Size of the file in bytes: enough for the ends of about twenty runs with all their distributions.
const BYTES: u64 = 8 * 1024 * 1024;

/// The spill file of a database.
pub(super) struct Spill {
    path: PathBuf,
    /// `None` until there is space for it.
    file: Option<File>,
    /// Ids of the runs whose ends are in the file and not yet stored.
    waiting: Vec<String>,
    /// Offset of the next line.
    end: u64,
}

impl Spill {
    /// Returns the spill file of a database, without creating it.
    pub(super) fn of(database: &Path) -> Self {
        Self {
            path: path(database),
            file: None,
            waiting: Vec::new(),
            end: 0,
        }
    }

    /// Creates the file, empty and with all its space allocated, unless that has been done.
    pub(super) fn fill(&mut self) {
        if self.file.is_none() {
            let warn = |error: &io::Error| {
                tracing::warn!(file = %self.path.display(), %error, "the spill file for run ends cannot be created");
            };
            self.file = make(&self.path).inspect_err(warn).ok();
        }
    }

    /// Writes an end to the file, unless it is already there.
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
                    "the end of the run is kept in the spill file and stored when disk space is available, or at the next start"
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
        // Past this size, the file would have to grow.
        if self.end + line.len() as u64 > BYTES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all_at(&line, self.end)?;
        file.sync_data()?;
        // The next line overwrites the zero byte.
        self.end += line.len() as u64 - 1;
        Ok(())
    }

    /// Removes a run whose end is stored or which is deleted. Returns whether it was the last one waiting.
    pub(super) fn settle(&mut self, run_id: &str) -> bool {
        let Some(at) = self.waiting.iter().position(|waiting| waiting == run_id) else {
            return false;
        };
        self.waiting.swap_remove(at);
        self.waiting.is_empty()
    }

    /// Clears the file.
    pub(super) fn clear(&mut self) {
        let used = std::mem::take(&mut self.end);
        if let Some(file) = &self.file
            && let Err(error) = empty(file, used)
        {
            tracing::warn!(file = %self.path.display(), %error, "ends of runs that are stored stay in the file");
        }
    }
}

/// Returns the ends that an engine left beside the database. If a line is damaged, logs an error and keeps a
/// copy of the file.
///
/// # Errors
/// Returns an error if the file exists and cannot be read, or cannot be copied where that is necessary.
pub(super) fn left(database: &Path) -> Result<Vec<Ending>, StoreError> {
    let path = path(database);
    let read = lines(&path)?;
    let damaged = read.iter().filter(|line| line.is_none()).count();
    if damaged > 0 {
        let copy = path.with_extension(format!("damaged-{}.spill", now_ms()));
        fs::copy(&path, &copy).map_err(|error| StoreError::open(&copy, error))?;
        tracing::error!(
            copy = %copy.display(),
            "{damaged} run ends in the spill file are damaged: these runs end at their last checkpoint"
        );
    }
    Ok(read.into_iter().flatten().collect())
}

/// Returns how many ends of runs wait beside a database to be stored, for example because of a full disk.
///
/// # Errors
/// Returns an error if the file cannot be read.
pub fn waiting(database: &Path) -> Result<usize, StoreError> {
    Ok(lines(&path(database))?.len())
}

/// Returns the content of each line of a file. `None` for a damaged line.
fn lines(path: &Path) -> Result<Vec<Option<Ending>>, StoreError> {
    let bytes = match written(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| StoreError::open(path, error))?,
    };
    let lines = bytes.split(|byte| *byte == b'\n');
    Ok(lines.filter(|line| !line.is_empty()).map(ending).collect())
}

/// Returns the path of the spill file of a database.
pub(super) fn path(database: &Path) -> PathBuf {
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
    empty(&file, written(path)?.len() as u64)?;
    Ok(file)
}

/// Reads the used part of a file, up to the first zero byte. The rest, which is most of it, is not read.
fn written(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    BufReader::new(File::open(path)?).read_until(0, &mut bytes)?;
    bytes.pop_if(|last| *last == 0);
    Ok(bytes)
}

/// Overwrites the first `used` bytes and one more with zeros, so that deleted data cannot be recovered from
/// the file.
fn empty(file: &File, used: u64) -> io::Result<()> {
    const PIECE: usize = 64 * 1024;
    for at in (0..=used).step_by(PIECE) {
        let piece = (used + 1 - at).min(PIECE as u64) as usize;
        file.write_all_at(&[0; PIECE][..piece], at)?;
    }
    file.sync_data()
}

fn line(ending: &Ending) -> io::Result<Vec<u8>> {
    let json = serde_json::to_string(ending)?;
    Ok(format!("{} {json}\n\0", digest(&json)).into_bytes())
}

/// Parses a line. Returns `None` if the line was not written completely.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::finished;

    fn ids(database: &Path) -> Vec<String> {
        let left = left(database).expect("it is read");
        left.into_iter().map(|ending| ending.run_id).collect()
    }

    #[test]
    fn a_damaged_line_costs_no_other_and_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("vayu.db");
        let mut spill = Spill::of(&database);
        spill.fill();
        for id in ["a", "b", "c", "a"] {
            spill.keep(&Ending::new(finished(id, 7)));
        }
        assert_eq!(ids(&database), ["a", "b", "c"]);
        let file = path(&database);
        let mut bytes = fs::read(&file).expect("it is there");
        bytes[100] ^= 1;
        fs::write(&file, bytes).expect("writable");
        assert_eq!(waiting(&database), Ok(3));
        assert_eq!(ids(&database), ["b", "c"]);
        let names = fs::read_dir(folder.path()).expect("readable").flatten();
        let names = names.filter(|entry| entry.file_name().to_string_lossy().contains("damaged"));
        assert_eq!(names.count(), 1);
    }

    #[test]
    fn what_is_settled_leaves_no_trace() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("vayu.db");
        let mut spill = Spill::of(&database);
        spill.fill();
        spill.keep(&Ending::new(finished("a", 7)));
        spill.keep(&Ending::new(finished("b", 7)));
        assert!(!spill.settle("a") && !spill.settle("other") && spill.settle("b"));
        spill.clear();
        let bytes = fs::read(path(&database)).expect("it is there");
        assert!(bytes.len() as u64 == BYTES && bytes.iter().all(|byte| *byte == 0));
    }
}
