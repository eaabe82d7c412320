//! Load runs: preparing, collecting what the shards report, and keeping track
//! of those that go on.

mod collector;
mod deletion;
mod ending;
mod execute;
mod interval_log;
mod live;
mod lookups;
mod manager;
mod moments;
mod order;
mod prepare;
mod recording;
pub mod refresh;
pub mod resolver;
mod retention;
mod script_sends;
mod thinning;
mod ticks;
mod traces;
mod watch;

pub use deletion::{DeleteAnswer, Deletion};
pub use execute::{Outcome, StopSwitch, execute};
pub use live::{KeptMoments, Live, LiveMetrics, LiveState};
pub use manager::{RunManager, StartError, StopAnswer, is_last};
pub use moments::Moment;
pub use order::{RunOrder, RunScripts, SendForScripts, system_roots, without_secrets};
pub use retention::Retention;
pub use ticks::Tick;

use vayu_shared::sample::SampleBatch;

use crate::generator::PreflightWarning;

/// Who wants to know how a run goes, while it goes.
///
/// Called from the run's own thread; what takes long here delays the next
/// call, never a shard.
pub trait Sink {
    /// Single requests that were kept.
    fn samples(&mut self, samples: &SampleBatch);
    /// A second of the run is over.
    fn tick(&mut self, tick: &Tick);
    /// An interval of the run is over: ten a second and more, so this has to be
    /// cheap. The default does nothing.
    fn interval(&mut self, _moment: &Moment) {}
    /// What was noticed about the machine before the run.
    fn preflight(&mut self, warnings: &[PreflightWarning]);
}
