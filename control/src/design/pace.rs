//! Limits the impact of design requests on load: while a load run is active, one design request starts per
//! millisecond, so that a shard is never busy with many at once.

use std::time::Duration;

use tokio::sync::Mutex;

use crate::run::RunManager;

/// Interval between two design requests, which the shard has to itself.
const PAUSE: Duration = Duration::from_millis(1);

/// Paces design requests.
pub struct Pace {
    runs: RunManager,
    gate: Mutex<()>,
}

impl Pace {
    /// Creates a pace that depends on the active runs in `runs`.
    pub fn new(runs: RunManager) -> Self {
        Self {
            runs,
            gate: Mutex::new(()),
        }
    }

    /// Waits until the next request may start. Returns at once if no run is active.
    pub async fn turn(&self) {
        if self.runs.active().is_empty() {
            return;
        }
        let gate = self.gate.lock().await;
        tokio::time::sleep(PAUSE).await;
        drop(gate);
    }
}
