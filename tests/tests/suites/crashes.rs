//! What remains of a run when the engine is killed while the run is active.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin, binary, count, number, verdict};

/// Returns the last value of a metric in the stored series of a run.
fn stored(engine: &Engine, id: &str, name: &str) -> f64 {
    let page = engine.get(&format!("/stats/{id}?format=json")).body;
    let rows = page["data"].as_array().map_or(&[][..], Vec::as_slice);
    rows.last()
        .and_then(|row| row[name].as_f64())
        .unwrap_or_default()
}

#[test]
fn a_killed_run_keeps_what_it_had_measured() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": 200, "duration": "60s", "success_sample_rate": 0
    }));
    let id = run.id.clone();
    // By the fourth second there is a checkpoint of the third.
    while stored(&engine, &id, "requests_completed") < 700.0 {
        std::thread::sleep(Duration::from_millis(50));
    }
    engine.signal("KILL");
    let (_, directory) = engine.wait(Duration::from_secs(5));
    let sent = origin.requests();
    // The time of the restart is not the end of the run.
    std::thread::sleep(Duration::from_millis(1_500));
    let engine = Engine::in_directory(directory, &["--cpus", "0"]);

    let shown = engine.get(&format!("/run/{id}")).body;
    assert_eq!(shown["status"], "failed", "{shown}");
    let lasted = number(&shown, "endTime") - number(&shown, "startTime");
    let report: Value = engine.get(&format!("/run/{id}/report")).body;
    let measured = number(&report, "summary/totalDurationSeconds");
    // The series may extend past the last checkpoint: by two seconds, or more on a busy machine.
    let after = lasted - measured * 1_000.0;
    assert!((-5.0..20_000.0).contains(&after), "{lasted} ms: {report:#}");
    assert_eq!(verdict(&report), "invalid", "{report:#}");
    assert_eq!(
        report["verdict"]["reasons"][0]["code"], "interrupted",
        "{report:#}"
    );
    let total = count(&report, "summary/totalRequests");
    assert!(
        (390..=sent).contains(&total),
        "{total} of {sent}: {report:#}"
    );
    assert!(number(&report, "latency/p99") > 0.0, "{report:#}");
    // Requests in flight at the checkpoint have no outcome.
    let books = |name: &str| count(&report, &format!("accounting/{name}"));
    assert!(books("offered") >= books("issued") && books("issued") >= books("answered"));
    let histogram = vayu_tests::get_text(&engine.url(&format!("/run/{id}/histogram")));
    assert!(
        histogram.contains(&format!("Total count    = {total:>12}")),
        "{histogram}"
    );
    let runs = engine.get("/runs?verdict=invalid").body;
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
}

#[test]
fn a_run_killed_at_once_is_invalid_as_well() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": 20, "duration": "60s"
    }));
    engine.signal("KILL");
    let (_, directory) = engine.wait(Duration::from_secs(5));
    let engine = Engine::in_directory(directory, &["--cpus", "0"]);
    let report: Value = engine.get(&format!("/run/{}/report", run.id)).body;
    assert_eq!(
        report["verdict"]["reasons"][0]["code"], "interrupted",
        "{report:#}"
    );
    let runs = engine.get("/runs?verdict=invalid").body;
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
}

/// Rounds of the test below. `VAYU_CRASH_ROUNDS` sets another number.
const ROUNDS: u64 = 8;

/// What a round left: the collections that were acknowledged, and the run that was active.
struct Left {
    acknowledged: Vec<String>,
    run: String,
}

/// Saves collections and generates load until the engine is killed, after `after_ms` milliseconds.
fn work_until_killed(engine: &Engine, origin: &Origin, round: u64, after_ms: u64) -> Left {
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")}, "mode": "constant", "targetRps": 400,
        "duration": "60s", "success_sample_rate": 50
    }));
    let pid = engine.pid();
    let killer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(after_ms));
        let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
    });
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let id = format!("c{round}_{number}");
        let body = json!({"id": id, "name": "kept"}).to_string();
        match try_post(engine.address(), "/collections", &body) {
            Some(200) => acknowledged.push(id),
            // The engine was killed; this one may or may not be stored.
            None => break,
            Some(status) => panic!("{id}: {status}"),
        }
    }
    killer.join().expect("it was killed");
    Left {
        acknowledged,
        run: run.id,
    }
}

/// Returns the status of the response, if there is one.
fn try_post(address: &str, path: &str, body: &str) -> Option<u16> {
    let mut connection = TcpStream::connect(address).ok()?;
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    connection.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1)?.parse().ok()
}

#[test]
fn killed_at_any_instant_nothing_acknowledged_is_lost() {
    let rounds = std::env::var("VAYU_CRASH_ROUNDS").ok();
    let rounds = rounds
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(ROUNDS);
    let mut random = fastrand::Rng::with_seed(17);
    let mut directory = tempfile::tempdir().expect("a folder");
    let (mut acknowledged, mut interrupted) = (Vec::new(), 0);
    for round in 0..rounds {
        // Killed while it starts: during migrations, or while it ends runs that were active.
        let mut starting = Command::new(binary("vayu-engine"))
            .args(["--port", "0", "--cpus", "0", "--data-dir"])
            .arg(directory.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(random.u64(0..80)));
        starting.kill().expect("it is there");
        starting.wait().expect("it ended");

        let origin = Origin::start();
        let engine = Engine::in_directory(directory, &["--cpus", "0"]);
        assert_eq!(
            engine.post("/config", &json!({"keepLoadRuns": 3})).status,
            200
        );
        let left = work_until_killed(&engine, &origin, round, random.u64(20..2_500));
        (_, directory) = engine.wait(Duration::from_secs(5));
        acknowledged.extend(left.acknowledged);

        let checked = Command::new(binary("vayu-cli"))
            .args(["db", "check", "--data-dir"])
            .arg(directory.path())
            .output()
            .expect("it starts");
        assert!(checked.status.success(), "round {round}: {checked:?}");
        let engine = Engine::in_directory(directory, &["--cpus", "0"]);
        let saved = engine.get("/collections").body;
        let saved: BTreeSet<&str> = saved
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one["id"].as_str())
            .collect();
        let lost = acknowledged.iter().find(|id| !saved.contains(id.as_str()));
        assert_eq!(lost, None, "round {round}");
        let report = engine.get(&format!("/run/{}/report", left.run)).body;
        assert_eq!(
            report["verdict"]["reasons"][0]["code"], "interrupted",
            "round {round}: {report:#}"
        );
        let measured = count(&report, "summary/totalRequests");
        assert!(
            measured <= origin.requests(),
            "round {round}: {measured} of {}",
            origin.requests()
        );
        interrupted += 1;
        engine.signal("KILL");
        (_, directory) = engine.wait(Duration::from_secs(5));
    }
    assert_eq!(interrupted, rounds);
    assert!(
        acknowledged.len() as u64 > rounds,
        "{} writes",
        acknowledged.len()
    );
}

/// A native call that takes many minutes. What precedes it takes a few milliseconds.
const NEVER_ENDS: &str = "'a'.repeat(4e6).indexOf('a'.repeat(2e6) + 'b')";

#[test]
fn a_native_call_that_never_returns_costs_its_runs_and_no_more() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let plain = json!({"request": {"method": "GET", "url": origin.url("/")}, "mode": "iterations", "iterations": 20, "concurrency": 2});
    // It compares 10^12 characters within one step of QuickJS, and allocates nothing.
    let script = format!("if (pm.info.iteration > 100) {NEVER_ENDS}");
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/"), "postRequestScript": script},
        "mode": "constant", "targetRps": 100, "duration": "60s"
    }));
    let begun = Instant::now();
    let shown = loop {
        let shown = engine.get(&format!("/run/{}", run.id)).body;
        if !["pending", "running"].contains(&shown["status"].as_str().unwrap_or_default()) {
            break shown;
        }
        assert!(begun.elapsed() < Duration::from_secs(50), "{shown}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(shown["status"], "failed", "{shown}");
    let reason = shown["reason"].as_str().unwrap_or_default();
    assert!(
        reason.contains("shard 0 failed: a script blocks its thread"),
        "{shown}"
    );
    // What was reported before is kept.
    let report = run.report();
    assert_eq!(verdict(&report), "invalid", "{report:#}");
    assert!(count(&report, "statusCodes/200") > 20, "{report:#}");
    // The replacement thread executes the next run, and the engine ends in time.
    let next = engine.run(&plain).finish();
    assert_eq!(next["statusCodes"], json!({"200": 20}), "{next:#}");
    let ready = engine.get("/health/ready");
    assert_eq!(ready.status, 503, "{ready:?}");
    assert!(
        ready.body.to_string().contains("stuck in scripts"),
        "{ready:?}"
    );
    engine.signal("TERM");
    let (status, _) = engine.wait(Duration::from_secs(20));
    assert!(status.success(), "{status}");
}

#[test]
fn a_design_request_is_answered_though_its_script_never_returns() {
    let engine = Engine::start();
    let origin = Origin::start();
    assert_eq!(
        engine
            .post("/config", &json!({"scriptTimeout": 3_000}))
            .status,
        200
    );
    let body = json!({"method": "GET", "url": origin.url("/"), "timeout": 1_000, "postRequestScript": NEVER_ENDS});
    let answer = engine.post("/request", &body);
    assert_eq!(answer.code(), "SCRIPT_ERROR", "{answer:?}");
    assert!(
        answer.message().contains("stuck in a native call"),
        "{answer:?}"
    );
    assert_eq!(
        engine
            .post(
                "/request",
                &json!({"method": "GET", "url": origin.url("/")})
            )
            .status,
        200
    );
    engine.signal("TERM");
    let (status, _) = engine.wait(Duration::from_secs(20));
    assert!(status.success(), "{status}");
}
