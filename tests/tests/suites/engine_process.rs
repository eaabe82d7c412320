//! The engine as a process: start, end, lock, and who may connect to it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_tests::{Database, Engine, Origin, Server, binary, raw};

#[test]
fn health_and_config_are_as_documented() {
    let engine = Engine::with_shards(2);
    let health = engine.get("/health");
    assert_eq!(health.status, 200);
    assert_eq!(
        health.body,
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "workers": 2})
    );
    let config = engine.get("/config").body;
    for (key, value) in [
        ("workers", 2),
        ("maxConnections", 10_000),
        ("defaultTimeout", 30_000),
        ("statsInterval", 100),
        ("contextPoolSize", 64),
    ] {
        assert_eq!(config[key], value, "{key} in {config}");
    }
}

#[test]
fn it_answers_soon_after_its_start() {
    let begun = Instant::now();
    let engine = Engine::start();
    assert_eq!(engine.get("/health").status, 200);
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "took {:?}",
        begun.elapsed()
    );
}

#[test]
fn it_ends_cleanly_however_it_is_asked() {
    for how in ["INT", "TERM", "POST"] {
        let (engine, origin) = (Engine::start(), Origin::start());
        let run = engine.run(&json!({
            "request": {"method": "GET", "url": origin.url("/")},
            "mode": "constant", "duration": "60s", "concurrency": 2, "success_sample_rate": 0
        }));
        std::thread::sleep(Duration::from_millis(300));
        if how == "POST" {
            assert_eq!(engine.post("/shutdown", &Value::Null).status, 200);
        } else {
            engine.signal(how);
        }
        let (status, directory) = engine.wait(Duration::from_secs(8));
        assert!(status.success(), "{how}: {status}");
        assert!(
            !directory.path().join("vayu.lock").exists(),
            "{how}: the lock is still there"
        );
        let runs = Database::open(directory.path()).runs();
        let states: Vec<_> = runs
            .iter()
            .map(|run| (run.id.as_str(), run.status.name()))
            .collect();
        assert_eq!(states, [(run.id.as_str(), "stopped")], "{how}");
    }
}

#[test]
fn a_second_engine_on_the_same_directory_is_refused() {
    let engine = Engine::start();
    let lock = std::fs::read_to_string(engine.data_dir().join("vayu.lock")).expect("a lock");
    assert_eq!(lock.trim(), engine.pid().to_string());
    let second = Command::new(binary("vayu-engine"))
        .args(["--port", "0", "--data-dir"])
        .arg(engine.data_dir())
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(
        said.contains(&format!("process {}", engine.pid())),
        "{said}"
    );
}

#[test]
fn wrong_options_are_explained() {
    let table: [(&[&str], &str); 8] = [
        (&["--cpus", "9999"], "--cpus contains core 9999"),
        (&["--cpus", "x"], "--cpus"),
        (&["--workers", "0"], "--workers is 0"),
        (&["--workers", "9999"], "--workers is 9999"),
        (&["--bind", "0.0.0.0"], "--token"),
        (&["--token", ""], "the token is empty"),
        (&["--bind", "0.0.0.0", "--token", "a b"], "no spaces"),
        (&["--deny-targets", "*:80,a b"], "\"a b\" has no valid host"),
    ];
    for (options, said) in table {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let output = Command::new(binary("vayu-engine"))
            .args(["--port", "0", "--data-dir"])
            .arg(directory.path())
            .args(options)
            .output()
            .expect("it starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && stderr.contains(said),
            "{options:?}: {stderr}"
        );
    }
}

#[test]
fn what_is_stored_is_for_its_owner_alone() {
    let above = tempfile::tempdir().expect("a temporary directory");
    let root = above.path().join("data");
    // A umask that creates files for everybody, unless the engine sets their mode.
    let line = format!(
        "umask 0; exec {} --port 0 --cpus 0 --data-dir {}",
        binary("vayu-engine").display(),
        root.display()
    );
    let mut command = Command::new("sh");
    command.args(["-c", &line]);
    let server = Server::start(command);
    let (mut seen, mut folders) = (0, vec![root]);
    while let Some(folder) = folders.pop() {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            seen += 1;
        }
    }
    assert!(
        seen >= 5,
        "{seen}: the database, what belongs to it, the log and the lock"
    );
    drop(server);
}

fn mode(path: &Path) -> u32 {
    let meta = std::fs::metadata(path).expect("it is there");
    meta.permissions().mode() & 0o777
}

#[test]
fn a_hangup_opens_the_log_anew_and_ends_nothing() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": 50, "duration": "1s", "success_sample_rate": 0
    }));
    let log = engine.data_dir().join("logs/engine.log");
    let moved = log.with_extension("1");
    std::fs::rename(&log, &moved).expect("on the same disk");
    engine.signal("HUP");
    let report = run.finish();
    // A busy machine may drop some.
    assert_eq!(report["accounting"]["offered"], 50, "{report}");
    assert_eq!(report["metadata"]["status"], "completed", "{report}");
    let text = std::fs::read_to_string(&log).expect("a new log");
    assert!(
        text.contains("as SIGHUP asks") && text.contains(&run.id),
        "{text}"
    );
    assert_eq!(mode(&log), 0o600);
}

#[test]
fn strangers_are_kept_out() {
    let engine = Engine::start();
    let url = engine.url("/health");
    let table = [
        (vec![("host", "evil.example")], 403),
        (vec![("origin", "https://evil.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![("origin", "http://localhost:5173")], 200),
    ];
    for (headers, status) in table {
        let answer = raw("GET", &url, &headers, "");
        assert_eq!(answer.status, status, "{headers:?}: {answer:?}");
        if status == 403 {
            assert_eq!(answer.code(), "FORBIDDEN");
        }
    }
    let guarded = Engine::with(&["--token", "s3cret", "--cpus", "0"]);
    assert_eq!(guarded.get("/health").status, 401);
    let bearer = [("authorization", "Bearer s3cret")];
    assert_eq!(raw("GET", &guarded.url("/health"), &bearer, "").status, 200);
}

#[test]
fn unknown_routes_methods_and_large_bodies_are_told_in_one_shape() {
    let engine = Engine::start();
    let unknown = engine.get("/nowhere");
    assert_eq!((unknown.status, unknown.code()), (404, "NOT_FOUND"));
    let wrong = raw("DELETE", &engine.url("/health"), &[], "");
    assert_eq!((wrong.status, wrong.code()), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(wrong.header("allow"), Some("GET"));
    let large = raw(
        "POST",
        &engine.url("/run"),
        &[],
        &"x".repeat(17 * 1024 * 1024),
    );
    assert_eq!((large.status, large.code()), (413, "PAYLOAD_TOO_LARGE"));
}

#[test]
fn at_rest_it_uses_no_measurable_cpu() {
    let engine = Engine::with_shards(2);
    assert_eq!(engine.get("/health").status, 200);
    let ticks = || -> u64 {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", engine.pid())).expect("it runs");
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .expect("fields")
            .split_whitespace()
            .collect();
        fields[11].parse::<u64>().expect("a number") + fields[12].parse::<u64>().expect("a number")
    };
    let before = ticks();
    std::thread::sleep(Duration::from_secs(2));
    // A tick is ten milliseconds; two of them in two seconds are one percent.
    assert!(
        ticks() - before <= 2,
        "{} ticks of CPU in 2 s at rest",
        ticks() - before
    );
}
