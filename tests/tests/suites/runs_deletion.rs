//! Lists that refuse unknown parameters, runs found by time, name and verdict, and bulk deletion of runs.

use serde_json::{Value, json};
use vayu_tests::{Answer, Database, Engine, Origin, RunHandle, refused};

fn started(engine: &Engine, origin: &Origin, comment: &str) -> RunHandle {
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")}, "comment": comment,
        "mode": "iterations", "iterations": 3, "concurrency": 1
    }));
    let _ = run.finish();
    run
}

fn ids(answer: &Answer) -> Vec<&str> {
    let runs = answer.body.as_array().expect("an array").iter();
    runs.filter_map(|run| run["id"].as_str()).collect()
}

fn texts<'a>(answer: &'a Answer, field: &str) -> Vec<&'a str> {
    let list = answer.body[field].as_array().expect("a list").iter();
    list.filter_map(Value::as_str).collect()
}

#[test]
fn lists_refuse_parameters_they_do_not_know() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = started(&engine, &origin, "");
    let run = format!("/run/{}", run.id);
    for (path, names) in [
        ("/runs".to_owned(), "`startedBefore`"),
        (format!("{run}/results"), "`outcome`"),
        (format!("{run}/histogram"), "`metric`"),
        (run.replace("/run/", "/stats/"), "`format`"),
        ("/collections".to_owned(), "it has none"),
        ("/environments".to_owned(), "it has none"),
        ("/requests".to_owned(), "`collectionId`"),
        ("/cookies".to_owned(), "`environmentId`"),
    ] {
        let answer = engine.get(&format!("{path}?before=1"));
        refused(
            &answer,
            400,
            "INVALID_REQUEST",
            "`before` is not a parameter",
        );
        assert!(answer.message().contains(names), "{answer:?}");
    }
    let answer = engine.delete("/cookies?domian=example.com");
    refused(&answer, 400, "INVALID_REQUEST", "`domian`");
    let answer = engine.delete("/runs?type=load&limit=1");
    refused(&answer, 400, "INVALID_REQUEST", "`limit`");
}

#[test]
fn the_manager_may_send_what_nobody_knows() {
    let engine = Engine::with(&["--cpus", "0", "--dialect", "manager"]);
    for path in [
        "/runs?t=1",
        "/collections?t=1",
        "/requests?collectionId=c&t=1",
    ] {
        assert_eq!(engine.get(path).status, 200, "{path}");
    }
    for path in ["/runs?type=design&before=1", "/cookies?domian=a"] {
        let answer = engine.delete(path);
        refused(&answer, 400, "INVALID_REQUEST", "is not a parameter");
    }
}

#[test]
fn runs_are_found_by_time_name_and_verdict() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let runs = ["Checkout, before", "checkout, after", "50 % of Übung"]
        .map(|comment| started(&engine, &origin, comment));
    let [first, second, third] = runs.each_ref().map(|run| run.id.as_str());
    let design = engine.post(
        "/request",
        &json!({"method": "GET", "url": origin.url("/")}),
    );
    let design = design.body["runId"].as_str().expect("an id").to_owned();
    let begun = runs[1].show()["startTime"].as_i64().expect("a time");
    let later = format!("startedAfter={begun}");
    let earlier = format!("startedBefore={begun}");
    let verdicts = |wanted: &str| -> Vec<&str> {
        let runs = runs.iter().rev();
        let judged = runs.filter(|run| run.report()["verdict"]["status"] == wanted);
        judged.map(|run| run.id.as_str()).collect()
    };
    for (query, expected) in [
        ("name=CHECKOUT", vec![second, first]),
        ("name=checkout%2C%20after", vec![second]),
        ("name=%25+of", vec![third]),
        ("name=%25", vec![third]),
        ("name=_", vec![]),
        ("name='", vec![]),
        (&later, vec![&design, third, second]),
        (&earlier, vec![first]),
        (&format!("{later}&name=checkout"), vec![second]),
        (
            "startedAfter=2020-01-01T00:00:00Z&type=design",
            vec![&design],
        ),
        ("startedBefore=2020-01-01T00:00:00Z", vec![]),
        ("startedAfter=2999-01-01T00:00:00%2B01:00", vec![]),
        ("verdict=valid", verdicts("valid")),
        ("verdict=suspect", verdicts("suspect")),
        ("verdict=invalid", verdicts("invalid")),
    ] {
        assert_eq!(
            ids(&engine.get(&format!("/runs?{query}"))),
            expected,
            "{query}"
        );
        let page = engine.get(&format!("/runs?limit=1&{query}")).body;
        assert_eq!(page["pagination"]["total"], expected.len(), "{query}");
    }
    for (query, part) in [
        ("verdict=good", "`verdict` is \"good\""),
        ("startedAfter=yesterday", "`startedAfter` is \"yesterday\""),
        ("startedBefore=-1", "`startedBefore` is \"-1\""),
        ("name=", "`name` is empty"),
    ] {
        for answer in [
            engine.get(&format!("/runs?{query}")),
            engine.delete(&format!("/runs?{query}")),
        ] {
            refused(&answer, 400, "INVALID_REQUEST", part);
        }
    }
    assert_eq!(ids(&engine.get("/runs")).len(), 4, "nothing was deleted");
}

#[test]
fn many_runs_are_deleted_by_filter_and_a_dry_run_says_which() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let request = json!({"method": "GET", "url": origin.url("/")});
    // More than fit in one transaction.
    let designs: Vec<String> = (0..45)
        .map(|_| engine.post("/request", &request).body["runId"].to_string())
        .map(|id| id.trim_matches('"').to_owned())
        .collect();
    let kept = started(&engine, &origin, "kept");
    let active = engine.run(&json!({
        "request": request, "mode": "constant", "duration": "60s", "targetRps": 1,
        "comment": "goes on"
    }));
    for without_filter in ["/runs", "/runs?dryRun=true", "/runs?dryRun=false"] {
        refused(
            &engine.delete(without_filter),
            400,
            "INVALID_REQUEST",
            "`startedBefore`",
        );
    }
    let newest_first: Vec<&str> = designs.iter().rev().map(String::as_str).collect();
    let dry = engine.delete("/runs?type=design&dryRun=true");
    assert_eq!(
        (dry.status, &dry.body["dryRun"]),
        (200, &json!(true)),
        "{dry:?}"
    );
    assert_eq!(texts(&dry, "runIds"), newest_first);
    assert_eq!(ids(&engine.get("/runs")).len(), 47, "nothing is gone");
    let wet = engine.delete("/runs?type=design");
    assert_eq!(wet.body["deleted"], dry.body["deleted"]);
    assert_eq!(wet.body["deleted"]["runs"], 45);
    assert_eq!(wet.body["deleted"]["results"], 45);
    assert_eq!(texts(&wet, "runIds"), newest_first);
    assert_eq!(wet.body["dryRun"], false);
    let again = engine.delete("/runs?type=design");
    assert_eq!(again.body["deleted"]["runs"], 0, "{again:?}");
    let rest = engine.delete("/runs?startedAfter=0");
    assert_eq!(texts(&rest, "runIds"), [&kept.id]);
    assert_eq!(texts(&rest, "skipped"), [&active.id]);
    assert_eq!(ids(&engine.get("/runs")), [&active.id]);
    assert_eq!(active.stop().status, 200);
    let directory = engine.end();
    let database = Database::open(directory.path());
    assert_eq!(database.runs().len(), 1);
    for id in designs.iter().chain([&kept.id]) {
        assert!(
            database.results(id).is_empty(),
            "{id} left something behind"
        );
    }
}
