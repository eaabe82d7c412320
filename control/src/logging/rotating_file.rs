//! A file that is appended to and moved away when it is long: `engine.log`, and before it
//! `engine.log.1` to `engine.log.5`.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Files kept beside the one that is written.
const KEPT: u32 = 5;

/// See the module.
pub struct RotatingFile {
    path: PathBuf,
    file: File,
    length: u64,
    most_bytes: u64,
}

impl RotatingFile {
    /// Appends to the file at `path`, or makes it; one longer than `most_bytes` is moved away.
    pub fn open(path: &Path, most_bytes: u64) -> io::Result<Self> {
        let (file, length) = open(path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            length,
            most_bytes,
        })
    }

    /// Opens the file anew, after somebody has moved it away.
    pub fn open_anew(&mut self) -> io::Result<()> {
        (self.file, self.length) = open(&self.path)?;
        Ok(())
    }

    /// Appends a line.
    pub fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.length > 0 && self.length + line.len() as u64 > self.most_bytes {
            // Where it cannot be moved away, it is better long than lost.
            let _ = self.rotate();
        }
        self.file.write_all(line)?;
        self.length += line.len() as u64;
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..KEPT).rev() {
            // There need not be as many yet.
            let _ = fs::rename(self.numbered(number), self.numbered(number + 1));
        }
        fs::rename(&self.path, self.numbered(1))?;
        self.open_anew()
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name: OsString = self.path.clone().into();
        name.push(format!(".{number}"));
        name.into()
    }
}

/// The file, and how long it is.
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
        // A line longer than a file is written all the same.
        log.write(&[b'x'; 30]).expect("there is room");
        log.write(b"y").expect("there is room");
        assert_eq!(
            (read("engine.log").as_str(), read("engine.log.1").len()),
            ("y", 30)
        );
        fs::remove_file(&path).expect("it is there");
        log.open_anew().expect("a new file");
        log.write(b"z").expect("there is room");
        assert_eq!(read("engine.log"), "z");
    }
}
