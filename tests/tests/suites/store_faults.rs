//! The n-th write, sync or open of the database files fails in a session that saves, runs, deletes and ends:
//! nothing panics, and what was acknowledged is there afterwards. If the disk is full when a run ends, the
//! run is kept, even if the engine ends before there is space.
//!
//! A library that is loaded before the real engine (`tests/cases/faults/faulty_disk.c`) makes the calls fail.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_tests::{Answer, Database, Engine, Origin, Server, binary, print_line, raw};

/// Interval of the calls that are made to fail. `VAYU_FAULT_STEP=1` tests every one.
const STEP: usize = 23;
/// Approximate number of calls in a session: beyond it nothing fails.
const MOST: usize = 140;

fn shim(folder: &Path) -> PathBuf {
    let (source, library) = (
        Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/faults/faulty_disk.c"),
        folder.join("faulty_disk.so"),
    );
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status();
    assert!(built.is_ok_and(|status| status.success()), "cc fails");
    library
}

/// What was acknowledged in a session.
#[derive(Default)]
struct Acknowledged {
    saved: Vec<String>,
    deleted: Vec<String>,
    ended_runs: Vec<(String, u64)>,
}

fn ask(server: &Server, method: &str, path: &str, body: &Value) -> Answer {
    let url = format!("http://{}{path}", server.address);
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    raw(method, &url, &[], &body)
}

/// Saves, runs and deletes. Errors are treated like other responses.
fn session(server: &Server, origin: &Origin) -> Acknowledged {
    let mut told = Acknowledged::default();
    for number in 0..6 {
        let id = format!("c{number}");
        let saved = ask(
            server,
            "POST",
            "/collections",
            &json!({"id": id, "name": "kept"}),
        );
        if saved.status == 200 {
            told.saved.push(id);
        }
    }
    for id in ["c1", "c3"] {
        if ask(
            server,
            "DELETE",
            &format!("/collections/{id}"),
            &Value::Null,
        )
        .status
            == 200
        {
            told.deleted.push(id.to_owned());
        }
    }
    let run = json!({"request": {"method": "GET", "url": origin.url("/")}, "mode": "iterations",
        "iterations": 20, "concurrency": 2, "success_sample_rate": 100});
    let started = ask(server, "POST", "/run", &run);
    let Some(id) = started.body["runId"].as_str().map(str::to_owned) else {
        return told;
    };
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        let shown = ask(server, "GET", &format!("/run/{id}"), &Value::Null);
        if shown.body["status"] == "completed" {
            let report = ask(server, "GET", &format!("/run/{id}/report"), &Value::Null).body;
            let total = report["summary"]["totalRequests"].as_u64();
            told.ended_runs.push((id, total.expect("a total")));
            return told;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the run does not end");
}

#[test]
fn the_nth_failure_of_the_disk_is_an_error_and_no_loss() {
    let step = std::env::var("VAYU_FAULT_STEP").ok();
    let step = step.and_then(|step| step.parse().ok()).unwrap_or(STEP);
    let folder = tempfile::tempdir().expect("a folder");
    let (library, origin) = (shim(folder.path()), Origin::start());
    let (mut served, mut refused, mut failed) = (0, 0, 0);
    for kind in ["write", "sync", "open"] {
        for at in (1..=MOST).step_by(step) {
            let what = format!("{kind} {at}");
            let data = tempfile::tempdir().expect("a folder");
            // Creating a database takes more than a hundred writes; most sessions start with an existing one.
            if at % 4 != 0 {
                drop(Database::open(data.path()));
            }
            let log = data.path().join("stderr");
            let mut command = Command::new(binary("vayu-engine"));
            command
                .args(["--port", "0", "--cpus", "0", "--data-dir"])
                .arg(data.path())
                .env("LD_PRELOAD", &library)
                .env("FAULT_DIR", data.path().join("db"))
                .envs([("FAULT_KIND", kind), ("FAULT_AT", &at.to_string())])
                .stderr(Stdio::from(std::fs::File::create(&log).expect("writable")));
            let told = match Server::try_start(command) {
                Some(mut server) => {
                    served += 1;
                    let told = session(&server, &origin);
                    server.signal("TERM");
                    let status = server.wait(Duration::from_secs(20));
                    assert!(status.success(), "{what}: {status}");
                    told
                }
                // It reported why it does not start.
                None => {
                    refused += 1;
                    Acknowledged::default()
                }
            };
            let said = std::fs::read_to_string(&log).expect("text");
            assert!(!said.contains("panicked"), "{what}: {said}");
            let is_told = said.contains(" ERROR ") || said.contains("I/O error");
            failed += usize::from(is_told || told.saved.len() < 6);
            check(data, &told, &what);
        }
    }
    assert!(
        served > refused && failed > refused,
        "{served} sessions, {refused} refused starts, {failed} told of a failure"
    );
    print_line(&format!(
        "{served} sessions and {refused} refused starts, {failed} of them told of a failure"
    ));
}

#[test]
fn a_run_that_ends_on_a_full_disk_outlives_its_engine() {
    let folder = tempfile::tempdir().expect("a folder");
    let (library, flag) = (shim(folder.path()), folder.path().join("full"));
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let engine =
        Engine::with_environment(&[("LD_PRELOAD", &text(&library)), ("FULL_FLAG", &text(&flag))]);
    let origin = Origin::start();
    let run = engine.run(
        &json!({"request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": 200, "duration": "2s"}),
    );
    std::fs::write(&flag, "").expect("writable");
    let begun = Instant::now();
    while run.show()["phase"] != "storing" {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", run.show());
        std::thread::sleep(Duration::from_millis(50));
    }
    let before = run.report();
    let total = before["summary"]["totalRequests"].as_u64();
    assert!(total > Some(0), "{before}");
    let stopped = run.stop();
    assert_eq!(
        stopped.body["summary"]["totalRequests"].as_u64(),
        total,
        "{stopped:?}"
    );
    engine.signal("KILL");
    let (_, data) = engine.wait(Duration::from_secs(20));
    std::fs::remove_file(&flag).expect("it is there");

    let engine = Engine::in_directory(data, &["--cpus", "0"]);
    let shown = engine.get(&format!("/run/{}", run.id)).body;
    assert_eq!(shown["status"], "completed", "{shown}");
    let after = engine.get(&format!("/run/{}/report", run.id)).body;
    assert_eq!(after["summary"]["totalRequests"].as_u64(), total);
    for part in ["latency", "verdict"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    let histogram = engine.get(&format!("/run/{}/histogram", run.id));
    assert_eq!(histogram.status, 200, "{histogram:?}");
}

/// Checks that what was acknowledged is there after a restart on a working disk.
fn check(data: tempfile::TempDir, told: &Acknowledged, what: &str) {
    let engine = Engine::in_directory(data, &["--cpus", "0"]);
    let saved = engine.get("/collections").body;
    let ids: Vec<&str> = saved
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect();
    for id in &told.saved {
        let is_there = ids.contains(&id.as_str());
        let may_be_gone = id == "c1" || id == "c3";
        assert!(is_there || may_be_gone, "{what}: {id} is lost");
    }
    for id in &told.deleted {
        assert!(!ids.contains(&id.as_str()), "{what}: {id} is back");
    }
    for (id, total) in &told.ended_runs {
        let report = engine.get(&format!("/run/{id}/report")).body;
        assert_eq!(
            report["metadata"]["status"], "completed",
            "{what}: {report}"
        );
        assert_eq!(report["summary"]["totalRequests"], *total, "{what}");
    }
}
