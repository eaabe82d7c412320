//! Schedule accuracy of one shard. Run `cargo bench --bench accuracy` after `./dev dist`.
//!
//! Runs each rate against the built-in origin on another core. Prints the schedule lag (lateness caused by
//! the generator itself) and the shard's CPU time per request. The environment variables `SECONDS` and
//! `ROUNDS` set duration and repetitions. Each round is a row of its own because machine noise varies between
//! rounds. The bench has no pass/fail threshold.

mod common;

use std::fmt::Write as _;

use serde_json::{Value, json};
use vayu_tests::{Engine, number};
use vayu_worker::placement;

use common::{micros, origin_on, print, setting, two_cores};

const RATES: [u32; 3] = [1_000, 5_000, 20_000];

fn main() -> anyhow::Result<()> {
    let [generator, server] = two_cores()?;
    let origin = origin_on(server)?;
    let engine = Engine::with(&["--cpus", &generator.to_string()]);
    placement::keep_off(&[generator]);
    let seconds = setting("SECONDS", 5)?;
    print(
        "| rate | lag p50 | lag p99 | lag p99.9 | lag max | response p50 | shard busy | CPU per request |\n|---|---|---|---|---|---|---|---|\n",
    );
    for _ in 0..setting("ROUNDS", 5)? {
        for rate in RATES {
            let run = engine.run(&json!({
                "request": {"method": "GET", "url": format!("http://{}/", origin.addr())},
                "mode": "constant", "targetRps": rate, "duration": seconds,
                "success_sample_rate": 0,
            }));
            print(&row(rate, &run.finish()));
        }
    }
    Ok(())
}

fn row(rate: u32, report: &Value) -> String {
    let mut row = format!("| {rate}/s |");
    for span in [
        "scheduleLag/p50",
        "scheduleLag/p99",
        "scheduleLag/p999",
        "scheduleLag/max",
        "responseTime/p50",
    ] {
        // Writing to a `String` is infallible.
        let _ = write!(row, " {} |", micros(report, span));
    }
    let busy = number(report, "generator/shards/0/shardBusyPercent");
    let cpu_us = busy / 100.0 * 1e6 / number(report, "summary/avgRps");
    let _ = writeln!(row, " {busy:.0} % | {cpu_us:.1} µs |");
    row
}
