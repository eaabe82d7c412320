//! Tests of the writer with hand-made batches, and on a full disk.

use crossbeam_channel::bounded;

use super::*;
use crate::store::connection::open_first;
use crate::store::losses::LostRows;
use crate::store::queue::awaited as ticket;
use crate::store::results::ResultBatch;
use crate::store::run_rows::Ending;
use crate::store::spill;
use crate::store::testing::{finished, new_results, new_run};
use crate::store::{RunStatus, Store};

fn rows_of(run_id: &str, count: i64) -> Job {
    Job::Results(ResultBatch {
        run_id: run_id.to_owned(),
        rows: new_results(0, count),
    })
}

#[test]
fn a_full_disk_fails_its_transaction_and_not_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let mut connection = open_first(&path).expect("a new database");
    connection
        .batch_execute("PRAGMA max_page_count = 40")
        .expect("it is smaller");
    let backlog = Arc::new(Backlog::default());
    let (_, jobs) = bounded(0);
    let mut writer = Writer::new(&path, connection, jobs, Arc::clone(&backlog));

    let (run, made) = ticket(Job::InsertRun(Box::new(new_run("a", 1))));
    writer.commit(vec![run]);
    assert_eq!(made.recv(), Ok(Ok(1)));

    let (rows, written) = ticket(rows_of("a", 10_000));
    let (flush, flushed) = ticket(Job::Flush);
    writer.commit(vec![rows, flush]);
    let full = StoreError::Database("database or disk is full".to_owned());
    assert_eq!(written.recv(), Ok(Err(full.clone())));
    assert_eq!(flushed.recv(), Ok(Err(full)));
    let lost = LostRows {
        results: 10_000,
        metrics: 0,
        ..LostRows::default()
    };
    assert_eq!(backlog.losses.of("a"), lost);

    // The page limit applied to the failed connection only.
    let (rows, written) = ticket(rows_of("a", 10_000));
    writer.commit(vec![rows]);
    assert_eq!(written.recv(), Ok(Ok(10_000)));
}

#[test]
fn a_batch_ends_when_the_transaction_is_large_enough() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let connection = open_first(&path).expect("a new database");
    let (sender, jobs) = bounded(8);
    let writer = Writer::new(&path, connection, jobs, Arc::default());
    let half = ROWS_PER_TRANSACTION as i64 / 2;
    for _ in 0..3 {
        sender
            .send(ticket(rows_of("a", half)).0)
            .expect("there is room");
    }
    let first = ticket(Job::Flush).0;
    assert_eq!(writer.gather(first).len(), 3);
    assert_eq!(writer.jobs.len(), 1);
}

#[test]
fn each_waiting_caller_gets_its_own_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let connection = open_first(&path).expect("a new database");
    let (_, jobs) = bounded(0);
    let mut writer = Writer::new(&path, connection, jobs, Arc::default());
    let (batch, answers): (Vec<_>, Vec<_>) = ["a", "b", "a", "c"]
        .map(|id| ticket(Job::InsertRun(Box::new(new_run(id, 1)))))
        .into_iter()
        .unzip();
    writer.commit(batch);
    let duplicate = Err(StoreError::DuplicateRun("a".to_owned()));
    let answers: Vec<_> = answers.iter().map(|answer| answer.recv()).collect();
    assert_eq!(answers, [Ok(Ok(1)), Ok(Ok(1)), Ok(duplicate), Ok(Ok(1))]);
}

#[test]
fn a_deletion_on_a_full_disk_uses_the_reserve_and_gives_the_room_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let reserve = folder.path().join("vayu.reserve");
    let connection = open_first(&path).expect("a new database");
    let (_, jobs) = bounded(0);
    let mut writer = Writer::new(&path, connection, jobs, Arc::default());
    assert!(!writer.tidy_up(), "there is nothing to give back");
    assert!(reserve.exists());
    let (run, _made) = ticket(Job::InsertRun(Box::new(new_run("a", 1))));
    let (rows, _stored) = ticket(rows_of("a", 20_000));
    writer.commit(vec![run, rows]);
    writer.checkpoint();
    let size = || std::fs::metadata(&path).expect("it is there").len();
    let before = size();
    // The file cannot grow by a page. A deletion needs pages, to record which pages are free.
    let full = "PRAGMA max_page_count = 1";
    let connection = writer.connection().ok().expect("it is open");
    connection.batch_execute(full).expect("as small as it is");
    let (more, refused) = ticket(rows_of("a", 20_000));
    writer.commit(vec![more]);
    let error = refused.recv().expect("an answer").expect_err("it is full");
    assert!(room::is_full(&error), "{error}");
    assert!(reserve.exists(), "rows are not worth it");

    let connection = writer.connection().ok().expect("it is open anew");
    connection.batch_execute(full).expect("as small as it is");
    let (run, made) = ticket(Job::InsertRun(Box::new(new_run("b", 1))));
    let (rows, _stored) = ticket(rows_of("b", 20_000));
    let (deletion, deleted) = ticket(Job::DeleteRun {
        run_id: "a".to_owned(),
    });
    writer.commit(vec![run, rows, deletion]);
    assert_eq!(deleted.recv().expect("an answer"), Ok(1));
    assert_eq!(made.recv().expect("an answer"), Ok(1));
    assert!(!reserve.exists());
    let (deletion, _deleted) = ticket(Job::DeleteRun {
        run_id: "b".to_owned(),
    });
    writer.commit(vec![deletion]);
    let steps = (0..1_000).find(|_| !writer.tidy_up());
    assert!(steps.is_some(), "it comes to an end");
    assert!(size() < before / 2, "{} of {before}", size());
    assert!(reserve.exists());
}

/// Returns a writer whose database cannot grow and that has no reserve, after the end of run `a` was refused.
fn refused_end(path: &Path) -> Writer {
    let connection = open_first(path).expect("a new database");
    let (_, jobs) = bounded(0);
    let mut writer = Writer::new(path, connection, jobs, Arc::default());
    writer.spill.fill();
    let (runs, _made): (Vec<_>, Vec<_>) = ["a", "b"]
        .map(|id| ticket(Job::InsertRun(Box::new(new_run(id, 1)))))
        .into_iter()
        .unzip();
    writer.commit(runs);
    for _ in 0..2 {
        let connection = writer.connection().ok().expect("it is open");
        let full = "PRAGMA max_page_count = 1; PRAGMA cache_spill = 0";
        connection.batch_execute(full).expect("as small as it is");
        let mut large = finished("a", 7);
        let histograms = &mut large.measured.as_mut().expect("it is there").histograms;
        histograms[0].histogram = vec![1; 100_000];
        let (end, refused) = ticket(Job::Finish(Box::new(Ending::new(large))));
        writer.commit(vec![end]);
        let error = refused.recv().expect("an answer").expect_err("it is full");
        assert!(room::is_full(&error), "{error}");
    }
    writer
}

#[test]
fn an_end_that_found_no_room_is_stored_by_who_opens_the_database_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    drop(refused_end(&path));
    // A line that was truncated.
    let spill = path.with_extension("spill");
    let mut bytes = std::fs::read(&spill).expect("it is there");
    let end = bytes.iter().position(|byte| *byte == 0).expect("an end");
    let half: Vec<u8> = bytes[..end / 2].to_vec();
    bytes[end..end + half.len()].copy_from_slice(&half);
    std::fs::write(&spill, bytes).expect("it can be written");

    for _ in 0..2 {
        let store = Store::open(&path).expect("it opens");
        let run = store.run("a").expect("it is read").expect("it is there");
        assert_eq!(
            (run.status, run.end_time),
            (RunStatus::Completed, Some(5_000))
        );
        let summary = store.summary("a").expect("it is read");
        assert_eq!(summary.map(|summary| summary.accounting.issued), Some(7));
        let other = store.run("b").expect("it is read").expect("it is there");
        assert_eq!(other.status, RunStatus::Failed);
        store.close();
        assert_eq!(spill::left(&path).expect("it is read").len(), 0);
    }
}

#[test]
fn an_end_that_was_kept_is_forgotten_once_it_is_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let mut writer = refused_end(&path);
    assert_eq!(spill::left(&path).expect("it is read").len(), 1, "once");
    // The page limit applied to the failed connection only.
    let (end, stored) = ticket(Job::Finish(Box::new(Ending::new(finished("a", 7)))));
    writer.commit(vec![end]);
    assert_eq!(stored.recv(), Ok(Ok(1)));
    assert_eq!(spill::left(&path).expect("it is read").len(), 0);
}

#[test]
fn a_database_that_could_not_give_room_back_can_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vayu.db");
    let name = path.to_str().expect("UTF-8");
    let mut old = SqliteConnection::establish(name).expect("a new database");
    old.batch_execute("CREATE TABLE kept (a); INSERT INTO kept VALUES (7)")
        .expect("it is empty");
    drop(old);
    for _ in 0..2 {
        let mut connection = open_first(&path).expect("it is no other's");
        let ask = |connection: &mut SqliteConnection, what| {
            diesel::dsl::sql::<diesel::sql_types::BigInt>(what).get_result::<i64>(connection)
        };
        let mode = ask(
            &mut connection,
            "SELECT auto_vacuum FROM pragma_auto_vacuum",
        );
        assert_eq!(mode, Ok(2));
        assert_eq!(ask(&mut connection, "SELECT a FROM kept"), Ok(7));
    }
}
