//! Logging to standard error and to the log file of the data directory.
//!
//! Headers, bodies and variables of users are never logged, because they contain secrets.

mod rotating_file;

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::Context;
use clap::ValueEnum;
use rotating_file::RotatingFile;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Format of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Human-readable text
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

/// Options of logging.
#[derive(Clone, Copy, Debug)]
pub struct LogOptions {
    /// Log verbosity on standard error: 0 warnings, 1 info, 2 and more debug. The file always contains at
    /// least info.
    pub verbosity: u8,
    /// Format of log lines.
    pub format: LogFormat,
    /// Maximum size of the log file in bytes; beyond it the file is rotated. Five rotated files are kept.
    pub max_bytes: u64,
}

/// Starts logging for the lifetime of the process.
///
/// # Errors
/// Returns an error if the log file cannot be opened.
pub fn start(file: &Path, options: LogOptions) -> anyhow::Result<()> {
    let opened = RotatingFile::open(file, options.max_bytes);
    let opened = opened.with_context(|| format!("cannot open {}", file.display()))?;
    let log = Mutex::new(opened);
    if LOG.set(log).is_err() {
        anyhow::bail!("logging was started twice");
    }
    let stderr_level = match options.verbosity {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::fmt()
        .with_max_level(stderr_level.max(LevelFilter::INFO))
        .with_ansi(false)
        .with_target(false)
        .with_writer(Tee { stderr_level });
    let started = match options.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging was started twice: {error}"))
}

/// Reopens the log file, after logrotate or a similar tool has moved it away.
///
/// # Errors
/// Returns an error if it cannot be opened. Logging then continues to the old file.
pub fn reopen() -> io::Result<()> {
    let Some(log) = LOG.get() else {
        return Ok(());
    };
    log.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .reopen_file()
}

/// The log file; one per process.
static LOG: OnceLock<Mutex<RotatingFile>> = OnceLock::new();

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
            // A closed terminal does not stop logging to the file.
            let _ = io::stderr().write_all(line);
        }
        if let Some(log) = LOG.get() {
            log.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
