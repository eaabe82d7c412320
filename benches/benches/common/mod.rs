//! Shared code of the benches: settings from the environment, printing, cores, and smoke-test detection.

#![allow(dead_code, reason = "each bench uses some of it")]

pub mod kernels;
pub mod target;

use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;
use vayu_origin::{Origin, OriginConfig};
use vayu_worker::placement;

/// Clock ticks per second in `/proc` (USER_HZ). Fixed, whatever the kernel's internal tick rate.
const TICKS_PER_SECOND: f64 = 100.0;

/// Returns whether this is a smoke test. `cargo bench` passes `--bench`, `cargo test --benches` does not.
pub fn is_smoke() -> bool {
    !std::env::args().any(|argument| argument == "--bench")
}

/// Reads an integer from the environment variable `name`. Returns `default` if it is unset, or 1 in a smoke
/// test.
///
/// # Errors
/// Returns an error if the value is not an integer.
pub fn setting(name: &str, default: u64) -> anyhow::Result<u64> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{name} is \"{text}\"; expected an integer")),
        Err(_) if is_smoke() => Ok(1),
        Err(_) => Ok(default),
    }
}

/// Prints `text`. Ignores write errors: a reader that closed the output does not need the rest.
pub fn print(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
}

/// Formats a latency of a report in whole microseconds. Returns `–` if the report omits the percentile
/// because too few samples lie beyond it.
pub fn micros(report: &Value, path: &str) -> String {
    let ms = report.pointer(&format!("/{path}")).and_then(Value::as_f64);
    ms.map_or("–".to_owned(), |ms| format!("{:.0} µs", ms * 1e3))
}

/// Returns one core for the generator and one for its target.
///
/// # Errors
/// Returns an error if fewer than two cores are available.
pub fn two_cores() -> anyhow::Result<[usize; 2]> {
    let cores = placement::allowed();
    ensure!(
        cores.len() >= 2,
        "two CPU cores are required: one for the generator, one for the target"
    );
    Ok([cores[0], cores[1]])
}

/// Finds a program in `PATH`.
pub fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let places = std::env::split_paths(&path).map(|place| place.join(name));
    places.into_iter().find(|place| place.is_file())
}

/// Starts the built-in origin on `core`.
///
/// # Errors
/// Returns an error if the origin cannot listen.
pub fn origin_on(core: usize) -> anyhow::Result<Origin> {
    let origin = Origin::start(OriginConfig {
        port: 0,
        cpus: vec![core],
        ..OriginConfig::default()
    })?;
    Ok(origin)
}

/// Reads user and system time, in seconds, from a `/proc` `stat` file: fields 14 and 15 of proc(5). `later`
/// shifts the fields; 2 reads the times of waited-for children.
///
/// # Errors
/// Returns an error if the file cannot be read or parsed.
/// When it cannot be read.
pub fn cpu_times(stat: &Path, later: usize) -> anyhow::Result<[f64; 2]> {
    let text = std::fs::read_to_string(stat)?;
    // Field 2, the name, may contain spaces and parentheses.
    let (_, fields) = text.rsplit_once(')').context("no name in a stat")?;
    let mut fields = fields.split_whitespace().skip(11 + later);
    let mut seconds = || -> anyhow::Result<f64> {
        let field = fields.next().context("a stat with too few fields")?;
        Ok(field.parse::<f64>()? / TICKS_PER_SECOND)
    };
    Ok([seconds()?, seconds()?])
}

/// Runs a program to completion, pinned to a core. Returns its output and its CPU time (user and system) in
/// seconds.
///
/// # Errors
/// Returns an error if the program does not start or fails.
pub fn run_on(
    core: usize,
    program: &Path,
    set: impl FnOnce(&mut Command),
) -> anyhow::Result<(String, f64)> {
    let name = program.display();
    let before = children_cpu()?;
    let mut command = Command::new("taskset");
    command
        .args(["-c", &core.to_string()])
        .arg(program)
        .stdin(Stdio::null());
    set(&mut command);
    let output = command
        .output()
        .with_context(|| format!("{name} does not start"))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let why = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{name} failed ({}): {told}{why}",
        output.status
    );
    Ok((told, children_cpu()? - before))
}

/// Returns the CPU time, in seconds, of all child processes that have been waited for.
fn children_cpu() -> anyhow::Result<f64> {
    Ok(cpu_times("/proc/self/stat".as_ref(), 2)?.iter().sum())
}

/// Parses the request count and the duration in seconds from the output of wrk.
pub fn parse_wrk_output(told: &str) -> Option<(f64, f64)> {
    // "  717567 requests in 5.10s, 170.40MB read"
    Some((
        before(told, " requests in ")?,
        after(told, " requests in ")?,
    ))
}

/// Parses the number that follows `word`.
pub fn after(told: &str, word: &str) -> Option<f64> {
    let rest = told.split_once(word)?.1.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

/// Parses the number that precedes `word`.
pub fn before(told: &str, word: &str) -> Option<f64> {
    let rest = told.split_once(word)?.0.trim_end();
    let begin = rest
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    rest[begin..].parse().ok()
}

/// Returns the median, or the higher of the two middle values. Returns NaN for no values.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
