//! Whether the machine was there for a test: how much of its cores went to processes that are
//! none of the test's, or to other machines on the same host. From `/proc`.
//!
//! Tests that judge what the engine makes of quiet cores ask it, and say `not judged` where
//! there were none. It judges nothing itself.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::param::clock_ticks_per_second;
use rustix::thread::{CpuSet, sched_setaffinity};

/// Cores that may go to others before a test stops judging: what a shell or a daemon takes.
const FOREIGN_CORES: f64 = 0.1;

/// Watches the cores from its start on.
pub struct Quiet {
    pids: Vec<u32>,
    began: Instant,
    all: u64,
    own: u64,
}

impl Quiet {
    /// Begins to watch; the processes of `pids` and the test's own are no disturbance.
    ///
    /// # Panics
    /// When a process is gone.
    #[must_use]
    pub fn watch(pids: &[u32]) -> Self {
        let mut pids = pids.to_vec();
        pids.push(std::process::id());
        let (own, all) = (ticks_of_processes(&pids), ticks_of_machine());
        Self {
            pids,
            began: Instant::now(),
            all,
            own,
        }
    }

    /// How many cores went to others since the start, where that is more than a test can be
    /// judged with.
    ///
    /// # Panics
    /// When a process is gone.
    #[must_use]
    pub fn disturbance(&self) -> Option<f64> {
        Some(self.foreign_cores()).filter(|cores| *cores > FOREIGN_CORES)
    }

    /// How many cores went to others since the start.
    ///
    /// # Panics
    /// When a process is gone.
    #[must_use]
    pub fn foreign_cores(&self) -> f64 {
        let all = ticks_of_machine() - self.all;
        let own = ticks_of_processes(&self.pids) - self.own;
        let seconds = all.saturating_sub(own) as f64 / clock_ticks_per_second() as f64;
        seconds / self.began.elapsed().as_secs_f64()
    }
}

/// How often the probe of a core wakes up.
const PROBE_PERIOD: Duration = Duration::from_micros(500);

/// A thread that wakes up on one core again and again, and keeps how late it was: where a host takes a core away
/// without telling its machines, this is all that shows it. Ended with the value.
pub struct Stalls {
    ends: Arc<AtomicBool>,
    longest_ns: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Stalls {
    /// Begins to watch a core.
    #[must_use]
    pub fn watch(core: usize) -> Self {
        let (ends, longest_ns) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (ended, longest) = (Arc::clone(&ends), Arc::clone(&longest_ns));
        let thread = std::thread::spawn(move || {
            let mut cores = CpuSet::new();
            cores.set(core);
            // Where it is not permitted, another core is watched.
            let _ = sched_setaffinity(None, &cores);
            while !ended.load(Ordering::Relaxed) {
                let begun = Instant::now();
                std::thread::sleep(PROBE_PERIOD);
                let late = begun.elapsed().saturating_sub(PROBE_PERIOD);
                longest.fetch_max(late.as_nanos() as u64, Ordering::Relaxed);
            }
        });
        Self {
            ends,
            longest_ns,
            thread: Some(thread),
        }
    }

    /// The longest that the core was away, or somebody else's, since this was last asked.
    #[must_use]
    pub fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest_ns.swap(0, Ordering::Relaxed))
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// User, nice, system and stolen time of all cores, in ticks. Interrupts are left out: those of
/// loopback are the test's own.
fn ticks_of_machine() -> u64 {
    let text = fs::read_to_string("/proc/stat").expect("/proc/stat");
    let line = text.lines().next().expect("the line of all cores");
    let columns: Vec<u64> = numbers(line.trim_start_matches("cpu"));
    columns[0] + columns[1] + columns[2] + columns.get(7).unwrap_or(&0)
}

/// User and system time of processes and of their children that ended, in ticks.
fn ticks_of_processes(pids: &[u32]) -> u64 {
    let of_one = |pid: &u32| -> u64 {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
        // The name before it, in brackets, may have spaces.
        let (_, rest) = text.rsplit_once(')').expect("a name in brackets");
        // The line's numbers from the fourth on, after the letter of the state.
        let columns = numbers(rest.trim_start().get(1..).unwrap_or_default());
        columns[10..14].iter().sum()
    };
    pids.iter().map(of_one).sum()
}

fn numbers(text: &str) -> Vec<u64> {
    let words = text.split_whitespace();
    // Some columns of a process's line are negative; none of those that are read.
    words.map(|word| word.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BusyLoops;

    #[test]
    fn busy_loops_are_a_disturbance_and_own_work_is_none() {
        let quiet = Quiet::watch(&[]);
        let began = Instant::now();
        while began.elapsed().as_millis() < 300 {
            std::hint::spin_loop();
        }
        let alone = quiet.disturbance().unwrap_or(0.0);
        let _busy = BusyLoops::start(0, 1);
        let quiet = Quiet::watch(&[]);
        std::thread::sleep(Duration::from_secs(1));
        let beside = quiet.disturbance().expect("a busy loop is seen");
        // Whatever else runs on the machine is seen by both.
        assert!(beside > 0.3, "{beside} cores beside a loop, {alone} alone");
    }
}
