//! Load runs: preparation, collection of shard reports, and tracking of active runs.

mod collector;
mod deletion;
pub mod dns_refresh;
mod ending;
mod execute;
mod interval_log;
mod live;
mod live_samples;
mod manager;
mod prepare;
mod prepared_run;
mod recording;
pub mod resolver;
mod retention;
mod script_sends;
mod stop_switch;
mod target_dns;
mod thinning;
mod ticks;
mod traces;
mod watch;

pub use deletion::{DeleteAnswer, Deletion};
pub use execute::{RunOutcome, execute};
pub use live::{Live, LiveSamples, LiveState, NewMetrics};
pub use live_samples::LiveSample;
pub use manager::{RunManager, StartError, StopAnswer, is_final};
pub use prepared_run::{PreparedRun, RunScripts, SendForScripts, system_roots, without_secrets};
pub use retention::Retention;
pub use stop_switch::StopSwitch;
pub use ticks::Tick;

use vayu_shared::sample::SampleBatch;

use crate::generator::PreflightWarning;

/// Receives the events of a run while it is active.
///
/// Called from the run's own thread. A slow call delays the next one, but never a shard.
pub trait Sink {
    /// Receives stored samples of single requests.
    fn samples(&mut self, samples: &SampleBatch);
    /// Called at the end of each second of the run.
    fn tick(&mut self, tick: &Tick);
    /// Called at the end of each stats interval, ten times per second or more often, so it has to be cheap.
    /// The default does nothing.
    fn interval(&mut self, _moment: &LiveSample) {}
    /// Receives the preflight warnings before the run.
    fn preflight(&mut self, warnings: &[PreflightWarning]);
}
