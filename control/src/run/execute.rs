//! Executes one run from its specification to its outcome. Blocks until then.

use std::sync::{Arc, Mutex, PoisonError};

use vayu_shared::snapshot::Latencies;
use vayu_shared::spec::RunSpec;
use vayu_shared::summary::RunSummary;
use vayu_shared::units::Nanos;
use vayu_worker::Engine;
use vayu_worker::engine::Stopper;

use super::Sink;
use super::collector::collect;
use super::prepare::prepare;

/// How a run ended.
pub struct Outcome {
    /// Its numbers.
    pub summary: RunSummary,
    /// Its distributions.
    pub latencies: Latencies,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

/// Stops a run, before or while it goes on.
#[derive(Clone, Default)]
pub struct StopSwitch(Arc<Mutex<Switch>>);

#[derive(Default)]
struct Switch {
    pressed: bool,
    stopper: Option<Stopper>,
}

impl StopSwitch {
    /// Has the run end as soon as it can.
    pub fn press(&self) {
        let mut switch = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        switch.pressed = true;
        if let Some(stopper) = &switch.stopper {
            stopper.stop();
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

    fn connect(&self, stopper: Stopper) {
        let mut switch = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if switch.pressed {
            stopper.stop();
        }
        switch.stopper = Some(stopper);
    }
}

/// Executes a run and tells `sinks` how it goes. `begun` is called once load is
/// about to be put on the target.
pub fn execute(
    engine: &Engine,
    spec: &RunSpec,
    stats_interval: Nanos,
    stop: &StopSwitch,
    begun: impl FnOnce(),
    sinks: &mut [&mut dyn Sink],
) -> Outcome {
    let plan = Arc::new(prepare(spec, stats_interval));
    begun();
    let run = engine.begin(Arc::clone(&plan));
    stop.connect(run.stopper());
    let collected = collect(&run, &plan, sinks);
    Outcome {
        summary: RunSummary::new(
            &plan,
            &collected.counters,
            &collected.latencies,
            collected.elapsed,
        ),
        latencies: collected.latencies,
        stopped: stop.is_pressed(),
        failure: collected.failure,
    }
}
