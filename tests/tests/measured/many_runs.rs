//! Several runs at once, and many requests and runs in the database: counts stay exact, and reads stay fast.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_control::store::{
    FinishedRun, MeasuredColumns, NewResult, NewRun, RunStatus, RunType, Store,
};
use vayu_control::summary::{Accounting, RunSummary};
use vayu_tests::{Engine, Origin, assert_balanced, count, print_line, stream};

#[test]
fn three_runs_at_once_each_have_exact_counts() {
    let (engine, origin) = (Engine::with_shards(2), Origin::start());
    let request = |path: &str| json!({"method": "GET", "url": origin.url(path)});
    let bodies = [
        json!({"request": request("/headers"), "mode": "constant", "duration": "2s", "targetRps": 300}),
        json!({"request": request("/size/100"), "mode": "iterations", "iterations": 777, "concurrency": 3}),
        json!({"request": request("/status/404"), "mode": "constant", "duration": "2s", "concurrency": 2, "success_sample_rate": 0}),
    ];
    let runs = bodies.map(|body| engine.run(&body));
    for run in &runs {
        let events = stream(&engine.url(&format!("/stats/{}", run.id)), None);
        let foreign = events
            .iter()
            .find(|event| event.data["runId"] != run.id.as_str());
        assert!(foreign.is_none(), "{foreign:?} is not of {}", run.id);
    }
    let reports = runs.each_ref().map(|run| run.finish());
    let seen = origin.stats();
    for (report, route) in reports.iter().zip(["/headers", "/size", "/status"]) {
        assert_balanced(report);
        let issued = count(report, "accounting/issued");
        assert_eq!(
            seen["byPath"][route], issued,
            "{route}: {}",
            report["accounting"]
        );
        print_line(&format!(
            "{route}: {issued} requests, as the origin counted"
        ));
    }
    assert_eq!(count(&reports[0], "accounting/offered"), 600);
    assert_eq!(count(&reports[1], "summary/totalRequests"), 777);
    assert_eq!(reports[1]["statusCodes"], json!({"200": 777}));
    let answered = count(&reports[2], "accounting/answered");
    assert_eq!(reports[2]["statusCodes"], json!({"404": answered}));
}

/// Creates a database with many runs and one run of a million requests, a fifth of them stored.
fn fill(directory: &Path) {
    let store = Store::open(&directory.join("db").join("vayu.db")).expect("a new database");
    let run = |number: i64| NewRun {
        id: format!("run_{number}"),
        request_id: Some(format!("req_{}", number % 50)),
        environment_id: None,
        kind: RunType::Load,
        status: RunStatus::Completed,
        config_snapshot: "{}".into(),
        start_time: number,
    };
    for number in 0..1_000 {
        store.insert_run(run(number)).expect("a new id");
    }
    for batch in 0..200 {
        let rows = (0..1_000).map(|row| NewResult {
            timestamp: batch * 1_000 + row,
            status_code: if row == 0 { 503 } else { 200 },
            latency_ms: 1.5,
            error: None,
            error_detail: None,
            trace: None,
        });
        while store
            .queue_results("run_0", rows.clone().collect())
            .turned_away
            > 0
        {
            store.flush().expect("the file can be written");
        }
    }
    let summary = RunSummary {
        elapsed_ns: 10_000_000_000,
        statuses: [(200, 999_000), (503, 1_000)].into(),
        accounting: Accounting {
            offered: 1_000_000,
            issued: 1_000_000,
            answered: 1_000_000,
            ..Accounting::default()
        },
        ..RunSummary::default()
    };
    let finished = FinishedRun {
        id: "run_0".into(),
        status: RunStatus::Completed,
        end_time: 10_000,
        reason: None,
        measured: Some(MeasuredColumns {
            summary,
            histograms: Vec::new(),
        }),
    };
    store.finish_run(finished).expect("it exists");
    store.close();
}

/// Returns the fastest of ten responses, so that a busy machine does not matter.
fn quickest(engine: &Engine, path: &str) -> (Duration, Value) {
    let ask = || {
        let begun = Instant::now();
        let answer = engine.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        (begun.elapsed(), answer.body)
    };
    let answers = (0..10).map(|_| ask());
    answers.min_by_key(|(took, _)| *took).expect("ten answers")
}

#[test]
fn a_report_of_a_million_requests_and_pages_of_long_lists_take_milliseconds() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fill(directory.path());
    let engine = Engine::in_directory(directory, &["--cpus", "0"]);
    let tolerance = Duration::from_millis(50);
    for (path, pointer, expected) in [
        ("/run/run_0/report", "/summary/totalRequests", 1_000_000),
        ("/runs?limit=50&offset=900", "/pagination/total", 1_000),
        ("/runs?requestId=req_7", "/0/startTime", 957),
        (
            "/runs?limit=50&status=completed&type=load",
            "/pagination/total",
            1_000,
        ),
        ("/run/run_0/results?limit=100", "/pagination/total", 200_000),
        (
            "/run/run_0/results?outcome=error&limit=100&offset=100",
            "/pagination/total",
            200,
        ),
    ] {
        let (took, body) = quickest(&engine, path);
        print_line(&format!("{path}: {took:.1?}"));
        assert_eq!(body.pointer(pointer), Some(&json!(expected)), "{path}");
        assert!(took < tolerance, "{path} took {took:?}");
    }
}
