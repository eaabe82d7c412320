//! Throughput and cost of one shard. Run `cargo bench --bench shard_loopback` after `./dev dist`.
//!
//! Runs against the built-in origin on another core: closed loop with 64 virtual users, then at constant
//! rates, with exact and with millisecond pacing. Prints requests per second, CPU per request of the shard's
//! thread (user and system, in kernel ticks), system calls per request (by `perf`, if permitted), how often
//! the thread slept, and the schedule lag. The last rows use two shards, the second on the origin's core: the
//! cost of a request must not depend on the number of shards. The environment variables `SECONDS` and
//! `ROUNDS` set duration and repetitions. The bench has no pass/fail threshold.

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use serde_json::{Value, json};
use vayu_origin::Origin;
use vayu_tests::{Engine, number};
use vayu_worker::placement;

use common::{cpu_times, median, origin_on, print, setting, two_cores};

/// Cost per request, measured over one run.
struct Cost {
    rate: f64,
    user_us: f64,
    system_us: f64,
    calls: Option<f64>,
    sleeps: f64,
    /// Schedule lag in microseconds: p50 and p99.
    lag: [f64; 2],
}

fn main() -> anyhow::Result<()> {
    let [generator, server] = two_cores()?;
    let (seconds, rounds) = (setting("SECONDS", 5)?, setting("ROUNDS", 5)?);
    let origin = origin_on(server)?;
    let loads = [
        ("closed, 64 virtual users", json!({"concurrency": 64})),
        ("1,000/s", json!({"targetRps": 1_000})),
        ("5,000/s", json!({"targetRps": 5_000})),
        ("20,000/s", json!({"targetRps": 20_000})),
        (
            "20,000/s by the millisecond",
            json!({"targetRps": 20_000, "pacing": {"quantum": 1}}),
        ),
    ];
    print(
        "| load | shards | requests/s | user µs | system µs | system calls | sleeps | lag p50 | lag p99 |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    let both = format!("{generator},{server}");
    let engines = [generator.to_string(), both].map(|cpus| Engine::with(&["--cpus", &cpus]));
    // After the engines have started: child processes inherit the CPU affinity, so the engines could not use
    // this core.
    placement::keep_off(&[generator]);
    for (place, engine) in engines.iter().enumerate() {
        for (name, load) in &loads {
            let measured = (0..rounds).map(|_| measure(engine, &origin, load, seconds));
            let costs: Vec<Cost> = measured.collect::<Result<_, _>>()?;
            print(&row(name, place + 1, &costs));
        }
    }
    Ok(())
}

fn row(name: &str, shards: usize, costs: &[Cost]) -> String {
    let of = |value: fn(&Cost) -> f64| median(costs.iter().map(value).collect());
    let calls = costs.iter().filter_map(|cost| cost.calls).collect();
    let lag = |which: usize| {
        let spans = costs.iter().map(|cost| cost.lag[which]).collect();
        match median(spans) {
            0.0 => "–".to_owned(),
            span => format!("{span:.0} µs"),
        }
    };
    format!(
        "| {name} | {shards} | {:.0} | {:.2} | {:.2} | {:.2} | {:.3} | {} | {} |\n",
        of(|cost| cost.rate),
        of(|cost| cost.user_us),
        of(|cost| cost.system_us),
        median(calls),
        of(|cost| cost.sleeps),
        lag(0),
        lag(1),
    )
}

fn measure(engine: &Engine, origin: &Origin, load: &Value, seconds: u64) -> anyhow::Result<Cost> {
    let mut body = json!({
        "request": {"method": "GET", "url": format!("http://{}/", origin.addr())},
        "mode": "constant", "duration": seconds, "success_sample_rate": 0,
    });
    for (name, value) in load.as_object().context("a load is an object")? {
        body[name] = value.clone();
    }
    let shards = shard_threads(engine.pid())?;
    let before = used(&shards)?;
    let counter = count_calls(&shards);
    let report = engine.run(&body).finish();
    let calls = counter.and_then(calls_counted);
    Ok(cost(&report, before, used(&shards)?, calls))
}

fn cost(report: &Value, before: [f64; 3], after: [f64; 3], calls: Option<f64>) -> Cost {
    let requests = number(report, "accounting/issued");
    let [user, system, sleeps] = [0, 1, 2].map(|which| after[which] - before[which]);
    Cost {
        rate: number(report, "summary/avgRps"),
        user_us: user * 1e6 / requests,
        system_us: system * 1e6 / requests,
        calls: calls.map(|calls| calls / requests),
        sleeps: sleeps / requests,
        lag: ["p50", "p99"].map(|name| number(report, &format!("scheduleLag/{name}")) * 1e3),
    }
}

/// Returns the shard threads of an engine, as `/proc` directories.
fn shard_threads(pid: u32) -> anyhow::Result<Vec<PathBuf>> {
    let mut threads = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
        let entry = entry?;
        let name = fs::read_to_string(entry.path().join("comm"))?;
        if name.starts_with("vayu-shard-") {
            threads.push(entry.path());
        }
    }
    Ok(threads)
}

/// Returns user seconds, system seconds and voluntary context switches.
fn used(threads: &[PathBuf]) -> anyhow::Result<[f64; 3]> {
    let mut sum = [0.0; 3];
    for thread in threads {
        let [user, system] = cpu_times(&thread.join("stat"), 0)?;
        sum[0] += user;
        sum[1] += system;
        let status = fs::read_to_string(thread.join("status"))?;
        let sleeps = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        sum[2] += sleeps
            .context("no count of switches")?
            .trim()
            .parse::<f64>()?;
    }
    Ok(sum)
}

/// Starts `perf` to count the system calls of threads. Returns `None` if `perf` is not installed.
fn count_calls(threads: &[PathBuf]) -> Option<Child> {
    let ids = threads
        .iter()
        .filter_map(|thread| thread.file_name()?.to_str());
    let ids: Vec<&str> = ids.collect();
    let perf = Command::new("perf")
        .args(["stat", "-x,", "-e", "raw_syscalls:sys_enter", "-t"])
        .arg(ids.join(","))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    perf.ok()
}

/// Stops `perf` and returns its count. Returns `None` if `perf` is not permitted to count.
fn calls_counted(perf: Child) -> Option<f64> {
    let interrupted = Command::new("kill")
        .args(["-s", "INT", &perf.id().to_string()])
        .status();
    interrupted.ok()?;
    let output = perf.wait_with_output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = told.lines().find(|line| line.contains("sys_enter"))?;
    line.split(',').next()?.parse().ok()
}
