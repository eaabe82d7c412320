//! Helpers shared by the tests of the store.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use diesel::connection::SimpleConnection;
use tempfile::TempDir;

use super::connection::open_writer;
use super::{
    FinishedRun, MeasuredColumns, NamedHistogram, NewMetric, NewResult, NewRun, RunStatus, RunType,
    Store,
};
use crate::summary::RunSummary;

/// A store in its own temporary directory, which is deleted with it.
pub(super) struct TestStore {
    pub(super) store: Store,
    folder: TempDir,
}

impl TestStore {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let store = Store::open(&folder.path().join("db/vayu.db")).expect("a new database");
        Self { store, folder }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("db/vayu.db")
    }

    /// Creates a pending load run.
    pub(super) fn add_run(&self, id: &str) {
        self.store.insert_run(new_run(id, 1000)).expect("a new id");
    }

    /// Blocks the writer until the result is dropped.
    pub(super) fn hold_writer(&self) -> Hold {
        let mut connection = open_writer(&self.path()).expect("the file exists");
        let (release, released) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            connection
                .batch_execute("BEGIN IMMEDIATE")
                .expect("the lock is free");
            tell.send(()).expect("the test waits for it");
            // An error means that the sender was dropped, which is the signal to end.
            let _ = released.recv();
            connection.batch_execute("ROLLBACK").expect("it was begun");
        });
        told.recv().expect("the lock was taken");
        Hold {
            release: Some(release),
            thread: Some(thread),
        }
    }
}

/// A write lock on the database.
pub(super) struct Hold {
    release: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release.take();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the lock was given back");
        }
    }
}

pub(super) fn new_run(id: &str, start_time: i64) -> NewRun {
    NewRun {
        id: id.to_owned(),
        request_id: None,
        environment_id: None,
        kind: RunType::Load,
        status: RunStatus::Pending,
        config_snapshot: "{}".to_owned(),
        start_time,
    }
}

/// Returns results with the timestamps `from..from + count`.
pub(super) fn new_results(from: i64, count: i64) -> Vec<NewResult> {
    (from..from + count)
        .map(|timestamp| NewResult {
            timestamp,
            status_code: 200,
            latency_ms: 1.5,
            error: None,
            error_detail: None,
            trace: None,
        })
        .collect()
}

pub(super) fn new_metric(id: i64) -> NewMetric {
    NewMetric {
        id,
        timestamp: 1000 + id,
        name: "rps",
        value: 0.5,
    }
}

/// Returns a run that ended at 5,000 after `ended` requests.
pub(super) fn finished(id: &str, ended: u64) -> FinishedRun {
    let mut summary = RunSummary::default();
    summary.accounting.issued = ended;
    FinishedRun {
        id: id.to_owned(),
        status: RunStatus::Completed,
        end_time: 5_000,
        reason: None,
        measured: Some(MeasuredColumns {
            summary,
            histograms: vec![NamedHistogram {
                name: "response".to_owned(),
                histogram: vec![0, 255, 7],
            }],
        }),
    }
}
