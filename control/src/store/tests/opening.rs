//! Tests of opening new, old, foreign and newer files, and files left by a crash.

use std::fs;

use diesel::connection::SimpleConnection;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::query_builder::AsQuery;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel_migrations::MigrationHarness;

use crate::store::connection::{MIGRATIONS, open_first, open_writer};
use crate::store::testing::{TestStore, new_metric, new_results, new_run};
use crate::store::{
    FinishedRun, MeasuredColumns, NamedHistogram, ResultOutcome, RunFilter, RunStatus, Store,
    StoreError, schema,
};
use crate::summary::RunSummary;

#[test]
fn migrations_go_up_down_and_up_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection = open_first(&folder.path().join("vayu.db")).expect("a new database");
    let reverted = connection.revert_all_migrations(MIGRATIONS);
    assert_eq!(reverted.expect("all have a way back").len(), 6);
    let applied = connection.run_pending_migrations(MIGRATIONS);
    assert_eq!(applied.expect("nothing is in the way").len(), 6);
}

/// Reverts migrations until the schema is that of `version`.
fn revert_to(connection: &mut SqliteConnection, version: usize) {
    let mut applied = connection.applied_migrations().expect("readable").len();
    while applied > version {
        connection
            .revert_last_migration(MIGRATIONS)
            .expect("it has a way back");
        applied -= 1;
    }
}

/// A database of the third version, with a run in it, gets a table for cookies.
#[test]
fn cookies_have_a_place_in_databases_of_the_third_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let mut connection = open_first(&path).expect("a new database");
    revert_to(&mut connection, 3);
    connection
        .batch_execute(
            "INSERT INTO runs (id, type, status, config_snapshot, start_time)
                 VALUES ('old', 'design', 'completed', '{}', 1);",
        )
        .expect("the third schema");
    drop(connection);
    let store = Store::open(&path).expect("it is brought up to date");
    assert!(store.run("old").expect("readable").is_some());
    assert_eq!(store.cookie_jar("env"), Ok(None));
    store.save_cookie_jar("env", "[]").expect("there is room");
    store.save_cookie_jar("env", "[1]").expect("there is room");
    assert_eq!(store.cookie_jar("env"), Ok(Some("[1]".to_owned())));
    assert_eq!(store.cookie_jar(""), Ok(None));
    store.close();
}

/// A database of the first version, with a finished run in it.
#[test]
fn histograms_of_the_first_version_are_carried_over_and_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let mut connection = open_first(&path).expect("a new database");
    revert_to(&mut connection, 1);
    connection
        .batch_execute(
            "INSERT INTO runs (id, type, status, config_snapshot, start_time)
                 VALUES ('old', 'load', 'completed', '{}', 1);
             INSERT INTO run_summaries VALUES ('old', '{\"elapsed_ns\":7}', x'01', x'0203', x'');",
        )
        .expect("the first schema");
    drop(connection);
    let store = Store::open(&path).expect("it is brought up to date");
    let found = store.histograms("old").expect("readable");
    let found: Vec<(&str, &[u8])> = found
        .iter()
        .map(|kept| (kept.name.as_str(), kept.histogram.as_slice()))
        .collect();
    let expected: [(&str, &[u8]); 3] = [
        ("response", &[1]),
        ("scheduleLag", &[]),
        ("service", &[2, 3]),
    ];
    assert_eq!(found, expected);
    let summary = store.summary("old").expect("readable").expect("stored");
    assert_eq!(summary.elapsed_ns, 7, "what came later is filled in");
    store.close();
    let mut connection = open_writer(&path).expect("the file exists");
    revert_to(&mut connection, 1);
    let column = sql::<Binary>("service_histogram FROM run_summaries");
    let kept: Vec<Vec<u8>> = diesel::select(column)
        .load(&mut connection)
        .expect("the first schema");
    assert_eq!(kept, [vec![2, 3]]);
}

/// A database of the second version, with a run and its rows in it.
#[test]
fn rows_of_the_second_version_are_listed_by_the_new_indices_and_stay_without_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let mut connection = open_first(&path).expect("a new database");
    revert_to(&mut connection, 2);
    connection
        .batch_execute(
            "INSERT INTO runs (id, request_id, type, status, config_snapshot, start_time)
                 VALUES ('old', 'r1', 'load', 'completed', '{}', 1);
             INSERT INTO results (run_id, timestamp, status_code, latency_ms)
                 VALUES ('old', 2, 200, 1.5), ('old', 3, 500, 2.5);
             INSERT INTO metrics (id, run_id, timestamp, name, value)
                 VALUES (1, 'old', 4, 'rps', 7), (2, 'old', 4, 'error_rate', 0);",
        )
        .expect("the second schema");
    drop(connection);
    let store = Store::open(&path).expect("it is brought up to date");
    let filter = RunFilter {
        request_id: Some("r1".to_owned()),
        status: Some(RunStatus::Completed),
        ..RunFilter::default()
    };
    assert_eq!(store.runs(&filter).expect("readable").len(), 1);
    let failed = store.count_results("old", Some(ResultOutcome::Error));
    assert_eq!(failed, Ok(1));
    let steps = store.metric_steps("old", "rps", 10, 0).expect("readable");
    assert_eq!((steps.metrics.len(), steps.total), (2, 1));
    store.close();
    let mut connection = open_writer(&path).expect("the file exists");
    revert_to(&mut connection, 2);
    let rows = |table: &str| sql::<BigInt>(&format!("(SELECT count(*) FROM {table})"));
    let kept: (i64, i64, i64) = diesel::select((rows("runs"), rows("results"), rows("metrics")))
        .first(&mut connection)
        .expect("the second schema");
    assert_eq!(kept, (1, 2, 2));
}

/// Asserts on SQLite's own query plans.
#[test]
fn listings_use_their_indices() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection = open_first(&folder.path().join("vayu.db")).expect("a new database");
    let by_start = "ORDER BY start_time DESC, id DESC LIMIT 5";
    let failed = "run_id = 'a' AND (error IS NOT NULL OR status_code NOT BETWEEN 200 AND 399)";
    for (query, index) in [
        (format!("runs {by_start}"), "runs_by_start"),
        (
            format!("runs WHERE type = 'load' {by_start}"),
            "runs_by_type",
        ),
        (
            format!("runs WHERE status = 'failed' {by_start}"),
            "runs_by_status",
        ),
        (
            format!("runs WHERE request_id = 'r' {by_start}"),
            "runs_by_request",
        ),
        (
            format!("results WHERE {failed} ORDER BY id LIMIT 5"),
            "results_failed",
        ),
        (
            "results WHERE run_id = 'a' ORDER BY id LIMIT 5".into(),
            "results_by_run",
        ),
        (
            "metrics WHERE run_id = 'a' AND name = 'rps' ORDER BY id".into(),
            "metrics_by_name",
        ),
    ] {
        let plan: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN SELECT * FROM {query}"))
            .load(&mut connection)
            .expect("a legal query");
        let details: Vec<&str> = plan.iter().map(|step| step.detail.as_str()).collect();
        assert!(details[0].contains(index), "{query}: {details:?}");
        let sorts = details.iter().any(|detail| detail.contains("TEMP B-TREE"));
        assert!(!sorts, "{query} is sorted: {details:?}");
    }
}

/// A line of a query plan.
#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[test]
fn the_tables_have_the_columns_that_diesel_expects() {
    let folder = tempfile::tempdir().expect("a folder");
    let connection = &mut open_first(&folder.path().join("vayu.db")).expect("a new database");
    macro_rules! is_empty {
        ($($table:ident)*) => {$(
            let found = diesel::select(exists(schema::$table::table.as_query())).get_result(connection);
            assert_eq!(found, Ok(false), stringify!($table));
        )*};
    }
    is_empty!(collections requests environments globals runs run_summaries run_checkpoints);
    is_empty!(run_histograms run_intervals results metrics kv_store);
}

#[test]
fn runs_that_a_crash_left_behind_are_failed() {
    let test = TestStore::new();
    for (id, status) in [
        ("pending", RunStatus::Pending),
        ("running", RunStatus::Running),
        ("stopped", RunStatus::Stopped),
    ] {
        let mut run = new_run(id, 1000);
        run.status = status;
        test.store.insert_run(run).expect("a new id");
    }
    let path = test.path();
    let reopened = Store::open(&path).expect("it exists");
    for id in ["pending", "running"] {
        let run = reopened.run(id).expect("readable").expect("stored");
        assert_eq!(run.status, RunStatus::Failed);
        let reason = run.reason.expect("it says why");
        assert_eq!(reason, "the engine stopped while the run was active");
        let last_sign_of_life = run.start_time;
        assert_eq!(run.end_time, Some(last_sign_of_life));
    }
    let run = reopened.run("stopped").expect("readable").expect("stored");
    assert_eq!((run.status, run.end_time), (RunStatus::Stopped, None));
}

#[test]
fn a_run_that_a_crash_left_behind_has_what_its_last_checkpoint_had() {
    let test = TestStore::new();
    test.add_run("a");
    let status = test.store.set_run_status("a", RunStatus::Running);
    status.expect("it exists");
    let measured = |elapsed_ns| MeasuredColumns {
        summary: RunSummary {
            elapsed_ns,
            ..RunSummary::default()
        },
        histograms: vec![NamedHistogram {
            name: "response".to_owned(),
            histogram: vec![elapsed_ns as u8],
        }],
    };
    for (alive_at, elapsed_ns) in [(2_000, 1), (3_000, 2)] {
        let queued = test
            .store
            .queue_checkpoint("a", alive_at, &measured(elapsed_ns));
        assert_eq!(queued.turned_away, 0);
    }
    test.store.flush().expect("writable");
    assert_eq!(test.store.summary("a"), Ok(None), "it goes on");
    let reopened = Store::open(&test.path()).expect("it exists");
    let run = reopened.run("a").expect("readable").expect("stored");
    assert_eq!((run.status, run.end_time), (RunStatus::Failed, Some(3_000)));
    let last = measured(2);
    assert_eq!(reopened.summary("a"), Ok(Some(last.summary)));
    assert_eq!(reopened.histograms("a"), Ok(last.histograms));
    let mut connection = open_writer(&test.path()).expect("it exists");
    let left = schema::run_checkpoints::table
        .count()
        .get_result::<i64>(&mut connection);
    assert_eq!(left, Ok(0));
}

#[test]
fn nothing_queued_is_lost_by_closing_or_dropping() {
    let mut test = TestStore::new();
    test.add_run("a");
    assert_eq!(
        test.store
            .queue_results("a", new_results(0, 5000))
            .turned_away,
        0
    );
    test.store.clone().close();
    assert_eq!(test.store.count_results("a", None), Ok(5000));

    test.store = Store::open(&test.path()).expect("a second time");
    assert_eq!(
        test.store
            .queue_results("a", new_results(0, 5000))
            .turned_away,
        0
    );
    test.store = {
        let path = test.path();
        drop(test.store);
        assert!(
            !path.with_extension("db-wal").exists(),
            "the log is folded in"
        );
        Store::open(&path).expect("a third time")
    };
    assert_eq!(test.store.count_results("a", None), Ok(10_000));
}

#[test]
fn a_closed_store_reads_and_refuses_to_write() {
    let test = TestStore::new();
    test.add_run("a");
    test.store.clone().close();
    assert_eq!(
        test.store.insert_run(new_run("b", 1)),
        Err(StoreError::Closed)
    );
    assert_eq!(test.store.flush(), Err(StoreError::Closed));
    assert_eq!(
        test.store.queue_results("a", new_results(0, 3)).turned_away,
        3
    );
    assert_eq!(test.store.lost_rows("a").results, 3);
    let runs = test.store.runs(&RunFilter::default()).expect("readable");
    assert_eq!(runs.len(), 1);
}

#[test]
fn what_a_waited_write_stored_is_seen_by_another_process() {
    let test = TestStore::new();
    test.add_run("a");
    let finish = FinishedRun {
        id: "a".to_owned(),
        status: RunStatus::Completed,
        end_time: 2000,
        reason: None,
        measured: None,
    };
    test.store.finish_run(finish).expect("it exists");
    let mut other = open_writer(&test.path()).expect("it exists");
    let status: String = schema::runs::table
        .select(schema::runs::status)
        .first(&mut other)
        .expect("stored");
    assert_eq!(status, "completed");
}

#[test]
fn metric_numbers_go_on_where_they_ended() {
    let test = TestStore::new();
    test.add_run("a");
    let first = test.store.next_metric_id();
    assert_eq!(test.store.next_metric_id(), first + 1);
    let _ = test.store.queue_metrics("a", vec![new_metric(41)]);
    test.store.flush().expect("written");
    let reopened = Store::open(&test.path()).expect("it exists");
    assert_eq!(reopened.next_metric_id(), 42);
}

#[test]
fn a_file_from_a_newer_version_is_refused_by_name() {
    let test = TestStore::new();
    let mut other = open_writer(&test.path()).expect("it exists");
    other
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')")
        .expect("a migration nobody knows");
    let error = Store::open(&test.path()).err().expect("it is refused");
    assert!(matches!(error, StoreError::Newer { .. }), "{error:?}");
    let message = error.to_string();
    assert!(
        message.contains("vayu.db") && message.contains("99990101000000"),
        "{message}"
    );
}

#[test]
fn what_is_not_a_database_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notes.txt");
    fs::write(
        &file,
        "these are not the rows you are looking for\n".repeat(50),
    )
    .expect("writable");
    let error = Store::open(&file).err().expect("it is refused").to_string();
    assert!(
        error.contains("notes.txt") && error.contains("not a database"),
        "{error}"
    );

    let below_a_file = file.join("vayu.db");
    let error = Store::open(&below_a_file)
        .err()
        .expect("no folder there")
        .to_string();
    assert!(error.contains("notes.txt/vayu.db"), "{error}");
}
