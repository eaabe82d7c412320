//! Descriptors of this process, and sockets of this machine that hold a local port towards a target.
//!
//! Both walk through tables of the kernel. Read them once before and once after a run, off the shards.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use serde::Serialize;

use super::tcp_table::{SocketEndpoint, TcpSocket, TcpState, visit_all};
use super::work_budget::WorkBudget;

/// Maximum number of bytes read from the socket tables: about 200,000 sockets.
const MAX_TABLE_BYTES: usize = 32 * 1024 * 1024;
/// Maximum duration of reading them.
const LONGEST_READ: Duration = Duration::from_millis(250);

/// Descriptors of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Descriptors {
    /// Number of open descriptors.
    pub open: u64,
    /// Limit (soft `RLIMIT_NOFILE`). `None` if unlimited.
    pub limit: Option<u64>,
}

impl Descriptors {
    /// Counts the descriptors. Returns `None` if `/proc` is not available.
    #[must_use]
    pub fn read() -> Option<Self> {
        let listed = fs::read_dir("/proc/self/fd").ok()?.count() as u64;
        Some(Self {
            // The listing itself uses one.
            open: listed.saturating_sub(1),
            limit: getrlimit(Resource::Nofile).current,
        })
    }
}

/// Sockets of this machine, of any process, that belong to one target.
///
/// A local port is taken while a socket in use or in TIME_WAIT connects it to the target, so the sum of both
/// counts against the local ports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetSockets {
    /// Sockets to the target that are connecting, connected or closing.
    pub in_use: u64,
    /// Sockets to the target in TIME_WAIT.
    pub time_wait: u64,
    /// Whether all sockets were read. If not, the counts cover the first 32 MiB or 250 ms of the kernel's
    /// tables and are lower bounds.
    pub complete: bool,
    /// Inodes of the local sockets that listen on the target's addresses.
    #[serde(skip)]
    pub listeners: Vec<u64>,
}

impl TargetSockets {
    /// Searches the machine's sockets (in this network namespace) for those to `targets`, for at most 250 ms.
    /// Returns `None` if the tables cannot be read.
    #[must_use]
    pub fn read(targets: &[SocketAddr]) -> Option<Self> {
        let targets = endpoints(targets);
        let mut found = Self::default();
        let mut effort = WorkBudget::new(MAX_TABLE_BYTES, LONGEST_READ);
        found.complete = visit_all(&mut effort, |socket| found.count(socket, &targets)).ok()?;
        Some(found)
    }

    fn count(&mut self, socket: &TcpSocket, targets: &[SocketEndpoint]) {
        match socket.state {
            TcpState::Listening if targets.iter().any(|at| accepts(socket.local, *at)) => {
                self.listeners.push(socket.inode);
            }
            TcpState::InUse if targets.contains(&socket.remote) => self.in_use += 1,
            TcpState::TimeWait if targets.contains(&socket.remote) => self.time_wait += 1,
            _ => {}
        }
    }
}

/// Returns addresses as the tables represent them. Connecting to the unspecified address leads to loopback.
fn endpoints(targets: &[SocketAddr]) -> Vec<SocketEndpoint> {
    let reached = |target: &SocketAddr| match target.ip().to_canonical() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    targets
        .iter()
        .map(|target| (reached(target), target.port()))
        .collect()
}

/// Returns whether a listener accepts connections to `target`. A listener on the unspecified IPv6 address
/// also accepts IPv4, unless configured otherwise, which the table does not show.
fn accepts(listener: SocketEndpoint, target: SocketEndpoint) -> bool {
    let everywhere = listener.0.is_unspecified() && (listener.0.is_ipv6() || target.0.is_ipv4());
    listener.1 == target.1 && (everywhere || listener.0 == target.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(endpoint: &str) -> SocketAddr {
        endpoint.parse().expect("a legal address")
    }

    fn socket(local: &str, remote: &str, state: TcpState) -> TcpSocket {
        let end = |text: &str| (at(text).ip(), at(text).port());
        TcpSocket {
            local: end(local),
            remote: end(remote),
            state,
            inode: 7,
        }
    }

    #[test]
    fn only_sockets_to_the_target_count() {
        use TcpState::{Closed, InUse, Listening, TimeWait};
        let none = "0.0.0.0:0";
        // Counts in use, in TIME_WAIT, and listening for the target.
        let table = [
            ("10.0.0.1:40000", "10.0.0.9:80", InUse, (1, 0, 0)),
            ("10.0.0.1:40001", "10.0.0.9:80", TimeWait, (0, 1, 0)),
            ("10.0.0.1:40002", "10.0.0.9:80", Closed, (0, 0, 0)),
            ("10.0.0.1:40003", "10.0.0.9:81", InUse, (0, 0, 0)),
            ("10.0.0.1:40004", "10.0.0.8:80", TimeWait, (0, 0, 0)),
            ("127.0.0.1:40000", "127.0.0.1:8080", InUse, (1, 0, 0)),
            // The target's own end of a connection.
            ("127.0.0.1:8080", "127.0.0.1:40000", InUse, (0, 0, 0)),
            ("10.0.0.1:40000", "[::1]:90", TimeWait, (0, 1, 0)),
            ("127.0.0.1:8080", none, Listening, (0, 0, 1)),
            ("0.0.0.0:8080", none, Listening, (0, 0, 1)),
            ("[::]:8080", none, Listening, (0, 0, 1)),
            ("[::]:90", none, Listening, (0, 0, 1)),
            ("0.0.0.0:90", none, Listening, (0, 0, 0)),
            ("127.0.0.2:8080", none, Listening, (0, 0, 0)),
            ("127.0.0.1:8081", none, Listening, (0, 0, 0)),
        ];
        // The second target means loopback, written as the unspecified address.
        let targets = endpoints(&[at("10.0.0.9:80"), at("0.0.0.0:8080"), at("[::]:90")]);
        for (local, remote, state, expected) in table {
            let mut found = TargetSockets::default();
            found.count(&socket(local, remote, state), &targets);
            let got = (found.in_use, found.time_wait, found.listeners.len());
            assert_eq!(got, expected, "{local} to {remote}, {state:?}");
        }
    }

    #[test]
    fn targets_are_told_as_the_tables_tell_them() {
        let mapped = endpoints(&[at("[::ffff:10.0.0.9]:80")]);
        assert_eq!(mapped, endpoints(&[at("10.0.0.9:80")]));
    }
}
