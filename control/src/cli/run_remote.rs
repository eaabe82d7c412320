//! A run on a running engine: started over REST, watched over SSE.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use serde_json::Value;
use vayu_shared::spec::RunSpec;
use vayu_shared::units::MILLISECOND;

use super::Ending;
use super::client::{EngineClient, Event};
use super::interrupt::on_interrupt;
use super::progress::{Line, ProgressLine};
use super::run_args::RunArgs;
use super::run_end::{ending, print_report};

/// Executes the run on `engine` and prints the report.
pub fn run(args: &RunArgs, engine: &str, body: &Value, spec: &RunSpec) -> anyhow::Result<Ending> {
    let client = args.client(engine)?;
    let progress = ProgressLine::new(spec.load.duration(), args.quiet);
    let interrupted = Arc::new(AtomicBool::new(false));
    let report = watched_run(&client, body, &progress, |id| {
        let (told, stop) = (Arc::clone(&interrupted), format!("/run/{id}/stop"));
        let client = client.clone();
        on_interrupt(move || {
            told.store(true, Ordering::Relaxed);
            // If this fails, the run continues, and the stream shows it.
            let _ = client.post(&stop, &Value::Null);
        })
    })?;
    print_report(&report, args.format, spec)?;
    if interrupted.load(Ordering::Relaxed) {
        return Ok(Ending::Interrupted);
    }
    Ok(ending(&report, args.strict))
}

/// Starts a run, shows its progress, and returns its report once it has ended. Calls `told` with the run id.
pub fn watched_run(
    client: &EngineClient,
    body: &Value,
    progress: &ProgressLine,
    told: impl FnOnce(&str) -> anyhow::Result<()>,
) -> anyhow::Result<Value> {
    let started = client.post("/run", body)?;
    let id = started["runId"]
        .as_str()
        .context("the engine returned no run id")?
        .to_owned();
    progress.name(&id);
    for warning in started["warnings"].as_array().into_iter().flatten() {
        progress.warn(warning.as_str().unwrap_or_default());
    }
    told(&id)?;
    let status = watch(client, &id, progress)?;
    progress.clear();
    let report = client.get(&format!("/run/{id}/report"))?;
    let preflight = report["generator"]["preflight"].as_array();
    for warning in preflight.into_iter().flatten() {
        progress.warn(warning["message"].as_str().unwrap_or_default());
    }
    if status == "failed" {
        let run = client.get(&format!("/run/{id}"))?;
        bail!(
            "run {id} failed: {}",
            run["reason"].as_str().unwrap_or("no reason given")
        );
    }
    Ok(report)
}

/// Follows a run to its end and returns its final status.
fn watch(client: &EngineClient, id: &str, progress: &ProgressLine) -> anyhow::Result<String> {
    let (mut line, mut began) = (Line::default(), None);
    for Event { name, data } in client.events(id)? {
        if name == "complete" {
            return Ok(data["status"].as_str().unwrap_or_default().to_owned());
        }
        let (Some(value), Some(at)) = (data["value"].as_f64(), data["timestamp"].as_u64()) else {
            continue;
        };
        // The metrics of the first second have the timestamp of its end.
        let began = *began.get_or_insert(at.saturating_sub(1000));
        line.elapsed = (at - began) * MILLISECOND;
        match data["name"].as_str() {
            Some("rps") => line.rps = value,
            Some("error_rate") => line.error_rate = value,
            Some("connections_active") => line.connections = value,
            Some("requests_sent") => {
                line.sent = value;
                progress.show(line);
            }
            _ => {}
        }
    }
    bail!("the engine ended the stream of run {id} before the run had ended")
}
