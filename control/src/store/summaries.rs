//! What was measured of a run, in numbers.
//!
//! A summary is written when the run is finished (see `runs`) and read here; the
//! distributions behind it are in `histograms`.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::run_summaries;
use super::{NamedHistogram, Store, StoreError};
use crate::private_key;
use crate::summary::RunSummary;

/// The result of a load run.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The numbers.
    pub summary: RunSummary,
    /// The distributions behind them.
    pub histograms: Vec<NamedHistogram>,
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
}

/// A row of the table.
#[derive(Deserialize, Insertable, Serialize)]
#[diesel(table_name = run_summaries)]
pub(super) struct StoredSummary {
    run_id: String,
    summary: String,
}

impl StoredSummary {
    pub(super) fn new(run_id: &str, summary: &RunSummary) -> Self {
        Self {
            run_id: run_id.to_owned(),
            summary: encoded(summary),
        }
    }
}

/// A summary as it is stored: JSON, without private keys that scripts told of.
pub(super) fn encoded(summary: &RunSummary) -> String {
    let json =
        serde_json::to_string(summary).expect("a summary has only words and numbers for keys");
    private_key::without_in_written(json)
}
