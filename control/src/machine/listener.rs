//! Finds out whether the target is on this machine, and on which cores it may run.
//!
//! The owner of a listening socket is found by its inode among the descriptors of all processes that this
//! process may inspect. Processes that it may not inspect leave the answer unknown, and the search is
//! bounded.

use std::fs::{self, ReadDir};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use vayu_worker::placement::parse_cpu_list;

use super::work_budget::WorkBudget;

/// Maximum number of descriptors and threads inspected.
const MAX_INSPECTED: usize = 200_000;
/// Maximum duration of the search.
const LONGEST_SEARCH: Duration = Duration::from_millis(250);
/// Name prefix of the worker's shard threads.
const SHARD_THREAD: &str = "vayu-shard-";
/// Name prefix of the kernel's io_uring threads, which work for another thread of the process.
const RING_THREAD: &str = "iou-";

/// Location of the target, as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetPlace {
    /// On another machine, or without any address.
    Elsewhere,
    /// At an address of this machine.
    ThisMachine,
    /// At a loopback address.
    Loopback,
}

impl TargetPlace {
    /// Classifies the addresses of a target: loopback if all are, this machine if any is. Sends nothing.
    #[must_use]
    pub fn of(targets: &[SocketAddr]) -> Self {
        if !targets.is_empty() && targets.iter().all(is_loopback) {
            Self::Loopback
        } else if targets
            .iter()
            .any(|target| is_loopback(target) || is_own(target))
        {
            Self::ThisMachine
        } else {
            Self::Elsewhere
        }
    }
}

/// Connecting to the unspecified address leads to loopback.
fn is_loopback(target: &SocketAddr) -> bool {
    let ip = target.ip().to_canonical();
    ip.is_loopback() || ip.is_unspecified()
}

/// For its own addresses, the kernel uses the same address as the source. Connecting a datagram socket only
/// makes it choose the source address.
fn is_own(target: &SocketAddr) -> bool {
    let any = match target {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    UdpSocket::bind(any)
        .and_then(|socket| socket.connect(target).and(socket.local_addr()))
        .is_ok_and(|source| source.ip() == target.ip())
}

/// The processes that listen at the target's addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listener {
    /// The processes that hold a listening socket of the target, ascending.
    pub processes: Vec<Process>,
}

/// A process that may serve the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Process {
    /// Process id.
    pub id: u32,
    /// The threads that may serve the target. Excludes the shards of this process and kernel threads.
    pub threads: Vec<Thread>,
    /// Whether these are all of its threads.
    pub is_whole: bool,
}

/// A thread and the cores it may run on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Thread {
    /// Thread id. Equal to the process id for the first thread.
    pub id: u32,
    /// Name.
    pub name: String,
    /// Cores of its affinity mask, ascending.
    pub cores: Vec<usize>,
}

impl Listener {
    /// Finds the processes that hold the sockets with these inodes. Returns `None` if none of the processes
    /// that may be inspected does. Takes at most 250 ms.
    #[must_use]
    pub fn find(inodes: &[u64]) -> Option<Self> {
        if inodes.is_empty() {
            return None;
        }
        let mut effort = WorkBudget::new(MAX_INSPECTED, LONGEST_SEARCH);
        let owners = owners(inodes, &mut effort).into_iter();
        let processes = owners.map(|id| Process::new(id, threads(id, &mut effort)));
        let found = Self {
            processes: processes.collect(),
        };
        (!found.cores().is_empty()).then_some(found)
    }

    /// Returns the cores on which threads that serve the target may run, ascending. If some threads have a
    /// narrower affinity than others, only those count: they do the work, and the thread that started them
    /// waits.
    #[must_use]
    pub fn cores(&self) -> Vec<usize> {
        let threads = self.processes.iter().flat_map(|process| &process.threads);
        cores_of(&threads.collect::<Vec<_>>())
    }
}

impl Process {
    fn new(id: u32, mut threads: Vec<Thread>) -> Self {
        let all = threads.len();
        threads.retain(|thread| thread.counts(id == std::process::id()));
        Self {
            id,
            is_whole: threads.len() == all,
            threads,
        }
    }
}

impl Thread {
    /// Parses `/proc/PID/task/TID/status` of the thread `id`.
    fn parse(id: u32, status: &str) -> Option<Self> {
        let field = |name| {
            let mut lines = status.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        };
        Some(Self {
            id,
            name: field("Name")?.trim().to_owned(),
            cores: parse_cpu_list(field("Cpus_allowed_list")?).ok()?,
        })
    }

    /// Returns whether the thread may serve the target.
    fn counts(&self, in_this_process: bool) -> bool {
        let is_shard = in_this_process && self.name.starts_with(SHARD_THREAD);
        !is_shard && !self.name.starts_with(RING_THREAD)
    }
}

/// Returns the processes that hold one of the sockets, ascending.
fn owners(inodes: &[u64], effort: &mut WorkBudget) -> Vec<u32> {
    let mut processes = numbered("/proc");
    processes.retain(|process| holds(*process, inodes, effort));
    processes.sort_unstable();
    processes
}

fn holds(process: u32, inodes: &[u64], effort: &mut WorkBudget) -> bool {
    let is_one = |path: &Path| {
        let link = fs::read_link(path).ok()?;
        Some(inodes.contains(&socket_inode(link.to_str()?)?))
    };
    entries(&format!("/proc/{process}/fd"))
        .take_while(|_| effort.spend(1))
        .any(|entry| is_one(&entry.path()).unwrap_or(false))
}

/// Returns the inode in a descriptor's link, like `socket:[634]`.
fn socket_inode(link: &str) -> Option<u64> {
    link.strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

fn threads(process: u32, effort: &mut WorkBudget) -> Vec<Thread> {
    let directory = format!("/proc/{process}/task");
    numbered(&directory)
        .into_iter()
        .take_while(|_| effort.spend(1))
        .filter_map(|thread| {
            let status = fs::read_to_string(format!("{directory}/{thread}/status")).ok()?;
            Thread::parse(thread, &status)
        })
        .collect()
}

/// Returns the cores of the threads with a narrower affinity than the others, or of all threads if there are
/// none.
fn cores_of(threads: &[&Thread]) -> Vec<usize> {
    let widest = threads.iter().map(|thread| thread.cores.len()).max();
    let is_pinned = |thread: &&Thread| Some(thread.cores.len()) < widest;
    let mut pinned: Vec<&Thread> = threads.iter().copied().filter(is_pinned).collect();
    if pinned.is_empty() {
        pinned.extend(threads);
    }
    let mut cores: Vec<usize> = pinned
        .iter()
        .flat_map(|thread| thread.cores.iter().copied())
        .collect();
    cores.sort_unstable();
    cores.dedup();
    cores
}

/// Returns the directory entries whose names are numbers.
fn numbered(directory: &str) -> Vec<u32> {
    entries(directory)
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Returns the entries of a directory. Empty if it may not be read.
fn entries(directory: &str) -> impl Iterator<Item = fs::DirEntry> {
    let listed: Option<ReadDir> = fs::read_dir(directory).ok();
    listed.into_iter().flatten().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(name: &str, cores: &[usize]) -> Thread {
        Thread {
            id: 7,
            name: name.into(),
            cores: cores.into(),
        }
    }

    #[test]
    fn places_are_told_by_address() {
        let table: [(&[&str], TargetPlace); 8] = [
            (&[], TargetPlace::Elsewhere),
            (&["127.0.0.1:80"], TargetPlace::Loopback),
            (&["127.8.0.1:80", "[::1]:80"], TargetPlace::Loopback),
            (&["[::ffff:127.0.0.1]:80"], TargetPlace::Loopback),
            (&["0.0.0.0:80"], TargetPlace::Loopback),
            // Documentation addresses (RFC 5737, RFC 3849), which no machine has.
            (&["192.0.2.77:80"], TargetPlace::Elsewhere),
            (&["[2001:db8::77]:80"], TargetPlace::Elsewhere),
            (&["127.0.0.1:80", "192.0.2.77:80"], TargetPlace::ThisMachine),
        ];
        for (targets, place) in table {
            let addresses: Vec<SocketAddr> = targets
                .iter()
                .map(|target| target.parse().expect("a legal address"))
                .collect();
            assert_eq!(TargetPlace::of(&addresses), place, "{targets:?}");
        }
    }

    #[test]
    fn threads_are_read_from_their_status() {
        let status = "Name:\tnginx: worker\nUmask:\t0022\nCpus_allowed:\t5\n\
                      Cpus_allowed_list:\t0,2-3\nMems_allowed_list:\t0\n";
        assert_eq!(
            Thread::parse(7, status),
            Some(thread("nginx: worker", &[0, 2, 3]))
        );
        for text in [
            "",
            "Name:\tx\n",
            "Cpus_allowed_list:\t0\n",
            "Name:\tx\nCpus_allowed_list:\t\n",
        ] {
            assert_eq!(Thread::parse(7, text), None, "{text:?}");
        }
    }

    #[test]
    fn links_of_sockets_tell_their_inode() {
        let table = [
            ("socket:[634]", Some(634)),
            ("socket:[]", None),
            ("socket:[634", None),
            ("pipe:[634]", None),
            ("/tmp/socket:[634]", None),
            ("", None),
        ];
        for (link, inode) in table {
            assert_eq!(socket_inode(link), inode, "{link:?}");
        }
    }

    #[test]
    fn shards_and_the_kernels_helpers_do_not_count() {
        let table = [
            ("vayu-shard-0", true, false),
            ("vayu-shard-0", false, true),
            ("vayu-origin", true, true),
            ("iou-wrk-4711", false, false),
            ("nginx", false, true),
        ];
        for (name, in_this_process, counts) in table {
            let thread = thread(name, &[0]);
            assert_eq!(
                thread.counts(in_this_process),
                counts,
                "{name} {in_this_process}"
            );
        }
    }

    #[test]
    fn pinned_threads_tell_the_cores_where_there_are_some() {
        let table: [(&[&[usize]], &[usize]); 5] = [
            (&[&[0, 1, 2], &[0, 1, 2]], &[0, 1, 2]),
            (&[&[0, 1, 2], &[2], &[1]], &[1, 2]),
            (&[&[3], &[1]], &[1, 3]),
            (&[&[0]], &[0]),
            (&[], &[]),
        ];
        for (masks, cores) in table {
            let threads: Vec<Thread> = masks.iter().map(|mask| thread("t", mask)).collect();
            let found = cores_of(&threads.iter().collect::<Vec<_>>());
            assert_eq!(found, cores, "{masks:?}");
        }
    }

    #[test]
    fn nothing_is_found_where_there_is_nothing() {
        assert_eq!(Listener::find(&[]), None);
        assert!(numbered("/no/such/directory").is_empty());
    }
}
