//! What a process uses: memory and descriptors, from `/proc`.

use std::fs;
use std::time::{Duration, Instant};

/// Resident memory in KiB.
///
/// # Panics
/// When the process is gone.
#[must_use]
pub fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number
        .and_then(|text| text.parse().ok())
        .expect("VmRSS has a number")
}

/// Open sockets, timers and the like; files are not counted.
///
/// # Panics
/// When the process is gone.
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

/// Waits until there are no more than `most` descriptors, and gives their number.
///
/// # Panics
/// When the process is gone.
#[must_use]
pub fn settled_descriptors(pid: u32, most: usize) -> usize {
    let until = Instant::now() + Duration::from_secs(5);
    while descriptors(pid) > most && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    descriptors(pid)
}
