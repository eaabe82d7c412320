//! What starves a generator: loops that never rest on its core, and a process
//! that is only let run for part of the time.

use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Busy loops on one core, ended with the value.
pub struct BusyLoops(Vec<Child>);

impl BusyLoops {
    /// So many loops on `core`.
    ///
    /// # Panics
    /// When `taskset` or `sh` is missing.
    #[must_use]
    pub fn start(core: usize, loops: usize) -> Self {
        let start = |_| {
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string(), "sh", "-c", "while :; do :; done"]);
            command.spawn().expect("util-linux has taskset")
        };
        Self((0..loops).map(start).collect())
    }
}

impl Drop for BusyLoops {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // Gone before is gone as well.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Stops and continues a process in turn, until the value is dropped.
pub struct Throttle {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Throttle {
    /// Lets `pid` run for `on`, then not for `off`, and so on.
    #[must_use]
    pub fn start(pid: u32, on: Duration, off: Duration) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                signal(pid, "STOP");
                std::thread::sleep(off);
                signal(pid, "CONT");
                std::thread::sleep(on);
            }
        });
        Self {
            over,
            thread: Some(thread),
        }
    }
}

impl Drop for Throttle {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It only sleeps and signals; there is nothing to learn from its end.
            let _ = thread.join();
        }
    }
}

fn signal(pid: u32, name: &str) {
    // The process may have ended; then there is nothing to hold up.
    let _ = Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .status();
}
