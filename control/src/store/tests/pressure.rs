//! Tests of a blocked writer, and of rows that cannot be written.

use std::time::Duration;

use crate::store::queue::{JOBS, RESULT_BYTES};
use crate::store::testing::{TestStore, new_metric, new_results};
use crate::store::{FinishedRun, LostRows, ResultFilter, RunStatus};

#[test]
fn a_full_queue_turns_rows_away_and_counts_them() {
    let test = TestStore::new();
    test.add_run("a");
    let hold = test.hold_writer();
    // The writer takes the waiting jobs before it waits for the lock. While it holds one job, it takes no
    // more.
    assert_eq!(
        test.store.queue_results("a", new_results(0, 2)).turned_away,
        0
    );
    std::thread::sleep(Duration::from_millis(200));
    let mut results = 0;
    for i in 1..JOBS {
        results += test
            .store
            .queue_results("a", new_results(i as i64, 2))
            .turned_away;
    }
    assert!(results > 0, "{JOBS} jobs of results found room");
    let metric = || vec![new_metric(test.store.next_metric_id())];
    assert_eq!(test.store.queue_metrics("a", metric()).turned_away, 0);
    let mut metrics = 0;
    for _ in 0..JOBS {
        metrics += test.store.queue_metrics("a", metric()).turned_away;
    }
    assert!(metrics > 0, "{JOBS} more jobs of metrics found room");
    let lost = LostRows {
        results: results as u64,
        metrics: metrics as u64,
        ..LostRows::default()
    };
    assert_eq!(test.store.lost_rows("a"), lost);

    drop(hold);
    test.store.flush().expect("the lock is gone");
    assert_eq!(test.store.lost_rows("a"), lost);
    let stored = test.store.count_results("a", None).expect("readable");
    assert_eq!(stored as usize, 2 * JOBS - results);
    let stored = test
        .store
        .metrics_after("a", 0, u32::MAX)
        .expect("readable");
    assert_eq!(stored.len(), JOBS + 1 - metrics);
}

#[test]
fn heavy_rows_are_turned_away_by_their_weight() {
    const TRACE: usize = 4 * 1024 * 1024;
    let test = TestStore::new();
    test.add_run("a");
    let heavy = || {
        let mut rows = new_results(0, 1);
        rows[0].trace = Some("x".repeat(TRACE));
        rows
    };
    let hold = test.hold_writer();
    let offered = 2 * RESULT_BYTES / TRACE;
    let away: usize = (0..offered)
        .map(|_| test.store.queue_results("a", heavy()).turned_away)
        .sum();
    assert_eq!(away, offered - RESULT_BYTES / TRACE);
    drop(hold);
    test.store.flush().expect("the lock is gone");
    assert_eq!(test.store.queue_results("a", heavy()).turned_away, 0);
}

#[test]
fn rows_of_a_deleted_run_harm_no_other() {
    let test = TestStore::new();
    test.add_run("a");
    test.add_run("b");
    let hold = test.hold_writer();
    // The first job is taken alone and waits for the lock; the others form one batch.
    let _ = test.store.queue_metrics("b", vec![new_metric(100)]);
    for from in [0, 10] {
        let _ = test.store.queue_results("a", new_results(from, 10));
        let _ = test.store.queue_results("gone", new_results(from, 7));
        let _ = test.store.queue_metrics("gone", vec![new_metric(from)]);
        let _ = test.store.queue_metrics("b", vec![new_metric(from + 1)]);
    }
    drop(hold);
    test.store.flush().expect("the thread lives");
    let rows = test
        .store
        .results(
            "a",
            ResultFilter {
                limit: 99,
                offset: 0,
                outcome: None,
            },
        )
        .expect("readable");
    assert!(
        rows.iter().map(|row| row.timestamp).eq(0..20),
        "all, once, in order"
    );
    assert_eq!(
        test.store.metrics_after("b", 0, 9).expect("readable").len(),
        3
    );
    let lost = LostRows {
        results: 14,
        metrics: 2,
        ..LostRows::default()
    };
    assert_eq!(test.store.lost_rows("gone"), lost);
    assert_eq!(test.store.lost_rows("a"), LostRows::default());
}

#[test]
fn the_losses_of_a_run_are_forgotten_when_it_ends() {
    let test = TestStore::new();
    test.add_run("a");
    let mut bad = vec![new_metric(1), new_metric(2)];
    bad[1].value = f64::NAN;
    let _ = test.store.queue_metrics("a", bad);
    test.store.flush().expect("the thread lives");
    assert_eq!(test.store.lost_rows("a").metrics, 2);
    assert_eq!(test.store.metrics_after("a", 0, 9), Ok(vec![]));
    let finish = FinishedRun {
        id: "a".to_owned(),
        status: RunStatus::Completed,
        end_time: 1,
        reason: None,
        measured: None,
    };
    test.store.finish_run(finish).expect("it exists");
    assert_eq!(test.store.lost_rows("a"), LostRows::default());
}
