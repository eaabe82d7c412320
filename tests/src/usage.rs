//! Resource usage of a process: memory and file descriptors, from `/proc`.

use std::fs;
use std::time::{Duration, Instant};

/// Returns the resident memory in KiB.
///
/// # Panics
/// Panics if the process has exited.
#[must_use]
pub fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number
        .and_then(|text| text.parse().ok())
        .expect("VmRSS has a number")
}

/// Returns the number of open sockets, pipes, timers and similar descriptors. Files are not counted.
///
/// # Panics
/// Panics if the process has exited.
#[must_use]
pub fn descriptors(pid: u32) -> usize {
    let directory = fs::read_dir(format!("/proc/{pid}/fd")).expect("the process runs");
    let links = directory
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok());
    links
        .filter(|link| link.to_string_lossy().contains(":["))
        .count()
}

/// Waits up to 5 seconds until at most `most` descriptors are open, and returns their number.
///
/// # Panics
/// Panics if the process has exited.
#[must_use]
pub fn settled_descriptors(pid: u32, most: usize) -> usize {
    let until = Instant::now() + Duration::from_secs(5);
    while descriptors(pid) > most && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    descriptors(pid)
}
