//! Keeps design requests out of the way of load: while a load run goes on, one
//! begins per millisecond, so that a shard is never busy with many at once.

use std::time::Duration;

use tokio::sync::Mutex;

use crate::run::RunManager;

/// What a shard gets to itself between two of them.
const PAUSE: Duration = Duration::from_millis(1);

/// See the module.
pub struct Pace {
    runs: RunManager,
    gate: Mutex<()>,
}

impl Pace {
    /// Beside `runs`.
    pub fn new(runs: RunManager) -> Self {
        Self {
            runs,
            gate: Mutex::new(()),
        }
    }

    /// Waits for the next turn; there is no wait while nothing else goes on.
    pub async fn turn(&self) {
        if self.runs.active().is_empty() {
            return;
        }
        let gate = self.gate.lock().await;
        tokio::time::sleep(PAUSE).await;
        drop(gate);
    }
}
