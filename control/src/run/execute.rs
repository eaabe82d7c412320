//! Executes a run from its specification to its outcome. Blocks until it ends.

use std::sync::Arc;

use vayu_shared::snapshot::Latencies;
use vayu_shared::units::Nanos;
use vayu_worker::Engine;
use vayu_worker::engine::Needs;

use super::collector::collect;
use super::prepare::prepare;
use super::script_sends::{script_sends, send_for_scripts};
use super::target_dns::{LookupChannel, refresh_dns};
use super::watch::Watch;
use super::{PreparedRun, Sink, StopSwitch};
use crate::summary::{RunEnd, RunSummary, StopCause};
use crate::verdict::{Budgets, RunCompletion, Verdict};

/// Outcome of a run.
pub struct RunOutcome {
    /// Its summary, without a verdict yet.
    pub summary: RunSummary,
    /// Its latency distributions.
    pub latencies: Latencies,
    /// Whether it was stopped before its planned end.
    pub stopped: bool,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// Number of arrivals in the plan. 0 if unknown.
    planned: u64,
}

impl RunOutcome {
    /// Adds the verdict, once the summary is complete.
    pub fn evaluate(&mut self, budgets: &Budgets) {
        let course = RunCompletion {
            planned: self.planned,
            stopped: self.stopped,
            failure: self.failure.as_deref(),
            interrupted: false,
        };
        self.summary.verdict = Some(Verdict::new(&self.summary, budgets, course));
    }
}

/// Executes a run and reports its events to `sinks`. `begun` is called when load is about to be generated.
pub fn execute(
    engine: &Engine,
    order: &PreparedRun,
    stats_interval: Nanos,
    stop: &StopSwitch,
    begun: impl FnOnce(),
    sinks: &mut [&mut dyn Sink],
) -> RunOutcome {
    let prepared = prepare(order, stats_interval, stop);
    let plan = Arc::clone(&prepared.plan);
    let watch = Watch::begin(engine, &plan);
    sinks
        .iter_mut()
        .for_each(|sink| sink.preflight(watch.warnings()));
    begun();
    let questions = LookupChannel::new(&prepared);
    let (sends, sent) = script_sends(order);
    let needs = Needs {
        tls: vec![order.tls.clone()],
        lookups: questions.asks.clone(),
        scripts: order
            .scripts
            .as_ref()
            .map(|scripts| Arc::clone(&scripts.plan)),
        sends,
    };
    let run = engine.begin(Arc::clone(&plan), needs);
    stop.connect(run.handle());
    send_for_scripts(order, sent, run.handle());
    let lookups = refresh_dns(&order.spec, &prepared, questions, run.handle());
    if let Err(error) = &lookups {
        tracing::error!("repeated DNS lookups could not be started: {error}");
        run.handle().stop();
    }
    let collected = collect(&run, &plan, sinks);
    let failure = lookups
        .as_ref()
        .err()
        .map(|error| format!("cannot create a thread for DNS lookups: {error}"));
    let lookups_made = match &lookups {
        Ok(Some(refresher)) => refresher.counts().made,
        _ => 0,
    };
    drop(lookups);
    let mut summary = RunSummary::new(&plan, &collected.totals, collected.elapsed);
    summary.generator = watch.end(&plan, &collected);
    summary.lookups = lookups_made;
    summary.connections_peak = collected.peak_connections;
    let stopped = stop.is_pressed();
    summary.stopped = stopped.then(|| StopCause {
        planned_ns: plan.load.duration(),
        planned_requests: plan.load.expected_requests(),
    });
    let failure = failure.or(collected.failure);
    if !stopped && failure.is_none() {
        summary.ended = RunEnd::new(&plan.load, summary.accounting.offered);
    }
    RunOutcome {
        summary,
        latencies: collected.totals.latencies,
        stopped,
        failure,
        planned: plan.load.planned_arrivals(),
    }
}
