//! Tests of writing and reading runs and settings.

use crate::summary::RunSummary;

use crate::store::testing::{TestStore, new_metric, new_results, new_run};
use crate::store::{
    FinishedRun, MeasuredColumns, NamedHistogram, RunFilter, RunRows, RunStatus, RunType,
    StoreError,
};

fn finished(id: &str) -> FinishedRun {
    let summary = RunSummary {
        elapsed_ns: 7,
        statuses: [(200, 3), (503, 1)].into(),
        ..RunSummary::default()
    };
    let named = |name: &str, histogram| NamedHistogram {
        name: name.to_owned(),
        histogram,
    };
    let histograms = vec![
        named("response", vec![1, 0, 255]),
        named("scheduleLag", vec![]),
    ];
    FinishedRun {
        id: id.to_owned(),
        status: RunStatus::Failed,
        end_time: 2000,
        reason: Some("a shard died".to_owned()),
        measured: Some(MeasuredColumns {
            summary,
            histograms,
        }),
    }
}

#[test]
fn a_run_is_made_followed_and_finished() {
    let test = TestStore::new();
    let mut run = new_run("a", 1000);
    run.request_id = Some("no such request".to_owned());
    test.store.insert_run(run).expect("a new id");
    test.store
        .set_run_status("a", RunStatus::Running)
        .expect("it exists");
    let run = test.store.run("a").expect("readable").expect("stored");
    assert_eq!((run.status, run.end_time), (RunStatus::Running, None));
    assert_eq!(test.store.summary("a"), Ok(None));

    let finish = finished("a");
    let measured = finish.measured.clone().expect("given above");
    test.store.finish_run(finish).expect("it exists");
    let run = test.store.run("a").expect("readable").expect("stored");
    assert_eq!((run.status, run.end_time), (RunStatus::Failed, Some(2000)));
    assert_eq!(run.reason.as_deref(), Some("a shard died"));
    assert_eq!(run.request_id.as_deref(), Some("no such request"));
    assert_eq!(test.store.summary("a"), Ok(Some(measured.summary)));
    assert_eq!(test.store.histograms("a"), Ok(measured.histograms));
}

#[test]
fn ids_taken_and_unknown_are_told_apart() {
    let test = TestStore::new();
    test.add_run("a");
    let duplicate = StoreError::DuplicateRun("a".to_owned());
    assert_eq!(test.store.insert_run(new_run("a", 5)), Err(duplicate));
    let unknown = StoreError::UnknownRun("b".to_owned());
    assert_eq!(
        test.store.set_run_status("b", RunStatus::Running),
        Err(unknown.clone())
    );
    assert_eq!(test.store.finish_run(finished("b")), Err(unknown));
    assert_eq!(test.store.run("b"), Ok(None));
    assert_eq!(test.store.summary("b"), Ok(None));
    assert_eq!(test.store.histograms("b"), Ok(Vec::new()));
}

#[test]
fn runs_are_listed_newest_first_page_by_page() {
    let test = TestStore::new();
    for (id, start_time) in [("b", 2), ("a", 1), ("d", 3), ("c", 3)] {
        test.store
            .insert_run(new_run(id, start_time))
            .expect("a new id");
    }
    let ids = |limit, offset| {
        let filter = RunFilter {
            limit,
            offset,
            ..RunFilter::default()
        };
        let runs = test.store.runs(&filter).expect("readable");
        runs.into_iter().map(|run| run.id).collect::<String>()
    };
    assert_eq!(ids(None, 0), "dcba");
    assert_eq!(ids(None, 1), "cba");
    assert_eq!(ids(Some(2), 1), "cb");
    assert_eq!(ids(Some(2), 4), "");
    assert_eq!(ids(Some(0), 0), "");
}

#[test]
fn runs_are_listed_by_type_status_and_request() {
    let test = TestStore::new();
    for (id, kind, status, request) in [
        ("a", RunType::Load, RunStatus::Completed, "r1"),
        ("b", RunType::Design, RunStatus::Completed, "r1"),
        ("c", RunType::Design, RunStatus::Stopped, "r2"),
    ] {
        let mut run = new_run(id, 1);
        (run.kind, run.status, run.request_id) = (kind, status, Some(request.to_owned()));
        test.store.insert_run(run).expect("a new id");
    }
    let ids = |kind, status, request: Option<&str>| {
        let filter = RunFilter {
            kind,
            status,
            request_id: request.map(str::to_owned),
            ..RunFilter::default()
        };
        let runs = test.store.runs(&filter).expect("readable");
        runs.into_iter().map(|run| run.id).collect::<String>()
    };
    assert_eq!(ids(Some(RunType::Design), None, None), "cb");
    assert_eq!(ids(None, Some(RunStatus::Completed), None), "ba");
    assert_eq!(ids(None, None, Some("r1")), "ba");
    assert_eq!(
        ids(
            Some(RunType::Design),
            Some(RunStatus::Completed),
            Some("r1")
        ),
        "b"
    );
    assert_eq!(ids(None, Some(RunStatus::Running), None), "");
    let page = RunFilter {
        limit: Some(1),
        offset: 1,
        request_id: Some("r1".to_owned()),
        ..RunFilter::default()
    };
    let (runs, total) = test.store.runs_counted(&page).expect("readable");
    assert_eq!((runs.len(), runs[0].id.as_str(), total), (1, "a", 2));
}

#[test]
fn a_deleted_run_takes_everything_with_it() {
    let test = TestStore::new();
    test.add_run("a");
    test.add_run("b");
    for id in ["a", "b"] {
        let _ = test.store.queue_results(id, new_results(0, 10));
        let _ = test
            .store
            .queue_metrics(id, vec![new_metric(test.store.next_metric_id())]);
        test.store.finish_run(finished(id)).expect("it exists");
    }
    let rows = RunRows {
        results: 10,
        metrics: 1,
    };
    assert_eq!(test.store.run_rows("a"), Ok(rows));
    assert_eq!(test.store.delete_run("a"), Ok(true));
    assert_eq!(test.store.run_rows("a"), Ok(RunRows::default()));
    assert_eq!(test.store.delete_run("a"), Ok(false));
    assert_eq!(test.store.run("a"), Ok(None));
    assert_eq!(test.store.summary("a"), Ok(None));
    assert_eq!(test.store.count_results("a", None), Ok(0));
    assert_eq!(test.store.metrics_after("a", 0, 10), Ok(vec![]));
    assert_eq!(test.store.count_results("b", None), Ok(10));
    assert_eq!(
        test.store
            .metrics_after("b", 0, 10)
            .expect("readable")
            .len(),
        1
    );
}

#[test]
fn settings_are_replaced_and_outlive_the_store() {
    let test = TestStore::new();
    assert_eq!(test.store.settings(), Ok([].into()));
    let settings = |pairs: &[(&str, &str)]| {
        let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        pairs.iter().map(owned).collect()
    };
    for step in [
        &[("workers", "2"), ("timeout", "30")][..],
        &[("workers", "4")],
    ] {
        test.store.put_settings(&settings(step)).expect("written");
    }
    let reopened = crate::store::Store::open(&test.path()).expect("it exists");
    let kept = reopened.settings().expect("readable");
    assert!(kept.values().all(|setting| setting.updated_at > 0));
    let kept = kept.into_iter().map(|(key, setting)| (key, setting.value));
    let kept: std::collections::BTreeMap<String, String> = kept.collect();
    assert_eq!(kept, settings(&[("timeout", "30"), ("workers", "4")]));
}

#[test]
fn states_and_their_names_are_inverse() {
    for status in RunStatus::ALL {
        assert_eq!(RunStatus::from_name(status.name()), Some(status));
    }
    for kind in RunType::ALL {
        assert_eq!(RunType::from_name(kind.name()), Some(kind));
    }
    assert_eq!(RunStatus::from_name("Pending"), None);
    assert_eq!(RunType::from_name(""), None);
}

#[test]
fn lists_show_the_beginning_of_what_is_long() {
    let test = TestStore::new();
    let body = "x".repeat(20_000);
    let snapshot = format!(
        r#"{{"name":"long","mode":"constant","request":{{"method":"POST","url":"http://a/","body":"{body}"}}}}"#
    );
    for (id, snapshot) in [
        ("long", snapshot.as_str()),
        ("short", "{\"a\":1}"),
        ("no_json", &body),
    ] {
        let mut run = new_run(id, 1000);
        snapshot.clone_into(&mut run.config_snapshot);
        test.store.insert_run(run).expect("a new id");
        let whole = test.store.run(id).expect("readable").expect("stored");
        assert_eq!(whole.config_snapshot, snapshot);
    }
    let listed = test.store.runs(&RunFilter::default()).expect("readable");
    let shown = |id: &str| {
        let run = listed.iter().find(|run| run.id == id).expect("listed");
        run.config_snapshot.clone()
    };
    assert_eq!(shown("short"), "{\"a\":1}");
    assert_eq!(shown("no_json"), body);
    let expected = format!(
        r#"{{"truncated":true,"bytes":{},"name":"long","mode":"constant","method":"POST","url":"http://a/"}}"#,
        snapshot.len()
    );
    assert_eq!(shown("long"), expected);
}

#[test]
fn whether_it_can_be_written_is_found_by_writing() {
    let test = TestStore::new();
    let short = std::time::Duration::from_millis(50);
    assert_eq!(
        test.store.try_write(std::time::Duration::from_secs(5)),
        Ok(())
    );
    let held = test.hold_writer();
    assert_eq!(test.store.try_write(short), Err(StoreError::Busy));
    drop(held);
    assert_eq!(
        test.store.try_write(std::time::Duration::from_secs(5)),
        Ok(())
    );
}
