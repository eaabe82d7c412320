//! Tests of results and metrics: order, pages, filters, large numbers, readers.

use std::thread;

use crate::store::testing::{TestStore, new_metric, new_results};
use crate::store::{NewMetric, NewResult, ResultFilter, ResultOutcome};

fn page(limit: u32, offset: u32, outcome: Option<ResultOutcome>) -> ResultFilter {
    ResultFilter {
        limit,
        offset,
        outcome,
    }
}

#[test]
fn results_come_back_as_they_were() {
    let test = TestStore::new();
    test.add_run("a");
    let failed = NewResult {
        timestamp: 1_704_200_000_123,
        status_code: 0,
        latency_ms: 0.125,
        error: Some("timeout"),
        error_detail: Some("the response did not begin".to_owned()),
        trace: Some("{\"body\":\"\u{1F300}\"}".to_owned()),
    };
    let _ = test.store.queue_results("a", vec![failed.clone()]);
    test.store.flush().expect("written");
    let rows = test
        .store
        .results("a", page(10, 0, None))
        .expect("readable");
    let [row] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(row.timestamp, failed.timestamp);
    assert_eq!((row.status_code, row.latency_ms), (0, 0.125));
    assert_eq!(row.error.as_deref(), failed.error);
    assert_eq!(
        (&row.error_detail, &row.trace),
        (&failed.error_detail, &failed.trace)
    );
}

#[test]
fn results_are_paged_in_the_order_of_storing_and_told_apart() {
    let test = TestStore::new();
    test.add_run("a");
    let mut rows = new_results(0, 8);
    for (row, status) in rows.iter_mut().zip([200, 404, 301, 0, 199, 399, 400, 204]) {
        row.status_code = status;
        row.error = (status == 0).then_some("dns_failed");
    }
    let _ = test.store.queue_results("a", rows);
    test.store.flush().expect("written");
    let statuses = |limit, offset, outcome| -> Vec<i32> {
        let rows = test.store.results("a", page(limit, offset, outcome));
        rows.expect("readable")
            .iter()
            .map(|row| row.status_code)
            .collect()
    };
    assert_eq!(statuses(3, 2, None), [301, 0, 199]);
    assert_eq!(
        statuses(9, 0, Some(ResultOutcome::Success)),
        [200, 301, 399, 204]
    );
    assert_eq!(statuses(9, 1, Some(ResultOutcome::Error)), [0, 199, 400]);
    assert_eq!(test.store.count_results("a", None), Ok(8));
    assert_eq!(
        test.store.count_results("a", Some(ResultOutcome::Error)),
        Ok(4)
    );
    assert_eq!(
        test.store.count_results("a", Some(ResultOutcome::Success)),
        Ok(4)
    );
}

#[test]
fn metrics_are_read_from_a_number_on() {
    let test = TestStore::new();
    test.add_run("a");
    test.add_run("b");
    for id in 1..=10 {
        let run = if id % 2 == 0 { "a" } else { "b" };
        let _ = test.store.queue_metrics(run, vec![new_metric(id)]);
    }
    test.store.flush().expect("written");
    let ids = |after, limit| -> Vec<i64> {
        let rows = test
            .store
            .metrics_after("a", after, limit)
            .expect("readable");
        rows.iter().map(|metric| metric.id).collect()
    };
    assert_eq!(ids(0, 100), [2, 4, 6, 8, 10]);
    assert_eq!(ids(4, 2), [6, 8]);
    assert_eq!(ids(10, 100), [0; 0]);
    let first = &test.store.metrics_after("a", 0, 1).expect("readable")[0];
    assert_eq!(
        (first.timestamp, first.name.as_str(), first.value),
        (1002, "rps", 0.5)
    );
}

#[test]
fn steps_are_paged_whole() {
    let test = TestStore::new();
    test.add_run("a");
    let named = |id, name| NewMetric {
        name,
        ..new_metric(id)
    };
    let names = ["rps", "sent", "rps", "sent", "max", "rps", "sent", "done"];
    let rows = (1..).zip(names).map(|(id, name)| named(id, name));
    let _ = test.store.queue_metrics("a", rows.collect());
    test.store.flush().expect("written");
    let ids = |limit, offset| -> (Vec<i64>, i64) {
        let steps = test.store.metric_steps("a", "rps", limit, offset);
        let steps = steps.expect("readable");
        (steps.metrics.iter().map(|m| m.id).collect(), steps.total)
    };
    assert_eq!(ids(10, 0), ((1..=8).collect(), 3));
    assert_eq!(ids(1, 1), (vec![3, 4, 5], 3));
    assert_eq!(ids(2, 1), (vec![3, 4, 5, 6, 7, 8], 3));
    assert_eq!(ids(1, 3), (vec![], 3));
    assert_eq!(ids(0, 0), (vec![], 3));
}

#[test]
fn a_hundred_thousand_rows_are_counted_exactly_while_others_read() {
    const BATCHES: i64 = 100;
    const ROWS: i64 = 1000;
    let test = TestStore::new();
    test.add_run("a");
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut before = 0;
                while before < BATCHES * ROWS {
                    let now = test.store.count_results("a", None).expect("readable");
                    assert!(now >= before && now % ROWS == 0, "{before} then {now}");
                    before = now;
                }
            });
        }
        for batch in 0..BATCHES {
            let queued = test
                .store
                .queue_results("a", new_results(batch * ROWS, ROWS));
            assert_eq!(queued.turned_away, 0);
        }
    });
    let last = test
        .store
        .results("a", page(5, 99_999, None))
        .expect("readable");
    assert_eq!(
        last.iter().map(|row| row.timestamp).collect::<Vec<_>>(),
        [99_999]
    );
    assert_eq!(test.store.lost_rows("a").results, 0);
}
