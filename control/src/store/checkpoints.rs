//! Checkpoints: what an active run has measured so far, stored so that it survives a crash.
//!
//! Histograms are written to the table of finished runs, and replaced when the run ends. The summary has a table of
//! its own: an active run has no summary yet.

use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::sql_query;

use super::MeasuredColumns;
use super::histograms::{self, NamedHistogram};
use super::run_rows::{self, CRASHED, Ending};
use super::schema::{run_checkpoints, run_summaries, runs};
use super::states::{RunStatus, RunType};
use super::summaries::{StoredSummary, encoded};
use crate::summary::RunSummary;
use crate::verdict::{Budgets, RunCompletion, Verdict};

/// A checkpoint to be written.
pub(super) struct Checkpoint {
    run_id: String,
    alive_at: i64,
    summary: String,
    histograms: Vec<NamedHistogram>,
}

impl Checkpoint {
    pub(super) fn new(run_id: &str, alive_at: i64, measured: &MeasuredColumns) -> Self {
        Self {
            run_id: run_id.to_owned(),
            alive_at,
            summary: encoded(&measured.summary),
            histograms: measured.histograms.clone(),
        }
    }
}

pub(super) fn put(
    connection: &mut SqliteConnection,
    checkpoint: &Checkpoint,
) -> QueryResult<usize> {
    let row = (
        run_checkpoints::run_id.eq(&checkpoint.run_id),
        run_checkpoints::alive_at.eq(checkpoint.alive_at),
        run_checkpoints::summary.eq(&checkpoint.summary),
    );
    diesel::replace_into(run_checkpoints::table)
        .values(row)
        .execute(connection)?;
    histograms::insert_whole(connection, &checkpoint.run_id, &checkpoint.histograms)?;
    Ok(1)
}

/// Gives unfinished load runs a summary with a verdict and without numbers. A checkpoint replaces it.
fn insert_empty_summaries(connection: &mut SqliteConnection) -> QueryResult<()> {
    let unfinished = runs::status.eq_any([RunStatus::Pending, RunStatus::Running]);
    let of_load = runs::kind.eq(RunType::Load);
    let ids: Vec<String> = runs::table
        .filter(unfinished)
        .filter(of_load)
        .select(runs::id)
        .load(connection)?;
    let course = RunCompletion::interrupted(CRASHED);
    let mut summary = RunSummary::default();
    summary.verdict = Some(Verdict::new(&summary, &Budgets::default(), course));
    for id in ids {
        diesel::replace_into(run_summaries::table)
            .values(StoredSummary::new(&id, &summary))
            .execute(connection)?;
    }
    Ok(())
}

/// Ends the runs that were active when the engine died: with the ends in `left`, or otherwise at their last
/// sign of life, with what they had measured by then.
pub(super) fn end_unfinished(
    connection: &mut SqliteConnection,
    left: &[Ending],
) -> QueryResult<usize> {
    let unfinished = || runs::status.eq_any([RunStatus::Pending, RunStatus::Running]);
    connection.immediate_transaction(|connection| {
        for ending in left {
            let run = runs::table.find(&ending.run_id).filter(unfinished());
            // Runs that were finished or deleted since are not changed.
            if select(exists(run)).get_result(connection)? {
                run_rows::finish(connection, ending)?;
                tracing::info!(run_id = ending.run_id, "the end of the run is stored now");
            }
        }
        // Rows stored separately may be newer than the checkpoint.
        sql_query(
            "UPDATE runs SET end_time = max(start_time, \
                 coalesce((SELECT alive_at FROM run_checkpoints WHERE run_id = runs.id), 0), \
                 coalesce((SELECT max(timestamp) FROM metrics WHERE run_id = runs.id), 0), \
                 coalesce((SELECT max(timestamp) FROM results WHERE run_id = runs.id), 0)) \
             WHERE status IN ('pending', 'running') AND end_time IS NULL",
        )
        .execute(connection)?;
        insert_empty_summaries(connection)?;
        sql_query(
            "INSERT OR REPLACE INTO run_summaries (run_id, summary) \
             SELECT run_id, summary FROM run_checkpoints",
        )
        .execute(connection)?;
        diesel::delete(run_checkpoints::table).execute(connection)?;
        diesel::update(runs::table.filter(unfinished()))
            .set((runs::status.eq(RunStatus::Failed), runs::reason.eq(CRASHED)))
            .execute(connection)
    })
}
