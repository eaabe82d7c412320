//! Conformance test *Starved generator*, and its counterpart: quiet runs are all valid. A verdict with false
//! alarms is as useless as one that never raises an alarm.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use vayu_tests::{
    BusyLoops, Engine, Origin, Quiet, RunHandle, Stalls, Throttle, binary, count, number,
    print_line, verdict,
};

/// Half of what one shard sends easily, in an unoptimised build.
const QUIET_RATE: u64 = 10_000;

/// Cores that other processes may use, and time that the shard's core may be unavailable, in a run whose
/// alarm counts as false: less than every budget of the verdict.
const QUIET_CORES: f64 = 0.02;
const QUIET_STALL: Duration = Duration::from_millis(2);

fn quiet_run(engine: &Engine, origin: &Origin) -> RunHandle {
    engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": QUIET_RATE, "duration": "1s", "success_sample_rate": 1
    }))
}

fn codes(report: &Value) -> Vec<&str> {
    let reasons = report["verdict"]["reasons"]
        .as_array()
        .into_iter()
        .flatten();
    reasons
        .filter_map(|reason| reason["code"].as_str())
        .collect()
}

fn describe(report: &Value) -> String {
    format!(
        "{} {:?}, lag p99 {:.2} ms, limited by {}",
        verdict(report),
        codes(report),
        number(report, "scheduleLag/p99"),
        report["verdict"]["limitedBy"]
    )
}

#[test]
fn twenty_quiet_runs_are_all_valid() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let stalls = Stalls::watch(0);
    let mut alarms = Vec::new();
    for _ in 0..20 {
        let quiet = Quiet::watch(&[engine.pid(), origin.pid()]);
        let _ = stalls.longest();
        let report = quiet_run(&engine, &origin).finish();
        print_line(&describe(&report));
        if verdict(&report) == "valid" {
            let by = &report["verdict"]["limitedBy"]["by"];
            assert_eq!(by, "plan", "{report:#}");
            continue;
        }
        let (cores, stall) = (quiet.foreign_cores(), stalls.longest());
        if cores > QUIET_CORES || stall > QUIET_STALL {
            print_line(&format!(
                "not judged: {cores:.2} cores went to others, core 0 was away for {stall:?}"
            ));
        } else {
            alarms.push(describe(&report));
        }
    }
    // Time that a core lost in periods shorter than these may add up.
    assert!(alarms.len() <= 2, "{alarms:#?}");
}

#[test]
fn a_generator_beside_busy_loops_is_not_valid() {
    let (engine, origin) = (Engine::start(), Origin::start());
    for loops in [1, 4] {
        let _busy = BusyLoops::start(0, loops);
        let report = quiet_run(&engine, &origin).finish();
        print_line(&format!("{loops} busy loops: {}", describe(&report)));
        assert_ne!(verdict(&report), "valid", "{loops}: {report:#}");
    }
}

#[test]
fn a_generator_that_runs_part_of_the_time_is_invalid() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = quiet_run(&engine, &origin);
    let throttle = Throttle::start(
        engine.pid(),
        Duration::from_millis(50),
        Duration::from_millis(100),
    );
    std::thread::sleep(Duration::from_millis(1_500));
    drop(throttle);
    let report = run.finish();
    print_line(&format!("a third of a core: {}", describe(&report)));
    assert_eq!(verdict(&report), "invalid", "{report:#}");
    assert!(codes(&report).contains(&"schedule_lag"), "{report:#}");
    assert_eq!(report["verdict"]["limitedBy"]["by"], "generator");
}

#[test]
fn full_speed_is_said_and_not_condemned() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let quiet = Quiet::watch(&[engine.pid(), origin.pid()]);
    let report = engine
        .run(&json!({
            "request": {"method": "GET", "url": origin.url("/")},
            "mode": "constant", "concurrency": 64, "duration": "2s", "success_sample_rate": 0
        }))
        .finish();
    print_line(&format!("full speed: {}", describe(&report)));
    match quiet.disturbance() {
        Some(cores) => print_line(&format!("not judged: {cores:.2} cores went to others")),
        None => assert_ne!(verdict(&report), "invalid", "{report:#}"),
    }
    let by = &report["verdict"]["limitedBy"]["by"];
    assert!(by == "generator" || by == "target", "{report:#}");
}

#[test]
fn a_rate_that_is_not_offered_is_condemned() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let report = engine
        .run(&json!({
            "request": {"method": "GET", "url": origin.url("/delay/200000")},
            "mode": "constant", "targetRps": 100, "duration": "1s", "maxConnections": 2
        }))
        .finish();
    assert_eq!(verdict(&report), "invalid", "{report:#}");
    assert!(codes(&report).contains(&"arrivals_dropped"), "{report:#}");
    assert_eq!(report["verdict"]["limitedBy"]["by"], "target", "{report:#}");
}

#[test]
fn a_generator_without_descriptors_is_invalid_and_does_not_spin() {
    let origin = Origin::start();
    let cli = binary("vayu-cli");
    let line = format!(
        "ulimit -n 40; exec {} run {} -c 100 -d 1s --cpus 0 --format json",
        cli.display(),
        origin.url("/")
    );
    let output = Command::new("sh").args(["-c", &line]).output().expect("sh");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON and nothing else");
    print_line(&describe(&report));
    assert!(codes(&report).contains(&"exhausted"), "{report:#}");
    let failed = count(&report, "errors/classes/connect_no_descriptor");
    // A hundred users that fail at most a thousand times per second each. A single user that spins fails more
    // often, and starves the others.
    assert!((50..150_000).contains(&failed), "{failed} failures");
    assert!(
        count(&report, "statusCodes/200") > 1_000,
        "{}",
        report["statusCodes"]
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("ulimit -n"), "no preflight warning: {said}");
}

#[test]
fn a_rate_beyond_the_generator_ends_in_time_and_is_accounted_for() {
    let (engine, origin) = (Engine::start(), Origin::start());
    for arrivals in ["even", "poisson"] {
        let report = engine
            .run(&json!({
                "request": {"method": "GET", "url": origin.url("/")},
                "mode": "constant", "targetRps": 1_000_000, "duration": "1s",
                "arrivals": arrivals, "gracefulStop": "500ms", "success_sample_rate": 0
            }))
            .finish();
        print_line(&format!(
            "{arrivals}: {} {}",
            describe(&report),
            report["accounting"]
        ));
        let seconds = number(&report, "summary/totalDurationSeconds");
        assert!(
            seconds < 2.0,
            "{seconds} s of 1 and half of one: {report:#}"
        );
        let offered = count(&report, "accounting/offered");
        if arrivals == "even" {
            assert_eq!(offered, 1_000_000, "{}", report["accounting"]);
        }
        assert!(offered > 990_000 && count(&report, "accounting/dropped") > 100_000);
        assert_eq!(verdict(&report), "invalid", "{report:#}");
        assert_eq!(
            report["verdict"]["limitedBy"]["by"], "generator",
            "{report:#}"
        );
    }
}
