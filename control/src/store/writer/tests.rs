//! The writer driven by hand: batches made to measure, and a disk that is full.

use crossbeam_channel::bounded;

use super::*;
use crate::store::connection::open_first;
use crate::store::losses::LostRows;
use crate::store::results::ResultBatch;
use crate::store::testing::{new_results, new_run};

fn ticket(job: Job) -> (Ticket, Receiver<Answer>) {
    let (reply, answer) = bounded(1);
    let ticket = Ticket {
        job,
        bytes: 0,
        reply: Some(reply),
    };
    (ticket, answer)
}

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

    // The bound belonged to the connection that failed.
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
