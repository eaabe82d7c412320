//! File access for bodies, restricted to allowed directories.
//!
//! Without an allowed directory no file is read. A path is checked after symbolic links and `..` are resolved
//! (POSIX `realpath`). A user who can replace a directory between this check and the open is trusted: such a
//! user could put the content there as well.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use vayu_shared::field_error::FieldError;

/// Allowed directories (`--allow-files DIR`), canonical.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedFiles(Vec<PathBuf>);

impl AllowedFiles {
    /// Allows the files below `dirs`. If `dirs` is empty, no file is allowed.
    ///
    /// # Errors
    /// Returns an error if one of them is missing or not a directory.
    pub fn new(dirs: &[PathBuf]) -> io::Result<Self> {
        let canonical = dirs.iter().map(|dir| {
            let path = fs::canonicalize(dir).map_err(|error| about(dir, error))?;
            if path.is_dir() {
                Ok(path)
            } else {
                Err(about(dir, io::ErrorKind::NotADirectory.into()))
            }
        });
        canonical.collect::<io::Result<_>>().map(Self)
    }

    /// Reads the file at `path`, of at most `most` bytes. A relative path is looked up in each of the
    /// directories in turn.
    ///
    /// # Errors
    /// Returns an error for `field` if files are disabled, or if the path leads outside the directories, is
    /// not a regular file, cannot be read, or is too long.
    pub fn read(&self, field: &str, path: &str, most: u64) -> Result<Vec<u8>, FieldError> {
        let found = self.find(path);
        let found = found.map_err(|problem| FieldError::new(field, problem))?;
        let wrong = |problem: &str| FieldError::new(field, format!("is \"{path}\", {problem}"));
        // Checked before opening: opening a pipe would block until its other end is opened.
        if !found.is_file() {
            return Err(wrong("which is not a regular file"));
        }
        let mut bytes = Vec::new();
        // Reading one extra byte detects a longer file, even one that grows meanwhile.
        File::open(&found)
            .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
            .map_err(|error| wrong(&format!("which cannot be read: {error}")))?;
        if bytes.len() as u64 > most {
            let problem =
                format!("which is longer than the remaining {most} bytes of the maximum body size");
            return Err(wrong(&problem));
        }
        Ok(bytes)
    }

    /// Resolves `path` and checks that it is allowed.
    fn find(&self, path: &str) -> Result<PathBuf, String> {
        if self.0.is_empty() {
            return Err(format!(
                "is the file \"{path}\", but file access is disabled; start with `--allow-files DIR` \
                 to permit the files of a directory"
            ));
        }
        let outside = || {
            format!(
                "is \"{path}\", which is not in a directory that `--allow-files` names; \
                 move the file there or allow its directory"
            )
        };
        // Joining an absolute path yields that path.
        let mut problem = None;
        for dir in &self.0 {
            match fs::canonicalize(dir.join(path)) {
                Ok(found) if self.0.iter().any(|dir| found.starts_with(dir)) => return Ok(found),
                Ok(_) => return Err(outside()),
                Err(error) => problem = Some(error),
            }
        }
        match problem {
            // Does not reveal whether a file exists elsewhere.
            Some(error) if self.is_plainly_inside(Path::new(path)) => {
                Err(format!("is \"{path}\", which cannot be read: {error}"))
            }
            _ => Err(outside()),
        }
    }

    /// Returns whether `path`, as written, is below an allowed directory.
    fn is_plainly_inside(&self, path: &Path) -> bool {
        let climbs = path.components().any(|part| part == Component::ParentDir);
        !climbs && (path.is_relative() || self.0.iter().any(|dir| path.starts_with(dir)))
    }
}

fn about(dir: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", dir.display()))
}

#[cfg(test)]
pub(super) mod tests;
