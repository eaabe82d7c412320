//! Limits the size of the database. Runs beyond a number or an age are deleted. If the database is too large,
//! details are deleted first and then runs, oldest first.
//!
//! Works in the background, with a few rows per transaction and a pause after each, so that active runs can
//! write in between. Pinned and active runs are never deleted.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::config::{Config, SharedConfig};
use crate::store::{Candidates, RunType, Store, StoreError};
use crate::wall_clock::now_ms;

/// Interval between two checks.
const PERIOD: Duration = Duration::from_secs(10);
/// Rows of a run's details deleted per transaction.
const ROWS: u32 = 2_000;
/// Pause after each transaction, during which others have the writer to themselves.
const PAUSE: Duration = Duration::from_millis(5);
/// Number of runs looked up at a time.
const RUNS: u32 = 50;
/// Size at which shrinking stops, in percent of the limit: the next run needs space, too.
const ENOUGH_PERCENT: u64 = 90;

const MIB: u64 = 1024 * 1024;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// The background thread. It ends when this is dropped.
pub struct Retention {
    ending: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Counts of what was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pruned {
    /// Whole runs.
    runs: u64,
    /// Runs that lost only their details.
    details: u64,
}

impl Retention {
    /// Starts the thread on the runs in `store`.
    ///
    /// # Errors
    /// Returns the error of the system if it cannot create a thread.
    pub fn start(store: Store, config: SharedConfig) -> std::io::Result<Self> {
        let (ending, ended) = channel();
        let thread = std::thread::Builder::new().name("vayu-retention".into());
        let thread = thread.spawn(move || work(&store, &config, &ended))?;
        Ok(Self {
            ending: Some(ending),
            thread: Some(thread),
        })
    }
}

impl Drop for Retention {
    fn drop(&mut self) {
        drop(self.ending.take());
        if let Some(thread) = self.thread.take() {
            // A panic has already been reported.
            let _ = thread.join();
        }
    }
}

fn work(store: &Store, config: &SharedConfig, ended: &Receiver<()>) {
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(PERIOD) {
        let mut sweep = Sweep {
            store,
            ended,
            pruned: Pruned::default(),
        };
        if let Err(error) = sweep.run(&config.current(), now_ms()) {
            tracing::warn!("old runs could not be deleted, they will be tried again: {error}");
        }
        let Pruned { runs, details } = sweep.pruned;
        if runs + details > 0 {
            tracing::info!(runs, details, "deleted old runs, and the details of others");
        }
    }
}

/// One check of all limits.
struct Sweep<'a> {
    store: &'a Store,
    ended: &'a Receiver<()>,
    pruned: Pruned,
}

impl Sweep<'_> {
    fn run(&mut self, config: &Config, now: i64) -> Result<(), StoreError> {
        let before = |days: u64| {
            let days = i64::try_from(days).unwrap_or(i64::MAX);
            now.saturating_sub(days.saturating_mul(DAY_MS))
        };
        for (kind, most) in [
            (RunType::Load, config.keep_load_runs),
            (RunType::Design, config.keep_design_runs),
        ] {
            if most > 0 {
                self.delete(Candidates::Beyond(kind, most))?;
            }
        }
        if config.keep_runs_days > 0 {
            self.delete(Candidates::Before(before(config.keep_runs_days)))?;
        }
        if config.keep_details_days > 0 {
            let old = Candidates::DetailedBefore(before(config.keep_details_days));
            self.delete_details(old, now)?;
        }
        if config.max_database_mib > 0 {
            self.shrink(config.max_database_mib * MIB, now)?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        !matches!(
            self.ended.try_recv(),
            Err(std::sync::mpsc::TryRecvError::Empty)
        )
    }

    fn delete(&mut self, which: Candidates) -> Result<(), StoreError> {
        self.each(which, Self::delete_run)
    }

    fn delete_details(&mut self, which: Candidates, now: i64) -> Result<(), StoreError> {
        self.each(which, |sweep, id| {
            sweep.empty(id, now)?;
            sweep.pruned.details += 1;
            Ok(())
        })
    }

    /// Calls `work` with every candidate. It has to make each one ineligible.
    fn each(
        &mut self,
        which: Candidates,
        work: impl Fn(&mut Self, &str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        loop {
            let ids = self.store.candidates(which, RUNS)?;
            if ids.is_empty() {
                return Ok(());
            }
            for id in ids {
                if self.is_over() {
                    return Ok(());
                }
                work(self, &id)?;
            }
        }
    }

    /// Deletes until the database is clearly smaller than `most` bytes.
    fn shrink(&mut self, most: u64, now: i64) -> Result<(), StoreError> {
        if self.store.size()?.used <= most {
            return Ok(());
        }
        let enough = most / 100 * ENOUGH_PERCENT;
        while self.store.size()?.used > enough && !self.is_over() {
            let detailed = self
                .store
                .candidates(Candidates::DetailedBefore(i64::MAX), 1)?;
            if let Some(id) = detailed.first() {
                self.empty(id, now)?;
                self.pruned.details += 1;
            } else if let Some(id) = self
                .store
                .candidates(Candidates::Before(i64::MAX), 1)?
                .first()
            {
                self.delete_run(id)?;
            } else {
                tracing::warn!(
                    "the database exceeds maxDatabaseMib and nothing in it may be deleted; unpin or delete runs"
                );
                return Ok(());
            }
        }
        Ok(())
    }

    /// Deletes a run, but its details first: they may be millions of rows.
    fn delete_run(&mut self, id: &str) -> Result<(), StoreError> {
        self.empty(id, now_ms())?;
        if self.store.prune_run(id)? {
            self.pruned.runs += 1;
        }
        std::thread::sleep(PAUSE);
        Ok(())
    }

    fn empty(&self, id: &str, now: i64) -> Result<(), StoreError> {
        while self.store.delete_details(id, ROWS, now)? > 0 {
            std::thread::sleep(PAUSE);
            if self.is_over() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{FinishedRun, NewResult, NewRun, RunFilter, RunStatus};

    /// A day in 1970.
    const DAY: i64 = DAY_MS;

    /// Returns a store with ended runs, each started on its own day and with `results` results of 1 KiB.
    fn store(folder: &tempfile::TempDir, days: std::ops::Range<i64>, results: usize) -> Store {
        let store = Store::open(&folder.path().join("vayu.db")).expect("a new database");
        for day in days {
            let id = format!("run_{day}");
            add(&store, &id, RunType::Load, day * DAY);
            let row = NewResult {
                timestamp: day * DAY,
                status_code: 200,
                latency_ms: 1.0,
                error: None,
                error_detail: None,
                trace: Some("x".repeat(1024)),
            };
            let queued = store.queue_results(&id, vec![row; results]);
            assert_eq!(queued.turned_away, 0);
            end(&store, &id, day * DAY);
        }
        store.flush().expect("it is open");
        store
    }

    fn add(store: &Store, id: &str, kind: RunType, start_time: i64) {
        let run = NewRun {
            id: id.to_owned(),
            request_id: None,
            environment_id: None,
            kind,
            status: RunStatus::Running,
            config_snapshot: "{}".to_owned(),
            start_time,
        };
        store.insert_run(run).expect("a new id");
    }

    fn end(store: &Store, id: &str, end_time: i64) {
        let finished = FinishedRun {
            id: id.to_owned(),
            status: RunStatus::Completed,
            end_time,
            reason: None,
            measured: None,
        };
        store.finish_run(finished).expect("it is there");
    }

    fn left(store: &Store) -> Vec<String> {
        let runs = store.runs(&RunFilter::default()).expect("readable");
        runs.into_iter().map(|run| run.id).collect()
    }

    fn nothing() -> Config {
        Config {
            keep_load_runs: 0,
            keep_design_runs: 0,
            keep_runs_days: 0,
            keep_details_days: 0,
            max_database_mib: 0,
            ..Config::new(1)
        }
    }

    fn sweep(store: &Store, config: &Config, now: i64) -> Pruned {
        let (_ending, ended) = channel();
        let mut sweep = Sweep {
            store,
            ended: &ended,
            pruned: Pruned::default(),
        };
        sweep.run(config, now).expect("the store works");
        sweep.pruned
    }

    #[test]
    fn the_oldest_go_by_number_and_what_is_pinned_or_active_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder, 0..6, 3);
        add(&store, "active", RunType::Load, -DAY);
        add(&store, "designed", RunType::Design, -DAY);
        end(&store, "designed", 0);
        assert_eq!(store.pin_run("run_1", true), Ok(true));
        assert_eq!(store.pin_run("never", true), Ok(false));
        let config = Config {
            keep_load_runs: 2,
            ..nothing()
        };
        let pruned = sweep(&store, &config, 6 * DAY);
        assert_eq!((pruned.runs, pruned.details), (3, 0));
        let expected = ["run_5", "run_4", "run_1", "designed", "active"];
        let mut shown = left(&store);
        shown.sort_unstable();
        let mut expected = expected.map(str::to_owned).to_vec();
        expected.sort_unstable();
        assert_eq!(shown, expected);
        assert_eq!(sweep(&store, &config, 6 * DAY), Pruned::default());
        assert_eq!(sweep(&store, &nothing(), 900 * DAY), Pruned::default());
    }

    #[test]
    fn details_go_before_their_runs_by_age() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder, 0..4, 2 * ROWS as usize + 1);
        let config = Config {
            keep_runs_days: 9,
            keep_details_days: 7,
            ..nothing()
        };
        // The first run started more than nine days ago, the second and third more than seven.
        let pruned = sweep(&store, &config, 9 * DAY + 1);
        assert_eq!((pruned.runs, pruned.details), (1, 2));
        for (id, rows) in [
            ("run_1", 0),
            ("run_2", 0),
            ("run_3", 2 * i64::from(ROWS) + 1),
        ] {
            let kept = store.run_rows(id).expect("readable").results;
            let run = store.run(id).expect("readable").expect("it stays");
            assert_eq!(
                (kept, run.details_deleted_at.is_some()),
                (rows, rows == 0),
                "{id}"
            );
        }
    }

    #[test]
    fn a_database_that_is_too_large_shrinks_and_stays_usable() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder, 0..8, 500);
        let before = store.size().expect("readable");
        assert!(before.used > 4 * MIB, "{before:?}");
        let config = Config {
            max_database_mib: 2,
            ..nothing()
        };
        let pruned = sweep(&store, &config, 8 * DAY);
        let after = store.size().expect("readable");
        assert!(after.used <= 2 * MIB, "{after:?}");
        // Runs are small compared to their details, so none had to be deleted.
        assert_eq!(pruned.runs, 0);
        assert!((4..8).contains(&pruned.details), "{pruned:?}");
        assert_eq!(left(&store).len(), 8);
        // The file itself shrinks while there are no writes.
        let file = folder.path().join("vayu.db");
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while std::fs::metadata(&file).expect("it is there").len() > 3 * MIB {
            assert!(
                std::time::Instant::now() < deadline,
                "no room was given back"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
