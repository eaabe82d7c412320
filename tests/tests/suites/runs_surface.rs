//! The list of runs, their results and series page by page, and deleting them.

use serde_json::{Value, json};
use vayu_tests::{Answer, Engine, Origin, RunHandle, count, number, print_line, raw};

fn iterations(url: &str, iterations: u64, request_id: &str) -> Value {
    json!({
        "request": {"method": "GET", "url": url}, "mode": "iterations",
        "iterations": iterations, "concurrency": 1, "requestId": request_id
    })
}

fn endless(url: &str) -> Value {
    json!({
        "request": {"method": "GET", "url": url},
        "mode": "constant", "duration": "60s", "concurrency": 1
    })
}

fn finished(engine: &Engine, body: &Value) -> RunHandle {
    let run = engine.run(body);
    let _ = run.finish();
    run
}

fn delete(engine: &Engine, path: &str) -> Answer {
    raw("DELETE", &engine.url(path), &[], "")
}

fn ids(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("an array").iter();
    list.filter_map(|run| run["id"].as_str()).collect()
}

#[test]
fn runs_are_filtered_and_paged() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let [a, b] = ["r1", "r2"].map(|id| finished(&engine, &iterations(&origin.url("/"), 1, id)));
    let c = engine.run(&endless(&origin.url("/delay/1000")));
    let _ = c.stop();
    let [a, b, c] = [&a, &b, &c].map(|run| run.id.as_str());
    for (query, expected) in [
        ("", &[c, b, a][..]),
        ("?type=load", &[c, b, a]),
        ("?type=design", &[]),
        ("?status=completed", &[b, a]),
        ("?status=stopped&type=load", &[c]),
        ("?requestId=r1", &[a]),
        ("?requestId=r1&status=stopped", &[]),
    ] {
        let answer = engine.get(&format!("/runs{query}"));
        assert_eq!(
            (answer.status, ids(&answer.body)),
            (200, expected.to_vec()),
            "{query}"
        );
    }
    for (query, expected, total, more) in [
        ("?limit=2", &[c, b][..], 3, true),
        ("?limit=2&offset=2", &[a], 3, false),
        ("?offset=1", &[b, a], 3, false),
        ("?limit=1&status=completed", &[b], 2, true),
        ("?limit=3&offset=9", &[], 3, false),
    ] {
        let answer = engine.get(&format!("/runs{query}"));
        assert_eq!(ids(&answer.body["data"]), expected, "{query}");
        let page = &answer.body["pagination"];
        let told = (&page["total"], &page["hasMore"], &page["returned"]);
        assert_eq!(
            told,
            (&json!(total), &json!(more), &json!(expected.len())),
            "{query}"
        );
    }
    assert_eq!(
        engine.get("/runs?limit=7&offset=1").body["pagination"]["limit"],
        7
    );
}

#[test]
fn wrong_parameters_are_named_with_the_right_ones() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = finished(&engine, &iterations(&origin.url("/"), 1, "r"));
    let (results, stats) = (
        format!("/run/{}/results", run.id),
        format!("/stats/{}", run.id),
    );
    for (path, query, words) in [
        (
            "/runs",
            "limit=0",
            "`limit` is \"0\"; expected a whole number from 1 to 10000",
        ),
        (
            "/runs",
            "offset=-1",
            "`offset` is \"-1\"; expected a whole number from 0",
        ),
        ("/runs", "limit=1&limit=2", "`limit` is there twice"),
        (
            "/runs",
            "type=loud",
            "`type` is \"loud\"; expected one of \"design\", \"load\"",
        ),
        (
            "/runs",
            "status=done",
            "`status` is \"done\"; expected one of \"pending\", \"running\", ",
        ),
        ("/runs", "requestId=", "`requestId` is empty"),
        (
            &results,
            "limit=1001",
            "`limit` is \"1001\"; expected a whole number from 1 to 1000",
        ),
        (
            &results,
            "outcome=bad",
            "`outcome` is \"bad\"; expected one of \"success\", \"error\"",
        ),
        (
            &stats,
            "format=xml",
            "`format` is \"xml\"; expected one of \"sse\", \"json\"",
        ),
        (
            &stats,
            "format=json&limit=ten",
            "`limit` is \"ten\"; expected a whole number",
        ),
    ] {
        let answer = engine.get(&format!("{path}?{query}"));
        let told = (answer.status, answer.code());
        assert_eq!(told, (400, "INVALID_REQUEST"), "{path}?{query}: {answer:?}");
        assert!(
            answer.message().contains(words),
            "{path}?{query}: {}",
            answer.message()
        );
    }
}

#[test]
fn unknown_runs_and_wrong_methods_are_told() {
    let engine = Engine::start();
    for (method, path) in [
        ("DELETE", "/run/run_1"),
        ("GET", "/run/run_1/results"),
        ("GET", "/stats/run_1?format=json"),
        ("GET", "/metrics/live/run_1"),
    ] {
        let answer = raw(method, &engine.url(path), &[], "");
        let told = (answer.status, answer.code());
        assert_eq!(told, (404, "RUN_NOT_FOUND"), "{method} {path}");
    }
    for (method, path, allow) in [
        ("POST", "/runs", "GET, DELETE"),
        ("PUT", "/run/run_1", "GET, DELETE"),
        ("DELETE", "/run/run_1/results", "GET"),
        ("POST", "/stats/run_1", "GET"),
        ("POST", "/metrics/live/run_1", "GET"),
        ("DELETE", "/config", "GET, POST"),
        ("POST", "/metrics", "GET"),
        ("GET", "/run", "POST"),
    ] {
        let answer = raw(method, &engine.url(path), &[], "");
        let told = (answer.status, answer.code(), answer.header("allow"));
        assert_eq!(
            told,
            (405, "METHOD_NOT_ALLOWED", Some(allow)),
            "{method} {path}"
        );
    }
}

#[test]
fn a_run_is_deleted_once_and_not_while_it_goes_on() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let active = engine.run(&endless(&origin.url("/delay/1000")));
    let path = format!("/run/{}", active.id);
    let refused = delete(&engine, &path);
    assert_eq!(
        (refused.status, refused.code()),
        (409, "RUN_ACTIVE"),
        "{refused:?}"
    );
    assert!(refused.message().contains("stop it first"), "{refused:?}");
    while origin.requests() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(active.stop().body["status"], "stopped");
    let kept = finished(&engine, &iterations(&origin.url("/"), 3, "r"));
    let results = engine.get(&format!("{path}/results?limit=1"));
    let stored = count(&results.body, "pagination/total");
    assert!(stored > 0, "{results:?}");
    let deleted = delete(&engine, &path);
    let body = &deleted.body;
    let told = (deleted.status, &body["status"], &body["runId"]);
    assert_eq!(
        told,
        (200, &json!("deleted"), &json!(active.id)),
        "{deleted:?}"
    );
    assert_eq!(
        (count(body, "deleted/runs"), count(body, "deleted/results")),
        (1, stored)
    );
    assert!(count(body, "deleted/metrics") >= 6, "{deleted:?}");
    for path in [
        path.clone(),
        format!("{path}/report"),
        format!("{path}/results"),
    ] {
        assert_eq!(engine.get(&path).status, 404, "{path}");
    }
    assert_eq!(delete(&engine, &path).status, 404, "the second time");
    assert_eq!(ids(&engine.get("/runs").body), [kept.id.as_str()]);
    let rest = engine.get(&format!("/run/{}/results", kept.id));
    assert_eq!(count(&rest.body, "pagination/total"), 3);
}

#[test]
fn results_are_paged_by_outcome_and_their_traces_are_json() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let mut body = iterations(&origin.url("/status/503"), 5, "r");
    body["save_timing_breakdown"] = json!(true);
    let failed = finished(&engine, &body);
    let good = finished(&engine, &iterations(&origin.url("/"), 7, "r"));
    for (run, query, returned, total, more) in [
        (&failed, "", 5, 5, false),
        (&failed, "?outcome=error&limit=2", 2, 5, true),
        (&failed, "?outcome=error&limit=2&offset=4", 1, 5, false),
        (&failed, "?outcome=success", 0, 0, false),
        (&good, "?outcome=success&offset=6", 1, 7, false),
        (&good, "?outcome=error", 0, 0, false),
    ] {
        let answer = engine.get(&format!("/run/{}/results{query}", run.id));
        let (data, page) = (&answer.body["data"], &answer.body["pagination"]);
        assert_eq!(
            data.as_array().map(Vec::len),
            Some(returned),
            "{query}: {answer:?}"
        );
        let told = (&page["total"], &page["hasMore"], &page["returned"]);
        assert_eq!(
            told,
            (&json!(total), &json!(more), &json!(returned)),
            "{query}"
        );
    }
    let first = &engine.get(&format!("/run/{}/results", failed.id)).body["data"][0];
    let keys: Vec<&String> = first.as_object().expect("an object").keys().collect();
    let documented = [
        "id",
        "timestamp",
        "statusCode",
        "latencyMs",
        "error",
        "errorDetail",
        "trace",
    ];
    assert_eq!(keys, documented);
    assert_eq!(
        (&first["statusCode"], &first["error"]),
        (&json!(503), &Value::Null)
    );
    assert!(first["trace"]["response"]["headers"].is_object(), "{first}");
    assert!(number(first, "trace/timing/total_ms") > 0.0, "{first}");
}

#[test]
fn the_series_has_an_entry_per_second_and_its_totals_are_exact() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/status/404")},
        "mode": "constant", "duration": "2500ms", "targetRps": 100
    }));
    let path = format!("/stats/{}?format=json", run.id);
    let empty = engine.get(&path);
    assert_eq!(
        (empty.status, count(&empty.body, "pagination/total")),
        (200, 0),
        "{empty:?}"
    );
    std::thread::sleep(std::time::Duration::from_millis(1_900));
    let early = count(&engine.get(&path).body, "pagination/total");
    assert!((1..=2).contains(&early), "{early} seconds after 1.9 s");
    let report = run.finish();
    let all = engine.get(&path).body;
    let data = all["data"].as_array().expect("an array");
    assert_eq!(data.len(), 3, "{all:#}");
    for (entry, elapsed) in data.iter().zip([1.0, 2.0, 2.5]) {
        assert!(
            (number(entry, "elapsed_seconds") - elapsed).abs() < 0.1,
            "{entry}"
        );
        assert_eq!(entry["current_rps"], entry["throughput"], "{entry}");
        assert_eq!(entry.get("partial").is_some(), elapsed == 2.5, "{entry}");
        assert!(
            (50.0..200.0).contains(&number(entry, "send_rate")),
            "{entry}"
        );
        assert!(number(entry, "interval_latency_p99") > 0.0, "{entry}");
        assert_eq!(number(entry, "backpressure"), 0.0, "{entry}");
        assert!(number(entry, "current_concurrency") >= 0.0, "{entry}");
    }
    let last = &data[2];
    assert_eq!(
        number(last, "requests_completed"),
        number(&report, "summary/totalRequests")
    );
    assert_eq!(
        number(last, "requests_failed"),
        number(&report, "summary/failedRequests")
    );
    assert_eq!(number(last, "requests_completed"), 250.0);
    let page = engine.get(&format!("{path}&limit=1&offset=1")).body;
    assert_eq!(page["data"], json!([data[1]]));
    let expected = json!({"total": 3, "limit": 1, "offset": 1, "hasMore": true, "returned": 1});
    assert_eq!(page["pagination"], expected);
}

#[test]
fn a_run_of_whole_seconds_has_as_many_entries() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = finished(
        &engine,
        &json!({
            "request": {"method": "GET", "url": origin.url("/")},
            "mode": "constant", "duration": "1s", "targetRps": 20
        }),
    );
    let data = engine.get(&format!("/stats/{}?format=json", run.id)).body;
    let entries = data["data"].as_array().expect("an array");
    // The response to the last arrival may come after the end of the second.
    assert!((1..=2).contains(&entries.len()), "{data:#}");
    let stamps: Vec<i64> = entries
        .iter()
        .filter_map(|entry| entry["timestamp"].as_i64())
        .collect();
    assert!(
        stamps.windows(2).all(|pair| pair[0] < pair[1]),
        "{stamps:?}"
    );
    print_line(&format!("a run of 1 s: {} entries", entries.len()));
}
