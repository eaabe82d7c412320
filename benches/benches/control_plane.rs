//! Throughput of the control plane, and its cost to a running test. Run `cargo bench --bench control_plane`
//! after `./dev dist`.
//!
//! Measures workspace calls by one client and by eight clients first. Then measures a constant-rate run on
//! one shard in turn: alone, with 100 clients on its live stream, and with 200 clients that send single
//! design requests. The schedule lag is lateness caused by the generator itself; its increase is the cost of
//! the clients. Clients and origin share a core, the shard has its own. The environment variables `SECONDS`
//! and `ROUNDS` set duration and repetitions. The bench has no pass/fail threshold.

mod common;

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use vayu_origin::Origin;
use vayu_tests::{Engine, number};
use vayu_worker::placement;

use common::{median, micros, origin_on, print, setting, two_cores};

const CLIENTS: usize = 100;
const DESIGNERS: usize = 200;
const RATE: u32 = 5_000;

fn main() -> anyhow::Result<()> {
    let [generator, server] = two_cores()?;
    let engine = Engine::with(&["--cpus", &generator.to_string()]);
    placement::keep_off(&[generator]);
    let origin = origin_on(server)?;
    let seconds = setting("SECONDS", 5)?;
    calls(&engine, Duration::from_secs(seconds.min(3)))?;
    lags(&engine, &origin, seconds, setting("ROUNDS", 5)?)
}

/// Measures calls per second, each kind with one client and with eight concurrent clients.
fn calls(engine: &Engine, span: Duration) -> anyhow::Result<()> {
    let folder = json!({"id": "bench", "name": "Bench"});
    ensure!(engine.post("/collections", &folder).status == 200);
    print("| calls per second | 1 client | 8 clients |\n|---|---|---|\n");
    let create = |id: &str| {
        let body = json!({"id": id, "collectionId": "bench", "name": "n", "method": "GET",
                          "url": "http://{{host}}/", "headers": {"Accept": "*/*"}});
        request("POST", "/requests", &body.to_string())
    };
    let read = |_: &str| request("GET", "/requests/c0_0", "");
    let list = |_: &str| request("GET", "/runs?limit=50", "");
    let kinds: [(&str, &Call); 3] = [
        ("create a request (committed)", &create),
        ("read a request", &read),
        ("list runs", &list),
    ];
    for (name, call) in kinds {
        let one = per_second(engine, 1, span, call)?;
        let eight = per_second(engine, 8, span, call)?;
        print(&format!("| {name} | {one:.0} | {eight:.0} |\n"));
    }
    print("\n");
    Ok(())
}

/// Builds the request of one call from an unused ID.
type Call = dyn Fn(&str) -> String + Sync;

fn request(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn per_second(engine: &Engine, clients: usize, span: Duration, call: &Call) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let counts = std::thread::scope(|scope| {
        let clients = (0..clients).map(|client| {
            scope.spawn(move || -> anyhow::Result<u64> {
                let mut socket = TcpStream::connect(engine.address())?;
                socket.set_nodelay(true)?;
                let mut count = 0;
                while begun.elapsed() < span {
                    exchange(&mut socket, &call(&format!("c{client}_{count}")))?;
                    count += 1;
                }
                Ok(count)
            })
        });
        let running: Vec<_> = clients.collect();
        let ended = running
            .into_iter()
            .map(|client| client.join().expect("it ends"));
        ended.collect::<anyhow::Result<Vec<u64>>>()
    })?;
    Ok(counts.iter().sum::<u64>() as f64 / begun.elapsed().as_secs_f64())
}

/// Sends a call and reads a 200 response by its Content-Length.
fn exchange(socket: &mut TcpStream, call: &str) -> anyhow::Result<()> {
    socket.write_all(call.as_bytes())?;
    let (mut buffer, mut filled) = (vec![0; 64 * 1024], 0);
    loop {
        let read = socket.read(&mut buffer[filled..])?;
        ensure!(read > 0, "the engine closed the connection");
        filled += read;
        let text = std::str::from_utf8(&buffer[..filled])?;
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        ensure!(head.starts_with("HTTP/1.1 200"), "{text}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.context("an answer without a length")?.parse()?;
        if body.len() >= length {
            return Ok(());
        }
    }
}

/// Measures the schedule lag of runs alone and of runs with concurrent clients.
fn lags(engine: &Engine, origin: &Origin, seconds: u64, rounds: u64) -> anyhow::Result<()> {
    print(&format!(
        "| {RATE}/s for {seconds} s | lag p50 | lag p99 | lag p99.9 |\n|---|---|---|---|\n"
    ));
    let (mut watched, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let lag = |beside| {
            let report = run(engine, origin, seconds, beside)?;
            Ok::<_, anyhow::Error>(number(&report, "scheduleLag/p99"))
        };
        let alone = lag(Background::Idle)?;
        watched.push(lag(Background::Watchers)? / alone);
        beside.push(lag(Background::Designers)? / alone);
    }
    let (watched, beside) = (median(watched), median(beside));
    print(&format!(
        "\nlag p99 to that alone, median: watched {watched:.2}, beside design requests {beside:.2}\n"
    ));
    Ok(())
}

/// Concurrent load on the control plane during a run.
#[derive(Clone, Copy)]
enum Background {
    Idle,
    /// Clients on the live stream of the run.
    Watchers,
    /// Clients that send design requests sequentially.
    Designers,
}

fn run(
    engine: &Engine,
    origin: &Origin,
    seconds: u64,
    beside: Background,
) -> anyhow::Result<Value> {
    let target = format!("http://{}", origin.addr());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": format!("{target}/")},
        "mode": "constant", "targetRps": RATE, "duration": seconds,
        "success_sample_rate": 0
    }));
    let path = format!("/metrics/live/{}", run.id);
    let design = json!({"method": "GET", "url": format!("{target}/delay/1000")}).to_string();
    let call = request("POST", "/request", &design);
    let until = Instant::now() + Duration::from_secs(seconds);
    let done = std::thread::scope(|scope| -> anyhow::Result<usize> {
        let (path, call) = (&path, &call);
        let clients: Vec<_> = match beside {
            Background::Idle => Vec::new(),
            Background::Watchers => (0..CLIENTS)
                .map(|_| scope.spawn(move || watch(engine, path)))
                .collect(),
            Background::Designers => (0..DESIGNERS)
                .map(|_| scope.spawn(move || design_requests(engine, call, until)))
                .collect(),
        };
        let ended = clients
            .into_iter()
            .map(|client| client.join().expect("it ends"));
        ended.sum()
    })?;
    let report = run.finish();
    let what = match beside {
        Background::Idle => "alone".to_owned(),
        Background::Watchers => format!("{CLIENTS} watchers, {} KiB", done / 1024),
        Background::Designers => format!("{DESIGNERS} clients, {done} design requests"),
    };
    let mut row = format!("| {what} ");
    for percentile in ["p50", "p99", "p999"] {
        let lag = micros(&report, &format!("scheduleLag/{percentile}"));
        write!(row, "| {lag} ")?;
    }
    print(&format!("{row}|\n"));
    Ok(report)
}

/// Sends design requests until the deadline and returns their count.
fn design_requests(engine: &Engine, call: &str, until: Instant) -> anyhow::Result<usize> {
    let mut socket = TcpStream::connect(engine.address())?;
    let mut count = 0;
    while Instant::now() < until {
        exchange(&mut socket, call)?;
        count += 1;
    }
    Ok(count)
}

/// Reads a stream to its end and returns its length in bytes.
fn watch(engine: &Engine, path: &str) -> anyhow::Result<usize> {
    let mut socket = TcpStream::connect(engine.address())?;
    let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    socket.write_all(ask.as_bytes())?;
    let mut all = Vec::new();
    Ok(socket.read_to_end(&mut all)?)
}
