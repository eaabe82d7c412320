//! Load runs: preparing, collecting what the shards report, and keeping track
//! of those that go on.

mod collector;
mod execute;
mod interval_log;
mod live;
mod lookups;
mod manager;
mod order;
mod prepare;
mod recording;
pub mod refresh;
pub mod resolver;
mod ticks;
mod watch;

pub use execute::{Outcome, StopSwitch, execute};
pub use live::{Live, LiveMetrics, LiveState};
pub use manager::{RunManager, StartError, StopAnswer, is_last};
pub use order::{RunOrder, without_secrets};
pub use ticks::Tick;

use vayu_shared::generator::PreflightWarning;
use vayu_shared::sample::SampleBatch;

/// Who wants to know how a run goes, while it goes.
///
/// Called from the run's own thread; what takes long here delays the next
/// call, never a shard.
pub trait Sink {
    /// Single requests that were kept.
    fn samples(&mut self, samples: &SampleBatch);
    /// A second of the run is over.
    fn tick(&mut self, tick: &Tick);
    /// What was noticed about the machine before the run.
    fn preflight(&mut self, warnings: &[PreflightWarning]);
}
