//! Stream clients that do not read, or that disconnect: they delay themselves, but no other client, no run,
//! and not the engine's memory.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vayu_control::store::{NewMetric, NewRun, RunStatus, RunType, Store};
use vayu_tests::{
    Engine, Origin, assert_balanced, count, descriptors, print_line, resident_kib,
    settled_descriptors, stream,
};

/// Metrics of the stored run: more text than all buffers of a socket hold.
const METRICS: i64 = 200_000;
const SLOW: usize = 20;
/// A fraction of the streams of all slow clients, which are about 400 MiB: an allocator keeps more than what
/// is in use, for a while and depending on the machine.
const SLACK_KIB: u64 = 96 * 1024;

/// Creates a database with a run of many hours.
fn fill(directory: &Path) {
    let store = Store::open(&directory.join("db").join("vayu.db")).expect("a new database");
    let run = NewRun {
        id: "run_1".into(),
        request_id: None,
        environment_id: None,
        kind: RunType::Load,
        status: RunStatus::Completed,
        config_snapshot: "{}".into(),
        start_time: 0,
    };
    store.insert_run(run).expect("a new id");
    for first in (0..METRICS).step_by(1_000) {
        let row = |offset| NewMetric {
            id: first + offset + 1,
            timestamp: first + offset,
            name: "requests_sent",
            value: 1.0,
        };
        let rows = || (0..1_000).map(row).collect();
        while store.queue_metrics("run_1", rows()).turned_away > 0 {
            store.flush().expect("the file can be written");
        }
    }
    store.close();
}

/// Returns the descriptors of an engine without connected clients.
fn quiet_descriptors(engine: &Engine) -> usize {
    std::thread::sleep(Duration::from_millis(300));
    descriptors(engine.pid())
}

/// Creates a client that sends a request and reads no more than the beginning of the response.
fn ask(engine: &Engine, path: &str) -> TcpStream {
    let mut socket = TcpStream::connect(engine.address()).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("it reads");
    let read = socket.read(&mut [0; 64]).expect("it answers");
    assert!(read > 0, "{path} was not answered");
    socket
}

#[test]
fn clients_that_do_not_read_hold_up_themselves_only() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fill(directory.path());
    let (engine, origin) = (
        Engine::in_directory(directory, &["--cpus", "0"]),
        Origin::start(),
    );
    let whole = || stream(&engine.url("/stats/run_1"), None);
    assert_eq!(
        whole().len() as i64,
        METRICS + 1,
        "all metrics and complete"
    );
    let load = json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "duration": "2s", "targetRps": 1_000, "success_sample_rate": 0
    });
    // What a run allocates by itself is not attributed to the clients.
    let _ = engine.run(&load).finish();
    origin.reset();
    let before = (resident_kib(engine.pid()), quiet_descriptors(&engine));

    let slow: Vec<TcpStream> = (0..SLOW).map(|_| ask(&engine, "/stats/run_1")).collect();
    let run = engine.run(&load);
    let begun = Instant::now();
    assert_eq!(
        whole().len() as i64,
        METRICS + 1,
        "one that reads gets everything"
    );
    print_line(&format!(
        "{METRICS} metrics beside {SLOW} clients that do not read: {:.0?}",
        begun.elapsed()
    ));
    let report = run.finish();
    assert_balanced(&report);
    assert_eq!(count(&report, "accounting/offered"), 2_000);
    assert_eq!(origin.requests(), report["accounting"]["issued"]);
    let resident = resident_kib(engine.pid());
    print_line(&format!(
        "resident: {} KiB before, {resident} KiB with them",
        before.0
    ));
    assert!(
        resident < before.0 + SLACK_KIB,
        "{} KiB, then {resident} KiB",
        before.0
    );

    // Some streams had most of their data still to send: they paused, and continue when they are read.
    let mut one = slow.into_iter().next().expect("a slow client");
    one.set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a socket");
    let rest = read_to_complete(&mut one);
    assert!(
        rest.contains("event: complete"),
        "its stream broke off: {rest}"
    );
    drop(one);
    let after = settled_descriptors(engine.pid(), before.1);
    assert!(after <= before.1, "{} descriptors, then {after}", before.1);
    assert_eq!(engine.get("/health").status, 200);
}

/// Reads until the last event, and returns the end of what was read.
fn read_to_complete(socket: &mut TcpStream) -> String {
    let (mut tail, mut buffer) = (String::new(), vec![0; 256 * 1024]);
    while !tail.contains("event: complete") {
        match socket.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => {
                let text = String::from_utf8_lossy(&buffer[..read]);
                tail = format!("{tail}{text}");
                let cut = tail.len().saturating_sub(2_000);
                let cut = (cut..tail.len()).find(|&at| tail.is_char_boundary(at));
                tail = tail.split_off(cut.unwrap_or(0));
            }
        }
    }
    tail
}

#[test]
fn clients_that_vanish_leave_nothing_behind() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let before = quiet_descriptors(&engine);
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "duration": "3s", "targetRps": 200, "success_sample_rate": 0
    }));
    for path in ["stats", "metrics/live"] {
        for _ in 0..50 {
            drop(ask(&engine, &format!("/{path}/{}", run.id)));
        }
    }
    let report = run.finish();
    assert_balanced(&report);
    assert_eq!(count(&report, "accounting/offered"), 600);
    let after = settled_descriptors(engine.pid(), before);
    assert!(after <= before, "{before} descriptors, then {after}");
    let health: Value = engine.get("/health").body;
    assert_eq!(health["status"], "ok");
}
