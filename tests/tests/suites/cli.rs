//! `vayu-cli`: its output and its exit codes.

use std::process::{Command, Output};

use serde_json::Value;
use vayu_tests::{Database, Engine, Origin, binary};

fn cli(arguments: &[&str]) -> Output {
    Command::new(binary("vayu-cli"))
        .args(arguments)
        .output()
        .expect("it starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Asserts that the run was made and that the exit code matches its verdict. Whether the verdict is right is
/// tested in the suites that measure, where nothing else runs.
#[track_caller]
fn assert_ran(output: &Output) {
    let text = stdout(output);
    let invalid = text.contains("measurement invalid") || text.contains(r#""status": "invalid""#);
    assert_eq!(
        output.status.code(),
        Some(if invalid { 4 } else { 0 }),
        "{output:?}"
    );
}

/// Returns the number that follows a word in a report, ignoring blanks between its digits; 0 if the word is
/// missing.
fn number_after(text: &str, word: &str) -> u64 {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(word));
    let digits: String = line
        .unwrap_or_default()
        .trim_start()
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || *letter == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or(0)
}

#[test]
fn the_demo_shows_a_whole_run() {
    let output = cli(&["demo", "--duration", "1s", "--rps", "200"]);
    let text = stdout(&output);
    assert_ran(&output);
    // On a busy machine, some requests may find no connection in time.
    let sent = number_after(&text, "requests ");
    let dropped = number_after(&text, "dropped ");
    assert_eq!(sent + dropped, 200, "{text}");
    for part in [
        &format!("200 × {sent}"),
        "response time p50",
        "schedule lag",
        "Where next",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn a_run_in_this_process_stores_nothing_unless_asked() {
    let origin = Origin::start();
    let url = origin.url("/");
    let output = cli(&[
        "run",
        &url,
        "--mode",
        "constant",
        "--rps",
        "100",
        "--duration",
        "1s",
        "--format",
        "json",
    ]);
    assert_ran(&output);
    let report = json(&output);
    // On a busy machine, some requests may find no connection in time.
    assert_eq!(report["accounting"]["offered"], 100);
    let sent = report["summary"]["totalRequests"].as_u64();
    assert!(sent > Some(0), "{report:#}");
    assert_eq!(Some(origin.requests()), sent);
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().to_str().expect("UTF-8");
    let output = cli(&["run", &url, "-n", "25", "-c", "5", "--data-dir", path]);
    assert_ran(&output);
    assert!(stdout(&output).contains("25 in"), "{}", stdout(&output));
    let database = Database::open(directory.path());
    let runs = database.runs();
    assert_eq!(runs.len(), 1);
    assert_eq!(
        (runs[0].status.name(), database.results(&runs[0].id).len()),
        ("completed", 25)
    );
}

#[test]
fn a_run_on_an_engine_gives_the_same_report() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let output = cli(&[
        "run",
        &origin.url("/"),
        "-n",
        "40",
        "-c",
        "4",
        "--engine",
        &engine.url(""),
        "--format",
        "json",
    ]);
    assert_ran(&output);
    assert_eq!(json(&output)["summary"]["totalRequests"], 40);
    assert_eq!(engine.get("/runs").body.as_array().map(Vec::len), Some(1));
}

#[test]
fn exit_codes_tell_what_happened() {
    let table: [(&[&str], i32, &str); 7] = [
        (&["run", "http://127.0.0.1:1/", "-n", "3"], 3, ""),
        (&["run", "ftp://127.0.0.1/", "-n", "3"], 2, "request.url"),
        (&["run", "http://127.0.0.1:1/", "-d", "soon"], 2, "duration"),
        (&["run", "http://127.0.0.1:1/", "-H", "x"], 2, "colon"),
        (
            &["run", "http://127.0.0.1:1/", "--timeout", "5"],
            2,
            "5s or 5ms",
        ),
        (
            &[
                "run",
                "http://127.0.0.1:1/",
                "--engine",
                "http://127.0.0.1:1",
            ],
            1,
            "no engine answers",
        ),
        (&["walk"], 2, "walk"),
    ];
    for (arguments, code, said) in table {
        let output = cli(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn an_interrupted_run_still_reports() {
    let origin = Origin::start();
    let mut child = Command::new(binary("vayu-cli"))
        .args(["run", &origin.url("/"), "-c", "2", "-d", "60s"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    std::thread::sleep(std::time::Duration::from_millis(800));
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", "INT", &pid])
            .status()
            .is_ok_and(|status| status.success())
    );
    let mut text = String::new();
    std::io::Read::read_to_string(child.stdout.as_mut().expect("piped"), &mut text).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(text.contains("requests"), "{text}");
    assert!(text.starts_with("stopped after "), "{text}");
    assert!(
        text.contains(" of 60 s: ") && text.contains("limited by    stop: "),
        "{text}"
    );
}

#[test]
fn an_interrupt_stops_a_run_on_an_engine_too() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let mut child = Command::new(binary("vayu-cli"))
        .args(["run", &origin.url("/"), "--rps", "50", "-d", "60s"])
        .args(["--engine", &engine.url("")])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-s", "INT", &pid]).status();
    assert!(sent.is_ok_and(|status| status.success()));
    let mut text = String::new();
    std::io::Read::read_to_string(child.stdout.as_mut().expect("piped"), &mut text).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{text}");
    assert!(text.contains("requests"), "{text}");
    assert!(text.starts_with("stopped after "), "{text}");
    assert!(text.contains(" of 3000 planned requests sent\n"), "{text}");
    assert_eq!(engine.get("/runs").body[0]["status"], "stopped");
}

#[test]
fn a_run_that_somebody_else_stops_has_an_exit_code_of_its_own() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let mut child = Command::new(binary("vayu-cli"))
        .args(["run", &origin.url("/"), "-c", "2", "-d", "60s"])
        .args(["--engine", &engine.url(""), "--format", "json"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let id = loop {
        let runs = engine.get("/runs").body;
        if runs[0]["status"] == "running" {
            break runs[0]["id"].as_str().expect("an id").to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_eq!(
        engine.post(&format!("/run/{id}/stop"), &Value::Null).status,
        200
    );
    let mut text = String::new();
    std::io::Read::read_to_string(child.stdout.as_mut().expect("piped"), &mut text).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(5), "{text}");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["stopped"]["plannedSeconds"], 60.0);
    assert_eq!(report["stopped"]["planned"], Value::Null);
    assert_eq!(report["stopped"]["sent"], report["accounting"]["issued"]);
    assert_eq!(report["verdict"]["limitedBy"]["by"], "stop");
    let again = engine.get(&format!("/run/{id}/report")).body;
    assert_eq!(again["stopped"], report["stopped"], "it is stored");
}

#[test]
fn options_without_effect_are_refused_with_what_to_do() {
    for (line, said) in [
        ("--rps 10 -c 5", "--max-connections"),
        ("--rps 10 --ramp 1s", "leave one out"),
        ("-n 5 --ramp 1s", "leave --iterations out"),
        ("--mode constant --ramp 1s", "leave --mode out"),
        ("--mode iterations", "--iterations N"),
        (
            "--no-keepalive --no-stale-retry",
            "leave --no-stale-retry out",
        ),
        ("--token t", "--engine"),
        ("--seed 1", "--poisson"),
        ("--quantum 1ms", "--rps"),
    ] {
        let words = ["run", "http://127.0.0.1:1/"].into_iter();
        let words: Vec<&str> = words.chain(line.split(' ')).collect();
        let output = cli(&words);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
        assert!(stderr.contains(said), "{line}: {stderr}");
    }
}

#[test]
fn every_header_line_is_sent() {
    let origin = Origin::start();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().to_str().expect("UTF-8");
    let lines = ["X-A: 1", "Cookie: a=1", "x-a: 2", "cookie: b=2", "X-A: 3"];
    let lines: Vec<&str> = lines.iter().flat_map(|line| ["-H", *line]).collect();
    let url = origin.url("/headers");
    let words = ["run", &url, "-n", "1", "--data-dir", path];
    let output = cli(&[&words[..], &lines].concat());
    assert_ran(&output);
    let database = Database::open(directory.path());
    let run = &database.runs()[0];
    let seen = database.results(&run.id)[0].trace.clone();
    let seen = seen.expect("the response is kept").to_ascii_lowercase();
    let places: Vec<Option<usize>> = ["\"1\\\"", "\"2\\\"", "\"3\\\"", "a=1", "b=2"]
        .iter()
        .map(|value| seen.find(value))
        .collect();
    assert!(places.iter().all(Option::is_some), "{seen}");
    assert!(places[0] < places[1] && places[1] < places[2] && places[3] < places[4]);
}

#[test]
fn a_number_with_a_duration_or_a_rate_ends_at_the_first() {
    let origin = Origin::start();
    let (slow, fast) = (origin.url("/delay/100000"), origin.url("/"));
    let output = cli(&["run", &slow, "-n", "1000", "-d", "500ms", "-c", "2"]);
    assert_ran(&output);
    let page = stdout(&output);
    assert!(page.contains("  ended by      duration: "), "{page}");
    assert!(page.contains(" of 1000 requests sent in 0."), "{page}");
    let output = cli(&["run", &fast, "-n", "20", "-d", "60s"]);
    let page = stdout(&output);
    let expected = "  ended by      iterations: 20 of 20 requests sent in ";
    assert!(page.contains(expected), "{page}");
    let output = cli(&["run", &fast, "-n", "20", "--rps", "100", "--format", "json"]);
    let report = json(&output);
    assert_eq!(report["summary"]["totalRequests"], 20, "{report}");
    assert_eq!(report["latency"]["measures"], "responseTime");
    assert_eq!(report.get("ended"), None, "it had only one end");
}

#[test]
fn the_warnings_are_those_of_the_api() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let (url, at) = (origin.url("/a/../b"), engine.url(""));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().to_str().expect("UTF-8");
    let options = [
        "-c",
        "3",
        "-n",
        "3",
        "--max-connections",
        "1",
        "--dns",
        "ttl",
        "-k",
        "-H",
        "Content-Length: 7",
    ];
    for place in [&[][..], &["--data-dir", path], &["--engine", at.as_str()]] {
        let output = cli(&[&["run", &url][..], &options, place].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        for said in [
            "`maxConnections` is 1, fewer than the 3 virtual users",
            "`connection.dns` is not used",
            "`connection.verifySsl` is not used",
            "the path of `request.url` is sent as \"/b\"",
            "`request.headers.Content-Length`",
        ] {
            let warning = format!("warning: {said}");
            assert_eq!(stderr.matches(&warning).count(), 1, "{place:?}: {stderr}");
        }
    }
}

#[test]
fn a_report_that_cannot_be_written_is_no_success() {
    let origin = Origin::start();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let output = Command::new(binary("vayu-cli"))
        .args(["run", &origin.url("/"), "-n", "5"])
        .stdout(full)
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written"));
}

#[test]
fn a_run_tells_its_id_its_phases_and_every_warning() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().to_str().expect("UTF-8");
    let (url, at) = (origin.url("/echo?x={{who}}&y={{$guid}}"), engine.url(""));
    for (place, stores) in [
        (vec![], false),
        (vec!["--data-dir", path], true),
        (vec!["--engine", &at], true),
    ] {
        let arguments = [
            &[
                "run",
                &url,
                "-n",
                "2",
                "--quiet",
                "--timing",
                "-H",
                "X: {{what}}",
            ],
            &["-b", "{{who}}"][..],
            &place,
        ];
        let output = cli(&arguments.concat());
        assert_ran(&output);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        for name in ["who", "what"] {
            let warning = format!("warning: variable `{name}` is undefined");
            assert_eq!(stderr.matches(&warning).count(), 1, "{place:?}: {stderr}");
        }
        assert!(!stderr.contains("variable `$guid`"), "{stderr}");
        let named = stderr
            .lines()
            .find_map(|line| line.strip_prefix("run run_"));
        assert_eq!(named.is_some(), stores, "{place:?}: {stderr}");
        let page = stdout(&output);
        assert!(page.contains("\n  phases (mean) DNS "), "{page}");
        let shown = named.map(|id| page.contains(&format!("run run_{id}\n")));
        assert_eq!(shown == Some(true), place.contains(&"--engine"), "{page}");
    }
}
