//! What was measured of a run: its summary and its histograms.
//!
//! They are written when the run is finished (see `runs`) and read here.
//! Histograms are bytes to the store; how they are encoded is the caller's
//! matter.

use diesel::prelude::*;
use vayu_shared::summary::RunSummary;

use super::schema::run_summaries;
use super::{Store, StoreError};

/// The result of a load run.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The numbers.
    pub summary: RunSummary,
    /// The distributions behind them.
    pub histograms: Histograms,
}

/// The encoded histograms of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = run_summaries)]
pub struct Histograms {
    /// Intended start to last byte read.
    #[diesel(column_name = response_histogram)]
    pub response: Vec<u8>,
    /// First byte written to last byte read.
    #[diesel(column_name = service_histogram)]
    pub service: Vec<u8>,
    /// The generator's own lateness.
    #[diesel(column_name = schedule_lag_histogram)]
    pub schedule_lag: Vec<u8>,
}

impl Store {
    /// The summary of a finished run; `None` when the run has none.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it is not what this version writes.
    pub fn summary(&self, run_id: &str) -> Result<Option<RunSummary>, StoreError> {
        let stored: Option<String> = self.shared.readers.read(|connection| {
            let found = run_summaries::table.find(run_id);
            let summary = found.select(run_summaries::summary);
            summary.first(connection).optional()
        })?;
        stored
            .map(|json| serde_json::from_str(&json))
            .transpose()
            .map_err(|error| StoreError::Unreadable {
                run_id: run_id.to_owned(),
                reason: error.to_string(),
            })
    }

    /// The histograms of a finished run; `None` when the run has none.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn histograms(&self, run_id: &str) -> Result<Option<Histograms>, StoreError> {
        self.shared.readers.read(|connection| {
            let found = run_summaries::table.find(run_id);
            let histograms = found.select(Histograms::as_select());
            histograms.first(connection).optional()
        })
    }
}

/// A row of the table.
#[derive(Insertable)]
#[diesel(table_name = run_summaries)]
pub(super) struct StoredSummary {
    run_id: String,
    summary: String,
    response_histogram: Vec<u8>,
    service_histogram: Vec<u8>,
    schedule_lag_histogram: Vec<u8>,
}

impl StoredSummary {
    pub(super) fn new(run_id: &str, measured: Measured) -> Self {
        Self {
            run_id: run_id.to_owned(),
            summary: serde_json::to_string(&measured.summary)
                .expect("a summary has only words and numbers for keys"),
            response_histogram: measured.histograms.response,
            service_histogram: measured.histograms.service,
            schedule_lag_histogram: measured.histograms.schedule_lag,
        }
    }
}
