//! What the benches share: settings from the environment, printing, cores, and whether
//! this is the real thing or a test that it works.

#![allow(dead_code, reason = "each bench uses some of it")]

pub mod kernels;

use std::io::{Write as _, stdout};
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::Value;
use vayu_origin::{Origin, OriginConfig};
use vayu_worker::placement;

/// What the kernel shows times in, whatever it counts in (USER_HZ).
const TICKS_PER_SECOND: f64 = 100.0;

/// Whether it only has to be shown that the bench works: `cargo bench` says that it is
/// one, `cargo test --benches` does not.
pub fn is_smoke() -> bool {
    !std::env::args().any(|argument| argument == "--bench")
}

/// The whole number in the environment variable `name`; 1 in a smoke test.
///
/// # Errors
/// When it says something else.
pub fn setting(name: &str, default: u64) -> anyhow::Result<u64> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{name} is \"{text}\"; it has to be a whole number")),
        Err(_) if is_smoke() => Ok(1),
        Err(_) => Ok(default),
    }
}

/// Prints `text`; whoever closed the output does not want the rest.
pub fn print(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
}

/// A latency of a report in whole microseconds; `–` where too few samples lie beyond a
/// percentile for the report to tell it.
pub fn micros(report: &Value, path: &str) -> String {
    let ms = report.pointer(&format!("/{path}")).and_then(Value::as_f64);
    ms.map_or("–".to_owned(), |ms| format!("{:.0} µs", ms * 1e3))
}

/// A core for the generator and one for its target.
///
/// # Errors
/// When there are not two.
pub fn two_cores() -> anyhow::Result<[usize; 2]> {
    let cores = placement::allowed();
    ensure!(
        cores.len() >= 2,
        "two cores are needed: one for the generator, one for the target"
    );
    Ok([cores[0], cores[1]])
}

/// The built-in target, on this core.
///
/// # Errors
/// When it cannot listen.
pub fn origin_on(core: usize) -> anyhow::Result<Origin> {
    let origin = Origin::start(OriginConfig {
        port: 0,
        cpus: vec![core],
        ..OriginConfig::default()
    })?;
    Ok(origin)
}

/// Seconds of user and of system time from a `stat` of `/proc`, fields 14 and 15 of
/// proc(5), or so many fields later: 2 for those of the children it has waited for.
///
/// # Errors
/// When it cannot be read.
pub fn cpu_times(stat: &Path, later: usize) -> anyhow::Result<[f64; 2]> {
    let text = std::fs::read_to_string(stat)?;
    // The name, second of all, may hold blanks and brackets.
    let (_, fields) = text.rsplit_once(')').context("no name in a stat")?;
    let mut fields = fields.split_whitespace().skip(11 + later);
    let mut seconds = || -> anyhow::Result<f64> {
        let field = fields.next().context("a stat with too few fields")?;
        Ok(field.parse::<f64>()? / TICKS_PER_SECOND)
    };
    Ok([seconds()?, seconds()?])
}

/// The middle one; of an even number the higher of both. Not a number of nothing.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
