//! Writes runs: the writer's side of `runs`.
//!
//! Each function is one step of the writer's transaction and returns the number of runs it changed.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::histograms::{self, NamedHistogram};
use super::runs::{FinishedRun, NewRun};
use super::schema::{run_checkpoints, run_summaries, runs};
use super::states::RunStatus;
use super::summaries::StoredSummary;
use crate::private_key;

/// Failure reason of a run that was active when the engine died.
pub const CRASHED: &str = "the engine stopped while the run was active";

/// The end of a run, as written.
#[derive(Deserialize, Serialize)]
pub(super) struct Ending {
    pub(super) run_id: String,
    status: RunStatus,
    end_time: i64,
    reason: Option<String>,
    measured: Option<(StoredSummary, Vec<NamedHistogram>)>,
}

impl Ending {
    pub(super) fn new(finish: FinishedRun) -> Self {
        Self {
            measured: finish.measured.map(|measured| {
                let summary = StoredSummary::new(&finish.id, &measured.summary);
                (summary, measured.histograms)
            }),
            run_id: finish.id,
            status: finish.status,
            end_time: finish.end_time,
            reason: finish
                .reason
                .map(|reason| private_key::shown(&reason).to_owned()),
        }
    }
}

pub(super) fn insert(connection: &mut SqliteConnection, run: &NewRun) -> QueryResult<usize> {
    diesel::insert_into(runs::table)
        .values(run)
        .execute(connection)
}

pub(super) fn set_status(
    connection: &mut SqliteConnection,
    run_id: &str,
    status: RunStatus,
) -> QueryResult<usize> {
    diesel::update(runs::table.find(run_id))
        .set(runs::status.eq(status))
        .execute(connection)
}

pub(super) fn finish(connection: &mut SqliteConnection, ending: &Ending) -> QueryResult<usize> {
    let found = diesel::update(runs::table.find(&ending.run_id))
        .set((
            runs::status.eq(ending.status),
            runs::end_time.eq(ending.end_time),
            runs::reason.eq(&ending.reason),
        ))
        .execute(connection)?;
    if let Some((summary, histograms)) = &ending.measured
        && found > 0
    {
        diesel::replace_into(run_summaries::table)
            .values(summary)
            .execute(connection)?;
        histograms::insert_whole(connection, &ending.run_id, histograms)?;
    }
    diesel::delete(run_checkpoints::table.find(&ending.run_id)).execute(connection)?;
    Ok(found)
}

pub(super) fn delete(connection: &mut SqliteConnection, run_id: &str) -> QueryResult<usize> {
    diesel::delete(runs::table.find(run_id)).execute(connection)
}
