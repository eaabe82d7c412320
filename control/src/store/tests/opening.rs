//! Files that are new, old, foreign, from the future or left by a crash.

use std::fs;

use diesel::connection::SimpleConnection;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::query_builder::AsQuery;
use diesel::sql_types::Binary;
use diesel_migrations::MigrationHarness;

use crate::store::connection::{MIGRATIONS, open_first, open_writer};
use crate::store::testing::{TestStore, new_metric, new_results, new_run};
use crate::store::{FinishedRun, RunFilter, RunStatus, Store, StoreError, schema};

#[test]
fn migrations_go_up_down_and_up_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection = open_first(&folder.path().join("vayu.db")).expect("a new database");
    let reverted = connection.revert_all_migrations(MIGRATIONS);
    assert_eq!(reverted.expect("all have a way back").len(), 2);
    let applied = connection.run_pending_migrations(MIGRATIONS);
    assert_eq!(applied.expect("nothing is in the way").len(), 2);
}

/// A database of the first version, with a finished run in it.
#[test]
fn histograms_of_the_first_version_are_carried_over_and_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let mut connection = open_first(&path).expect("a new database");
    connection
        .revert_last_migration(MIGRATIONS)
        .expect("it has a way back");
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
    connection
        .revert_last_migration(MIGRATIONS)
        .expect("it has a way back");
    let column = sql::<Binary>("service_histogram FROM run_summaries");
    let kept: Vec<Vec<u8>> = diesel::select(column)
        .load(&mut connection)
        .expect("the first schema");
    assert_eq!(kept, [vec![2, 3]]);
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
    is_empty!(collections requests environments globals runs run_summaries run_histograms run_intervals results metrics kv_store);
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
        assert_eq!(reason, "the engine stopped while the run was going on");
        assert!(run.end_time.expect("it is over") > run.start_time);
    }
    let run = reopened.run("stopped").expect("readable").expect("stored");
    assert_eq!((run.status, run.end_time), (RunStatus::Stopped, None));
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
