//! Reads the database of an engine that has exited, the way the engine's own store does after a restart.

use std::path::Path;

use vayu_control::store::{Metric, ResultFilter, ResultRow, Run, RunFilter, Store};

/// An open database.
pub struct Database(Store);

impl Database {
    /// Opens `DIR/db/vayu.db`.
    ///
    /// # Panics
    /// Panics if the database cannot be opened.
    #[must_use]
    pub fn open(data_dir: &Path) -> Self {
        Self(Store::open(&data_dir.join("db").join("vayu.db")).expect("the database opens"))
    }

    /// Returns every run.
    ///
    /// # Panics
    /// Panics if the database cannot be read.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        self.0
            .runs(&RunFilter::default())
            .expect("runs can be read")
    }

    /// Returns every stored result of a run.
    ///
    /// # Panics
    /// Panics if the database cannot be read.
    #[must_use]
    pub fn results(&self, run: &str) -> Vec<ResultRow> {
        let all = ResultFilter {
            limit: 10_000_000,
            offset: 0,
            outcome: None,
        };
        self.0.results(run, all).expect("results can be read")
    }

    /// Returns every metric of a run.
    ///
    /// # Panics
    /// Panics if the database cannot be read.
    #[must_use]
    pub fn metrics(&self, run: &str) -> Vec<Metric> {
        self.0
            .metrics_after(run, 0, 1_000_000)
            .expect("metrics can be read")
    }
}
