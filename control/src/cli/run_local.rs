//! A run in this process: nothing is stored unless asked, nothing listens.

use anyhow::Context;
use serde_json::{Value, json};
use vayu_shared::spec::RunSpec;
use vayu_shared::summary::RunSummary;
use vayu_worker::{Engine, placement};

use super::interrupt::on_interrupt;
use super::progress::Progress;
use super::run::{RunArgs, ending, print_report};
use super::{Ending, Usage};
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::report::Report;
use crate::run::{RunManager, RunOrder, Sink, StopSwitch, execute, without_secrets};
use crate::server::start_engine;
use crate::store::{RunStatus, Store};

/// Runs and prints the report.
pub fn run(args: &RunArgs, body: &Value, spec: RunSpec) -> anyhow::Result<Ending> {
    let order = RunOrder::new(spec).map_err(|error| Usage(error.to_string()))?;
    let cpus = args.placement.cpus()?;
    placement::keep_off(&cpus);
    let engine = start_engine(&cpus, args.placement.driver())?;
    let stop = StopSwitch::default();
    let pressed = stop.clone();
    on_interrupt(move || pressed.press())?;
    let mut progress = Progress::new(order.spec.load.duration(), args.quiet);
    for warning in &order.spec.warnings {
        progress.warn(warning);
    }
    let config = Config::new(engine.workers());
    let summary = match &args.data_dir {
        None => execute_unstored(&engine, &order, &config, &stop, &mut progress)?,
        Some(root) => {
            let data_dir = DataDir::open(root)?;
            let store = Store::open(&data_dir.database())?;
            // Settings that were changed over the API count here, too.
            let config = Config::from_settings(engine.workers(), &store.settings()?);
            let manager = RunManager::new(engine, store, config);
            let summary = execute_stored(&manager, &order, body, &stop, &mut progress)?;
            manager.store().clone().close();
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

fn execute_unstored(
    engine: &Engine,
    order: &RunOrder,
    config: &Config,
    stop: &StopSwitch,
    progress: &mut Progress,
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
            outcome.judge(&config.budgets());
            Ok(outcome.summary)
        }
    }
}

fn execute_stored(
    manager: &RunManager,
    order: &RunOrder,
    body: &Value,
    stop: &StopSwitch,
    progress: &mut Progress,
) -> anyhow::Result<RunSummary> {
    let snapshot = without_secrets(body, &body.to_string());
    let id = manager.run_here(order, snapshot, stop, &mut [progress])?;
    let run = manager.store().run(&id)?;
    if let Some(run) = run.filter(|run| run.status == RunStatus::Failed) {
        anyhow::bail!("run {id} failed: {}", run.reason.unwrap_or_default());
    }
    let summary = manager.store().summary(&id)?;
    summary.with_context(|| {
        format!("run {id} could not be stored; is the disk full? The log of the data directory says more")
    })
}
