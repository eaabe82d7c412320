//! Where log lines go: standard error, and the log file of the data directory.
//!
//! Headers, bodies and variables of users are never logged: they hold secrets.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

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
    let log = Log {
        file: Mutex::new(open(file).with_context(|| format!("cannot open {}", file.display()))?),
        path: file.to_owned(),
    };
    if LOG.set(log).is_err() {
        anyhow::bail!("logging was started twice");
    }
    let stderr_level = match verbosity {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(stderr_level.max(LevelFilter::INFO))
        .with_ansi(false)
        .with_target(false)
        .with_writer(Tee { stderr_level })
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging was started twice: {error}"))
}

/// Opens the log file anew: what rotates logs has moved it away.
///
/// # Errors
/// When it cannot be opened; logging continues to the old file.
pub fn reopen() -> io::Result<()> {
    let Some(log) = LOG.get() else {
        return Ok(());
    };
    let file = open(&log.path)?;
    *log.file.lock().unwrap_or_else(PoisonError::into_inner) = file;
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

/// The log file, of which a process has one.
struct Log {
    file: Mutex<File>,
    path: PathBuf,
}

static LOG: OnceLock<Log> = OnceLock::new();

struct Tee {
    stderr_level: LevelFilter,
}

struct TeeLine {
    to_stderr: bool,
}

impl MakeWriter<'_> for Tee {
    type Writer = TeeLine;

    fn make_writer(&self) -> TeeLine {
        TeeLine { to_stderr: true }
    }

    fn make_writer_for(&self, meta: &tracing::Metadata<'_>) -> TeeLine {
        TeeLine {
            to_stderr: *meta.level() <= self.stderr_level,
        }
    }
}

impl Write for TeeLine {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.to_stderr {
            // A closed terminal is no reason to stop logging to the file.
            let _ = io::stderr().write_all(line);
        }
        if let Some(log) = LOG.get() {
            let mut file = log.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
