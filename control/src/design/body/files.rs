//! The files that bodies may be made of: those below allowed directories.
//!
//! Without any directory no file is read at all. A path is judged by where it
//! leads after symbolic links and `..` are followed (POSIX `realpath`). Whoever
//! can swap a directory between that and the opening is trusted: such a user
//! could as well put the content there.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use vayu_shared::field_error::FieldError;

/// Directories that files may come from (`--allow-files DIR`), canonical.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedFiles(Vec<PathBuf>);

impl AllowedFiles {
    /// Allows what is below `dirs`; none of them means no file at all.
    ///
    /// # Errors
    /// One of them is missing or is no directory.
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

    /// The content of the file at `path`, of at most `most` bytes. A relative
    /// path is looked up in each of the directories in turn.
    ///
    /// # Errors
    /// Names `field`: files are off, the path leads out of the directories, it
    /// is no regular file, it cannot be read, or it is too long.
    pub fn read(&self, field: &str, path: &str, most: u64) -> Result<Vec<u8>, FieldError> {
        let found = self.find(path);
        let found = found.map_err(|problem| FieldError::new(field, problem))?;
        let wrong = |problem: &str| FieldError::new(field, format!("is \"{path}\", {problem}"));
        // Asked before opening: to open a pipe would wait for its other end.
        if !found.is_file() {
            return Err(wrong("which is not a regular file"));
        }
        let mut bytes = Vec::new();
        // One byte more tells a longer file, even one that grows meanwhile.
        File::open(&found)
            .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
            .map_err(|error| wrong(&format!("which cannot be read: {error}")))?;
        if bytes.len() as u64 > most {
            let problem = format!("which is longer than the {most} bytes that can still be sent");
            return Err(wrong(&problem));
        }
        Ok(bytes)
    }

    /// Where `path` leads, if it is allowed.
    fn find(&self, path: &str) -> Result<PathBuf, String> {
        if self.0.is_empty() {
            return Err(format!(
                "is the file \"{path}\", but files are off; start with `--allow-files DIR` \
                 to allow those of a directory"
            ));
        }
        let outside = || {
            format!(
                "is \"{path}\", which is not in a directory that `--allow-files` names; \
                 put it into one or allow its own"
            )
        };
        // Joining an absolute path gives that path.
        let mut problem = None;
        for dir in &self.0 {
            match fs::canonicalize(dir.join(path)) {
                Ok(found) if self.0.iter().any(|dir| found.starts_with(dir)) => return Ok(found),
                Ok(_) => return Err(outside()),
                Err(error) => problem = Some(error),
            }
        }
        match problem {
            // Whether a file exists elsewhere is not told.
            Some(error) if self.is_plainly_inside(Path::new(path)) => {
                Err(format!("is \"{path}\", which cannot be read: {error}"))
            }
            _ => Err(outside()),
        }
    }

    /// Whether `path` is written as one below an allowed directory.
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
