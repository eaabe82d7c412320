//! Summaries of runs: the measured numbers.
//!
//! A summary is written when the run finishes (see `run_rows`) and read here. The distributions it is based on
//! are in `histograms`.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::run_summaries;
use super::{NamedHistogram, Store, StoreError};
use crate::private_key;
use crate::summary::RunSummary;

/// The result of a load run.
#[derive(Clone, Debug)]
pub struct MeasuredColumns {
    /// The numbers.
    pub summary: RunSummary,
    /// The distributions they are based on.
    pub histograms: Vec<NamedHistogram>,
}

impl Store {
    /// Returns the summary of a finished run, or `None` if it has none.
    ///
    /// # Errors
    /// Returns [`StoreError::Unreadable`] if the summary does not have the format of this version.
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

/// Encodes a summary for storage: as JSON, without private keys that scripts may have put into it.
pub(super) fn encoded(summary: &RunSummary) -> String {
    let json =
        serde_json::to_string(summary).expect("a summary has only words and numbers for keys");
    private_key::without_in_serialized(json)
}
