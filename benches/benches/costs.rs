//! Resource costs of the engine apart from sending requests. Run `cargo bench --bench costs` after `./dev
//! dist`.
//!
//! Idle: time to the first response, memory, CPU. With up to 10,000 waiting connections: memory per
//! connection. At full speed: throughput with 10 % of the responses stored and one client on the live stream,
//! and with all responses stored, each relative to a run with neither, in turn. The environment variables
//! `SECONDS` and `ROUNDS` set duration and repetitions. The bench has no pass/fail threshold.

mod common;

use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use vayu_origin::Origin;
use vayu_tests::{Engine, binary, number, resident_kib};
use vayu_worker::placement;

use common::{is_smoke, median, origin_on, print, setting, two_cores};

fn main() -> anyhow::Result<()> {
    let [generator, server] = two_cores()?;
    let (seconds, rounds) = (setting("SECONDS", 5)?, setting("ROUNDS", 5)?);
    let origin = origin_on(server)?;
    at_rest(generator, rounds)?;
    let engine = Engine::with(&["--cpus", &generator.to_string()]);
    // After the engine has started: child processes inherit the CPU affinity, so the engine could not use
    // this core.
    placement::keep_off(&[generator]);
    connections(&engine, &origin)?;
    captures(&engine, &origin, seconds, rounds)
}

fn at_rest(core: usize, rounds: u64) -> anyhow::Result<()> {
    let firsts = (0..rounds).map(|_| first_response_ms(core));
    let first = median(firsts.collect::<Result<_, _>>()?);
    print(&format!(
        "| at rest | |\n|---|---|\n| first answer on /health after the start | {first:.0} ms |\n"
    ));
    let engine = Engine::with(&["--cpus", &core.to_string()]);
    let span = Duration::from_secs(if is_smoke() { 1 } else { 10 });
    let before = cpu_ms(engine.pid())?;
    std::thread::sleep(span);
    let busy = cpu_ms(engine.pid())? - before;
    let memory = resident_kib(engine.pid()) as f64 / 1024.0;
    print(&format!(
        "| memory | {memory:.1} MiB |\n| CPU in {} s | {busy:.0} ms |\n\n",
        span.as_secs()
    ));
    Ok(())
}

/// Returns the milliseconds from process start to the first response.
fn first_response_ms(core: usize) -> anyhow::Result<f64> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let directory = tempfile::tempdir()?;
    let begun = Instant::now();
    let mut engine = Command::new(binary("vayu-engine"))
        .args(["--port", &port.to_string(), "--cpus", &core.to_string()])
        .arg("--data-dir")
        .arg(directory.path())
        .stdout(std::process::Stdio::null())
        .spawn()?;
    let answered = loop {
        match health(port) {
            Ok(()) => break Ok(begun.elapsed().as_secs_f64() * 1e3),
            Err(error) if begun.elapsed() > Duration::from_secs(10) => break Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    engine.kill()?;
    engine.wait()?;
    answered
}

fn health(port: u16) -> anyhow::Result<()> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    if !answer.starts_with("HTTP/1.1 200") {
        bail!("{answer}");
    }
    Ok(())
}

/// Returns the CPU time of a process in milliseconds, over all its threads, with nanosecond resolution.
fn cpu_ms(pid: u32) -> anyhow::Result<f64> {
    let mut sum = 0.0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        let running = text.split_whitespace().next().context("no schedstat")?;
        sum += running.parse::<f64>()? / 1e6;
    }
    Ok(sum)
}

/// Measures the memory of connections that wait for a response.
fn connections(engine: &Engine, origin: &Origin) -> anyhow::Result<()> {
    print("| connections that wait | made | memory | of each |\n|---|---|---|---|\n");
    let counts: &[u32] = if is_smoke() { &[100] } else { &[1_000, 10_000] };
    for &count in counts {
        let before = resident_kib(engine.pid());
        let run = engine.run(&json!({
            "request": {"method": "GET", "url": format!("http://{}/delay/2000000", origin.addr())},
            "mode": "constant", "concurrency": count, "duration": 5, "success_sample_rate": 0,
            "maxConnections": count,
        }));
        // All connections are open by then and wait for their second response.
        std::thread::sleep(Duration::from_millis(3_500));
        let during = resident_kib(engine.pid());
        let report = run.finish();
        let made = number(&report, "transport/connections");
        let grown = during.saturating_sub(before) as f64;
        print(&format!(
            "| {count} | {made} | {:.1} MiB | {:.1} KiB |\n",
            grown / 1024.0,
            grown / f64::from(count)
        ));
    }
    print("\n");
    Ok(())
}

/// Measures the cost of storing responses and of a live-stream client.
fn captures(engine: &Engine, origin: &Origin, seconds: u64, rounds: u64) -> anyhow::Result<()> {
    let (mut watched, mut kept, mut thinned) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let neither = full_speed(engine, origin, seconds, 0, false)?;
        let tenth = full_speed(engine, origin, seconds, 10, true)?;
        let all = full_speed(engine, origin, seconds, 100, false)?;
        watched.push(rate(&tenth) / rate(&neither));
        kept.push(rate(&all) / rate(&neither));
        let requests = number(&all, "summary/totalRequests");
        thinned.push(number(&all, "transport/samplesThinned") / requests * 100.0);
    }
    print(&format!(
        "| throughput to that without | |\n|---|---|\n\
         | a tenth of the answers stored, one client on the live stream | {:.3} |\n\
         | all answers stored as far as there is room ({:.0} % thinned) | {:.3} |\n",
        median(watched),
        median(thinned),
        median(kept)
    ));
    Ok(())
}

fn rate(report: &Value) -> f64 {
    number(report, "summary/avgRps")
}

fn full_speed(
    engine: &Engine,
    origin: &Origin,
    seconds: u64,
    sample_percent: u32,
    is_watched: bool,
) -> anyhow::Result<Value> {
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": format!("http://{}/", origin.addr())},
        "mode": "constant", "concurrency": 64, "duration": seconds,
        "success_sample_rate": sample_percent,
    }));
    if is_watched {
        let mut stream = TcpStream::connect(engine.address())?;
        let path = format!("/metrics/live/{}", run.id);
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )?;
        // The stream ends with the run.
        std::io::copy(&mut stream, &mut std::io::sink())?;
    }
    Ok(run.finish())
}
