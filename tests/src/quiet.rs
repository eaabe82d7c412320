//! Measures whether the machine was available to a test: how much CPU time went to processes that are not
//! part of the test, or to other virtual machines on the same host. Reads `/proc`.
//!
//! Tests that evaluate the engine on undisturbed cores use it and print `not judged` if the cores were
//! disturbed. It makes no decision itself.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::param::clock_ticks_per_second;
use rustix::thread::{CpuSet, sched_setaffinity};

/// Foreign CPU usage in cores above which a test does not evaluate: the usage of a shell or a daemon.
const FOREIGN_CORES: f64 = 0.1;

/// Measures CPU usage of other processes from its start on.
pub struct Quiet {
    pids: Vec<u32>,
    began: Instant,
    all: u64,
    own: u64,
}

impl Quiet {
    /// Starts measuring. The processes `pids` and the test process itself do not count as a disturbance.
    ///
    /// # Panics
    /// Panics if a process has exited.
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

    /// Returns the foreign CPU usage in cores since the start, if it is too high for a test to be evaluated.
    ///
    /// # Panics
    /// Panics if a process has exited.
    #[must_use]
    pub fn disturbance(&self) -> Option<f64> {
        Some(self.foreign_cores()).filter(|cores| *cores > FOREIGN_CORES)
    }

    /// Returns the foreign CPU usage in cores since the start.
    ///
    /// # Panics
    /// Panics if a process has exited.
    #[must_use]
    pub fn foreign_cores(&self) -> f64 {
        let all = ticks_of_machine() - self.all;
        let own = ticks_of_processes(&self.pids) - self.own;
        let seconds = all.saturating_sub(own) as f64 / clock_ticks_per_second() as f64;
        seconds / self.began.elapsed().as_secs_f64()
    }
}

/// Wake-up interval of the probe thread.
const PROBE_PERIOD: Duration = Duration::from_micros(500);

/// A probe thread that wakes up on one core at a fixed interval and records its wake-up latency. If a host
/// deschedules a core without reporting steal time to its guests, only this latency shows it. Dropping the
/// value ends the thread.
pub struct Stalls {
    ends: Arc<AtomicBool>,
    longest_ns: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Stalls {
    /// Starts probing a core.
    #[must_use]
    pub fn watch(core: usize) -> Self {
        let (ends, longest_ns) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (ended, longest) = (Arc::clone(&ends), Arc::clone(&longest_ns));
        let thread = std::thread::spawn(move || {
            let mut cores = CpuSet::new();
            cores.set(core);
            // Without permission to pin the thread, another core is probed.
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

    /// Returns the longest wake-up delay since the last call: how long the core was descheduled or busy with
    /// other work.
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

/// Returns user, nice, system and steal time of all cores, in ticks. Interrupt time is excluded: the
/// interrupts of loopback traffic belong to the test.
fn ticks_of_machine() -> u64 {
    let text = fs::read_to_string("/proc/stat").expect("/proc/stat");
    let line = text.lines().next().expect("the line of all cores");
    let columns: Vec<u64> = numbers(line.trim_start_matches("cpu"));
    columns[0] + columns[1] + columns[2] + columns.get(7).unwrap_or(&0)
}

/// Returns user and system time of processes and of their waited-for children, in ticks.
fn ticks_of_processes(pids: &[u32]) -> u64 {
    let of_one = |pid: &u32| -> u64 {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
        // The process name in parentheses may contain spaces.
        let (_, rest) = text.rsplit_once(')').expect("a name in brackets");
        // The fields from the fourth on, after the state character.
        let columns = numbers(rest.trim_start().get(1..).unwrap_or_default());
        columns[10..14].iter().sum()
    };
    pids.iter().map(of_one).sum()
}

fn numbers(text: &str) -> Vec<u64> {
    let words = text.split_whitespace();
    // Some fields of a process line are negative; the ones used here are not.
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
        // Other load on the machine affects both measurements.
        assert!(beside > 0.3, "{beside} cores beside a loop, {alone} alone");
    }
}
