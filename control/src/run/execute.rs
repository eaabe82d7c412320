//! Executes one run from its specification to its outcome. Blocks until then.

use std::sync::{Arc, Mutex, PoisonError};

use vayu_shared::snapshot::Latencies;
use vayu_shared::summary::RunSummary;
use vayu_shared::units::Nanos;
use vayu_shared::verdict::{Budgets, Course, Verdict};
use vayu_worker::Engine;
use vayu_worker::engine::RunHandle;

use super::collector::collect;
use super::lookups::{Questions, look_up_again};
use super::prepare::prepare;
use super::watch::Watch;
use super::{RunOrder, Sink};

/// How a run ended.
pub struct Outcome {
    /// Its numbers, not yet judged.
    pub summary: RunSummary,
    /// Its distributions.
    pub latencies: Latencies,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// Arrivals the plan held; 0 where that is not known.
    planned: u64,
}

impl Outcome {
    /// Adds the verdict, once the summary is complete.
    pub fn judge(&mut self, budgets: &Budgets) {
        let course = Course {
            planned: self.planned,
            stopped: self.stopped,
            failure: self.failure.as_deref(),
        };
        self.summary.verdict = Some(Verdict::new(&self.summary, budgets, course));
    }
}

/// Stops a run, before or while it goes on.
#[derive(Clone, Default)]
pub struct StopSwitch(Arc<Mutex<Switch>>);

#[derive(Default)]
struct Switch {
    pressed: bool,
    run: Option<RunHandle>,
}

impl StopSwitch {
    /// Has the run end as soon as it can.
    pub fn press(&self) {
        let mut switch = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        switch.pressed = true;
        if let Some(run) = &switch.run {
            run.stop();
        }
    }

    /// Whether it was pressed.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pressed
    }

    fn connect(&self, run: RunHandle) {
        let mut switch = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if switch.pressed {
            run.stop();
        }
        switch.run = Some(run);
    }
}

/// Executes a run and tells `sinks` how it goes. `begun` is called once load is
/// about to be put on the target.
pub fn execute(
    engine: &Engine,
    order: &RunOrder,
    stats_interval: Nanos,
    stop: &StopSwitch,
    begun: impl FnOnce(),
    sinks: &mut [&mut dyn Sink],
) -> Outcome {
    let prepared = prepare(&order.spec, stats_interval);
    let plan = Arc::clone(&prepared.plan);
    let watch = Watch::begin(engine, &plan);
    sinks
        .iter_mut()
        .for_each(|sink| sink.preflight(watch.warnings()));
    begun();
    let questions = Questions::new(&prepared);
    let run = engine.begin(Arc::clone(&plan), order.tls.clone(), questions.asks.clone());
    stop.connect(run.handle());
    let lookups = look_up_again(&order.spec, &prepared, questions, run.handle());
    if let Err(error) = &lookups {
        tracing::error!("names are not looked up again: {error}");
        run.handle().stop();
    }
    let collected = collect(&run, &plan, sinks);
    let failure = lookups
        .as_ref()
        .err()
        .map(|error| format!("the system granted no thread for name look-ups: {error}"));
    let lookups_made = match &lookups {
        Ok(Some(refresher)) => refresher.counts().made,
        _ => 0,
    };
    drop(lookups);
    let mut summary = RunSummary::new(&plan, &collected.totals, collected.elapsed);
    summary.generator = watch.end(&plan, &collected);
    summary.lookups = lookups_made;
    Outcome {
        summary,
        latencies: collected.totals.latencies,
        stopped: stop.is_pressed(),
        failure: failure.or(collected.failure),
        planned: plan.load.planned_arrivals(),
    }
}
