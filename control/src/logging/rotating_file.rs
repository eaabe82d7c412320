//! An append-only file that is rotated when it exceeds a size: `engine.log`, with the older files
//! `engine.log.1` to `engine.log.5`.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Number of rotated files to keep.
const MAX_ROTATED_FILES: u32 = 5;

/// See the module documentation.
pub struct RotatingFile {
    path: PathBuf,
    file: File,
    length: u64,
    max_bytes: u64,
}

impl RotatingFile {
    /// Opens the file at `path` for appending, and creates it if needed. A file longer than `max_bytes` is
    /// rotated at the next write.
    pub fn open(path: &Path, most_bytes: u64) -> io::Result<Self> {
        let (file, length) = open(path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            length,
            max_bytes: most_bytes,
        })
    }

    /// Reopens the file after another program has moved it away.
    pub fn reopen_file(&mut self) -> io::Result<()> {
        (self.file, self.length) = open(&self.path)?;
        Ok(())
    }

    /// Appends a line, after rotating the file if the line would exceed the maximum size.
    pub fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.length > 0 && self.length + line.len() as u64 > self.max_bytes {
            // If the file cannot be rotated, writing to it continues: an overlong log is better than a lost
            // one.
            let _ = self.rotate();
        }
        self.file.write_all(line)?;
        self.length += line.len() as u64;
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..MAX_ROTATED_FILES).rev() {
            // Fails for files that do not exist yet.
            let _ = fs::rename(self.numbered(number), self.numbered(number + 1));
        }
        fs::rename(&self.path, self.numbered(1))?;
        self.reopen_file()
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name: OsString = self.path.clone().into();
        name.push(format!(".{number}"));
        name.into()
    }
}

/// Opens the file and returns it with its length.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_moved_away_and_the_oldest_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("engine.log");
        let mut log = RotatingFile::open(&path, 20).expect("a new file");
        for number in 0..20 {
            log.write(format!("line {number:03}\n").as_bytes())
                .expect("there is room");
        }
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("it is there");
        assert_eq!(read("engine.log"), "line 018\nline 019\n");
        assert_eq!(read("engine.log.1"), "line 016\nline 017\n");
        assert_eq!(read("engine.log.5"), "line 008\nline 009\n");
        assert!(!folder.path().join("engine.log.6").exists());
        // A line longer than the maximum size is still written.
        log.write(&[b'x'; 30]).expect("there is room");
        log.write(b"y").expect("there is room");
        assert_eq!(
            (read("engine.log").as_str(), read("engine.log.1").len()),
            ("y", 30)
        );
        fs::remove_file(&path).expect("it is there");
        log.reopen_file().expect("a new file");
        log.write(b"z").expect("there is room");
        assert_eq!(read("engine.log"), "z");
    }
}
