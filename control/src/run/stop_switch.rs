//! Stops a run from another thread or task.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use vayu_worker::engine::RunHandle;

/// Stops a run, before or while it is active.
#[derive(Clone, Default)]
pub struct StopSwitch {
    switch: Arc<Mutex<Switch>>,
    /// Notifies waiters.
    bell: Arc<Notify>,
}

#[derive(Default)]
struct Switch {
    pressed: bool,
    run: Option<RunHandle>,
}

impl StopSwitch {
    /// Makes the run end as soon as possible.
    pub fn press(&self) {
        let mut switch = self.lock();
        switch.pressed = true;
        if let Some(run) = &switch.run {
            run.stop();
        }
        drop(switch);
        self.bell.notify_waiters();
    }

    /// Waits until it is pressed.
    pub async fn pressed(&self) {
        loop {
            // Registers before checking, so that no notification is missed.
            let mut rings = std::pin::pin!(self.bell.notified());
            rings.as_mut().enable();
            if self.is_pressed() {
                return;
            }
            rings.await;
        }
    }

    /// Returns whether it was pressed.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.lock().pressed
    }

    /// Returns the handle to the run's shards, once the run has started.
    #[must_use]
    pub fn run(&self) -> Option<RunHandle> {
        self.lock().run.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Switch> {
        self.switch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects the switch to the shards of the run. Stops them if it was pressed before.
    pub(super) fn connect(&self, run: RunHandle) {
        let mut switch = self.lock();
        if switch.pressed {
            run.stop();
        }
        switch.run = Some(run);
    }
}
