//! Where log lines go: standard error, and the log file of the data directory.
//!
//! Headers, bodies and variables of users are never logged: they hold secrets.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts logging for the life of the process. `verbosity` 0 is warnings on
/// standard error, 1 adds what happens, 2 and more the details. The file always
/// has what happens.
///
/// # Errors
/// When the log file cannot be opened.
pub fn start(file: &Path, verbosity: u8) -> anyhow::Result<()> {
    let opened = OpenOptions::new().create(true).append(true).open(file);
    let file = opened.with_context(|| format!("cannot open {}", file.display()))?;
    let stderr_level = match verbosity {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let writer = Tee {
        file: Mutex::new(file),
        stderr_level,
    };
    tracing_subscriber::fmt()
        .with_max_level(stderr_level.max(LevelFilter::INFO))
        .with_ansi(false)
        .with_target(false)
        .with_writer(writer)
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging was started twice: {error}"))
}

struct Tee {
    file: Mutex<File>,
    stderr_level: LevelFilter,
}

struct TeeLine<'a> {
    file: &'a Mutex<File>,
    to_stderr: bool,
}

impl<'a> MakeWriter<'a> for Tee {
    type Writer = TeeLine<'a>;

    fn make_writer(&'a self) -> TeeLine<'a> {
        TeeLine {
            file: &self.file,
            to_stderr: true,
        }
    }

    fn make_writer_for(&'a self, meta: &tracing::Metadata<'_>) -> TeeLine<'a> {
        TeeLine {
            file: &self.file,
            to_stderr: *meta.level() <= self.stderr_level,
        }
    }
}

impl Write for TeeLine<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.to_stderr {
            // A closed terminal is no reason to stop logging to the file.
            let _ = io::stderr().write_all(line);
        }
        let mut file = self
            .file
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        file.write_all(line)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
