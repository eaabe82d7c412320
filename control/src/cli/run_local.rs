//! A run in this process. It stores nothing unless requested, and opens no listener.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use serde_json::{Value, json};
use vayu_shared::spec::{RequestSpec, RunSpec};
use vayu_shared::template::{NoVariables, Template};
use vayu_worker::{Engine, Fence, placement};

use super::interrupt::on_interrupt;
use super::progress::ProgressLine;
use super::run_args::RunArgs;
use super::run_end::{ending, print_report};
use super::{Ending, UsageError};
use crate::config::{Config, SharedConfig};
use crate::data_dir::DataDir;
use crate::report::Report;
use crate::run::{PreparedRun, RunManager, Sink, StopSwitch, execute, without_secrets};
use crate::server::start_engine;
use crate::store::{RunStatus, Store};
use crate::summary::RunSummary;

/// Executes the run and prints the report.
pub fn run(args: &RunArgs, body: &Value, spec: RunSpec) -> anyhow::Result<Ending> {
    let order = PreparedRun::new(spec).map_err(|error| UsageError(error.to_string()))?;
    let cpus = args.placement.cpus()?;
    placement::keep_off(&cpus);
    let engine = start_engine(&cpus, args.placement.driver(), Fence::default())?;
    let stop = StopSwitch::default();
    let pressed = stop.clone();
    on_interrupt(move || pressed.press())?;
    let mut progress = ProgressLine::new(order.spec.load.duration(), args.quiet);
    let unknown = unknown_variables(&order.spec.request);
    for warning in order.spec.warnings.iter().chain(&unknown) {
        progress.warn(warning);
    }
    let config = Config::new(engine.workers());
    let summary = match &args.data_dir {
        None => execute_unstored(&engine, &order, &config, &stop, &mut progress)?,
        Some(root) => {
            let data_dir = DataDir::open(root)?;
            let store = Store::open(&data_dir.database())?;
            // Settings that were changed over the API apply here too.
            let config = Config::from_settings(engine.workers(), &store.settings()?);
            let config = SharedConfig::new(config, store.clone());
            let runs = RunManager::new(Arc::new(engine), store.clone(), config);
            let summary = execute_stored((&runs, &store), &order, body, &stop, &mut progress)?;
            store.close();
            summary
        }
    };
    progress.clear();
    let report = json!(Report::new(&summary));
    print_report(&report, args.format, &order.spec)?;
    Ok(if stop.is_pressed() {
        Ending::Interrupted
    } else {
        ending(&report, args.strict)
    })
}

/// Returns a warning for each variable in a request: only dynamic variables exist here.
fn unknown_variables(request: &RequestSpec) -> Vec<String> {
    let mut unknown = BTreeSet::new();
    let body = String::from_utf8_lossy(&request.body);
    let headers = request.headers.iter();
    let lines = headers.flat_map(|header| [header.name.as_str(), header.value.as_str()]);
    for text in lines.chain([request.url.as_str(), &body]) {
        // Only the unknown names are needed here, not the template.
        let _ = Template::compile(text, &NoVariables, &mut unknown);
    }
    let warning = |name| {
        format!(
            "variable `{name}` is undefined and is sent as typed; only dynamic variables like {{{{$guid}}}} are available without an engine"
        )
    };
    unknown.into_iter().map(warning).collect()
}

fn execute_unstored(
    engine: &Engine,
    order: &PreparedRun,
    config: &Config,
    stop: &StopSwitch,
    progress: &mut ProgressLine,
) -> anyhow::Result<RunSummary> {
    let sinks: &mut [&mut dyn Sink] = &mut [progress];
    let mut outcome = execute(
        engine,
        order,
        config.stats_interval_ns(),
        stop,
        || {},
        sinks,
    );
    match outcome.failure.take() {
        Some(reason) => anyhow::bail!("the run failed: {reason}"),
        None => {
            outcome.evaluate(&config.budgets());
            Ok(outcome.summary)
        }
    }
}

fn execute_stored(
    (runs, store): (&RunManager, &Store),
    order: &PreparedRun,
    body: &Value,
    stop: &StopSwitch,
    progress: &mut ProgressLine,
) -> anyhow::Result<RunSummary> {
    let snapshot = without_secrets(body, &body.to_string());
    let named = runs.new_run(stop);
    progress.name(named.id());
    let id = runs.run_here(named, order, snapshot, &mut [progress])?;
    let run = store.run(&id)?;
    if let Some(run) = run.filter(|run| run.status == RunStatus::Failed) {
        anyhow::bail!("run {id} failed: {}", run.reason.unwrap_or_default());
    }
    let summary = store.summary(&id)?;
    summary.with_context(|| {
        format!("run {id} could not be stored; is the disk full? The log of the data directory says more")
    })
}
