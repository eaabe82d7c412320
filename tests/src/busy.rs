//! Ways to starve the generator of CPU time: busy loops on its core, and a throttle that stops and continues
//! a process.

use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Busy loops on one core. Dropping the value kills them.
pub struct BusyLoops(Vec<Child>);

impl BusyLoops {
    /// Starts `loops` busy loops on `core`.
    ///
    /// # Panics
    /// Panics if `taskset` or `sh` is missing.
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
            // A loop that has already exited is fine.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Alternately stops and continues a process until the value is dropped.
pub struct Throttle {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Throttle {
    /// Lets `pid` run for `on`, stops it for `off`, and repeats.
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
            // The thread only sleeps and sends signals, so its result carries no information.
            let _ = thread.join();
        }
    }
}

fn signal(pid: u32, name: &str) {
    // The process may have exited; there is nothing to stop then.
    let _ = Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .status();
}
