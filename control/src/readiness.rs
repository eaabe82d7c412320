//! Readiness checks: whether a run can be executed and stored now. Used by `GET /health/ready`, `GET
//! /metrics` and the start of a run.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::statvfs;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_worker::Engine;

use crate::config::SharedConfig;
use crate::store::{Size, Store};

/// Minimum free bytes of the file system to start a run: the end of the run must still fit.
const MIN_FREE_BYTES: u64 = 64 * 1024 * 1024;
/// Timeout for the answer of a shard or the store. A script may keep a shard busy for up to its own time
/// limit.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// Result of one readiness check.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReadinessCheck {
    /// Name of the check: `store`, `files`, `disk`, `size`, `reserve` or `shards`.
    pub name: &'static str,
    /// Whether the check passed.
    pub ok: bool,
    /// Human-readable message: the current state, and what to do if the check failed.
    pub message: String,
}

/// A file, identified as it was when the engine opened it.
struct OpenedFile {
    path: PathBuf,
    /// Device and inode.
    identity: (u64, u64),
}

/// Runs the readiness checks of an engine.
pub struct Readiness {
    engine: Arc<Engine>,
    store: Store,
    config: SharedConfig,
    files: Vec<OpenedFile>,
    directory: PathBuf,
    reserve: PathBuf,
    /// Result of the last checks, and when they ran.
    last: Mutex<Option<(Instant, Vec<ReadinessCheck>)>>,
}

impl Readiness {
    /// Creates the checks for an engine whose store is the file `database` and whose lock file is `lock`.
    ///
    /// # Errors
    /// Returns an error if the metadata of one of the files cannot be read.
    pub fn new(
        engine: Arc<Engine>,
        store: Store,
        config: SharedConfig,
        (database, lock): (&Path, &Path),
    ) -> io::Result<Self> {
        let opened = |path: &Path| {
            Ok::<_, io::Error>(OpenedFile {
                identity: identity(path)?,
                path: path.to_owned(),
            })
        };
        Ok(Self {
            engine,
            store,
            config,
            files: vec![opened(database)?, opened(lock)?],
            directory: database.parent().unwrap_or(Path::new(".")).to_owned(),
            reserve: database.with_extension("reserve"),
            last: Mutex::default(),
        })
    }

    /// Runs all checks: writes a row and wakes every shard. Blocks, for up to a second per busy component.
    #[must_use]
    pub fn checks(&self) -> Vec<ReadinessCheck> {
        let checks = vec![
            self.store(),
            self.opened_files(),
            self.disk(),
            self.database_size(),
            self.reserve(),
            self.shards(),
        ];
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), checks.clone()));
        checks
    }

    /// Returns the last result if it is not older than `most`; otherwise runs the checks.
    #[must_use]
    pub fn recent_checks(&self, most: Duration) -> Vec<ReadinessCheck> {
        let last = self
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match last {
            Some((at, checks)) if at.elapsed() <= most => checks,
            _ => self.checks(),
        }
    }

    /// Returns what prevents a run from starting now. Does not ask the shards, which are busy with their
    /// runs.
    #[must_use]
    pub fn obstacle(&self) -> Option<String> {
        let checks = [self.opened_files(), self.disk(), self.database_size()];
        let failed = checks.into_iter().find(|check| !check.ok);
        failed.map(|check| check.message)
    }

    /// Returns the free bytes of the file system that contains the database, or `None` if it cannot be
    /// queried.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        let found = statvfs(&self.directory).ok()?;
        Some(found.f_bavail * found.f_frsize)
    }

    /// Returns the size of the database.
    #[must_use]
    pub fn size(&self) -> Option<Size> {
        self.store.size().ok()
    }

    fn store(&self) -> ReadinessCheck {
        let queued = self.store.queued();
        let (ok, message) = match self.store.try_write(CHECK_TIMEOUT) {
            Ok(()) => (true, format!("writable; {queued} jobs queued")),
            Err(error) => (
                false,
                format!("the store is not writable: {error}; {queued} jobs queued"),
            ),
        };
        ReadinessCheck {
            name: "store",
            ok,
            message,
        }
    }

    fn opened_files(&self) -> ReadinessCheck {
        let is_other = |file: &&OpenedFile| identity(&file.path).ok() != Some(file.identity);
        let (ok, message) = match self.files.iter().find(is_other) {
            None => (true, "unchanged since the start".to_owned()),
            Some(file) => {
                let message = format!(
                    "{} was deleted or replaced while the engine runs; what is stored from now on is lost when it \
                     ends: end the engine, and restore a backup (vayu-cli db restore)",
                    file.path.display()
                );
                (false, message)
            }
        };
        ReadinessCheck {
            name: "files",
            ok,
            message,
        }
    }

    fn disk(&self) -> ReadinessCheck {
        let (ok, message) = match self.free_bytes() {
            Some(free) if free < MIN_FREE_BYTES => {
                let message = format!(
                    "{} MiB free in {}; a run needs {} MiB: free some space",
                    mib(free),
                    self.directory.display(),
                    mib(MIN_FREE_BYTES)
                );
                (false, message)
            }
            Some(free) => (true, format!("{} MiB are free", mib(free))),
            None => (
                true,
                "the free space of the file system cannot be queried".to_owned(),
            ),
        };
        ReadinessCheck {
            name: "disk",
            ok,
            message,
        }
    }

    fn database_size(&self) -> ReadinessCheck {
        let most = self.config.current().max_database_mib;
        let used = mib(self.size().unwrap_or_default().used);
        // The tolerance gives retention time to free space.
        let is_over = most > 0 && used > most + most / 10 + 64;
        let (ok, message) = match is_over {
            true => {
                let message = format!(
                    "the database has {used} MiB, more than maxDatabaseMib ({most}), and what is pinned stays: unpin or \
                     delete runs, or raise the setting"
                );
                (false, message)
            }
            false => (true, format!("the database has {used} MiB")),
        };
        ReadinessCheck {
            name: "size",
            ok,
            message,
        }
    }

    fn reserve(&self) -> ReadinessCheck {
        let ok = self.reserve.exists();
        let message = match ok {
            true => "there",
            false => "missing: it is created again when there is free space",
        };
        ReadinessCheck {
            name: "reserve",
            ok,
            message: message.to_owned(),
        }
    }

    fn shards(&self) -> ReadinessCheck {
        let retired = self.engine.retired_threads();
        let silent = self.engine.unresponsive_shards(CHECK_TIMEOUT);
        let (ok, message) = match silent.as_slice() {
            [] if retired > 0 => {
                let message = format!(
                    "all shards answer, but {retired} threads are stuck in scripts and use CPU time of their cores: restart the engine"
                );
                (false, message)
            }
            [] => (true, "all answer".to_owned()),
            some => {
                let numbers: Vec<String> = some.iter().map(ToString::to_string).collect();
                (
                    false,
                    format!("shard {} gave no answer within 1 s", numbers.join(", ")),
                )
            }
        };
        ReadinessCheck {
            name: "shards",
            ok,
            message,
        }
    }
}

fn mib(bytes: u64) -> u64 {
    bytes / (1024 * 1024)
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}
