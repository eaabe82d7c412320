//! How exactly one shard keeps a schedule: `cargo bench --bench accuracy`.
//!
//! Runs each rate against the built-in origin on another core and prints the
//! schedule lag (the generator's own lateness) and the CPU time a request costs
//! the shard. `SECONDS` and `ROUNDS` are read from the environment; every round
//! is a row, because the machine's mood changes between them. It judges nothing.

use std::fmt::Write as _;
use std::io::{Write as _, stdout};

use anyhow::{Context, ensure};
use serde_json::json;
use vayu_control::run::{RunOrder, StopSwitch, execute};
use vayu_control::server::start_engine;
use vayu_origin::{Origin, OriginConfig};
use vayu_shared::summary::RunSummary;
use vayu_shared::units::{MICROSECOND, MILLISECOND, Nanos, display_span};
use vayu_shared::validate::{Defaults, run_spec};
use vayu_worker::{Driver, Engine, placement};

const RATES: [f64; 3] = [1_000.0, 5_000.0, 20_000.0];
const STATS_INTERVAL: Nanos = 100 * MILLISECOND;

fn main() -> anyhow::Result<()> {
    let cores = placement::allowed();
    ensure!(
        cores.len() >= 2,
        "two cores are needed: one for the shard, one for the origin"
    );
    let origin = Origin::start(OriginConfig {
        port: 0,
        cpus: vec![cores[1]],
        ..OriginConfig::default()
    })?;
    placement::keep_off(&cores[..1]);
    let engine = start_engine(&cores[..1], Driver::IoUring)?;
    print(
        "| rate | lag p50 | lag p99 | lag p99.9 | lag max | response p50 | shard busy | CPU per request |\n|---|---|---|---|---|---|---|---|\n",
    );
    for _ in 0..number("ROUNDS", 3)? {
        for rate in RATES {
            let summary = measure(&engine, &origin, rate, number("SECONDS", 5)?)?;
            print(&row(rate, &summary));
        }
    }
    Ok(())
}

fn number(name: &str, default: u64) -> anyhow::Result<u64> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{name} is \"{text}\"; it has to be a whole number")),
        Err(_) => Ok(default),
    }
}

fn measure(
    engine: &Engine,
    origin: &Origin,
    rate: f64,
    seconds: u64,
) -> anyhow::Result<RunSummary> {
    let body = json!({
        "request": {"method": "GET", "url": format!("http://{}/", origin.addr())},
        "mode": "constant", "targetRps": rate, "duration": seconds, "success_sample_rate": 0,
    });
    let order = RunOrder::new(run_spec(&body, &Defaults::default())?)?;
    let stop = StopSwitch::default();
    let outcome = execute(engine, &order, STATS_INTERVAL, &stop, || {}, &mut []);
    match outcome.failure {
        Some(reason) => anyhow::bail!("{rate}/s: {reason}"),
        None => Ok(outcome.summary),
    }
}

fn row(rate: f64, summary: &RunSummary) -> String {
    let lag = &summary.schedule_lag;
    let mut row = format!("| {rate:.0}/s |");
    for span in [
        lag.percentile("p50"),
        lag.percentile("p99"),
        lag.percentile("p999"),
        lag.max_ns,
        summary.response.percentile("p50"),
    ] {
        // Writing to a string does not fail.
        let _ = write!(row, " {} |", display_span(span));
    }
    let busy = summary.generator.worst(|shard| shard.shard_busy);
    let busy = busy.map_or(f64::NAN, |(share, _)| share);
    let cpu_ns = busy * summary.elapsed_ns as f64 / summary.accounting.issued.max(1) as f64;
    let _ = writeln!(
        row,
        " {:.0} % | {:.1} µs |",
        busy * 100.0,
        cpu_ns / MICROSECOND as f64
    );
    row
}

fn print(text: &str) {
    // A reader that has gone away is no error.
    let _ = stdout().write_all(text.as_bytes());
}
