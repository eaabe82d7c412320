//! Gathers all facts that a preflight needs.

use std::net::SocketAddr;

use vayu_worker::placement::quota_cores;

use super::clock::{Clocksource, Governor};
use super::cores;
use super::listener::{Listener, TargetPlace};
use super::local_ports::LocalPorts;
use super::sockets::{Descriptors, TargetSockets};

/// Facts about the machine before a run. Unknown facts are `None` or missing from a list. By default, all are
/// unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MachineFacts {
    /// Descriptors of this process.
    pub descriptors: Option<Descriptors>,
    /// Kernel settings for local ports.
    pub local_ports: Option<LocalPorts>,
    /// Sockets that already hold a local port towards the target.
    pub target_sockets: Option<TargetSockets>,
    /// The processes that listen at the target's addresses, if the target is on this machine.
    pub listener: Option<Listener>,
    /// The cgroup's CPU quota, in cores. `None` also without a quota.
    pub quota_cores: Option<f64>,
    /// The online cores.
    pub online: Option<Vec<usize>>,
    /// The kernel's clocksource.
    pub clocksource: Option<Clocksource>,
    /// Frequency governors of the shards' cores.
    pub governors: Vec<Governor>,
}

impl MachineFacts {
    /// Gathers all facts for a run from shards on `cores` against `targets`.
    ///
    /// Blocks for milliseconds, or for half a second on a machine with very many sockets and processes. Must
    /// not be called on a shard.
    #[must_use]
    pub fn gather(targets: &[SocketAddr], place: TargetPlace, cores: &[usize]) -> Self {
        let target_sockets = TargetSockets::read(targets);
        let listeners = target_sockets.as_ref().map(|sockets| &*sockets.listeners);
        let here = place != TargetPlace::Elsewhere;
        Self {
            descriptors: Descriptors::read(),
            local_ports: LocalPorts::read(),
            listener: listeners.filter(|_| here).and_then(Listener::find),
            target_sockets,
            quota_cores: quota_cores(),
            online: cores::online(),
            clocksource: Clocksource::read(),
            governors: Governor::read(cores),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::machine::cgroup::Throttling;
    use crate::machine::cores::{CoreTimes, CoreUse};

    /// Reads the real machine. A sandbox may hide any of the facts, so only available ones are checked.
    #[test]
    fn the_machine_at_hand_makes_sense() {
        let server = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
        let target = server.local_addr().expect("a bound socket");
        let _client = TcpStream::connect(target).expect("it listens");
        let cores = vayu_worker::placement::allowed();
        let before = CoreTimes::read(&cores).unwrap_or_default();
        let facts = MachineFacts::gather(&[target], TargetPlace::of(&[target]), &cores);
        let after = CoreTimes::read(&cores).unwrap_or_default();

        if let Some(descriptors) = facts.descriptors {
            assert!(descriptors.open >= 2, "two sockets at least: {facts:?}");
        }
        if let Some(ports) = facts.local_ports {
            assert!((1..=65_536).contains(&ports.ports), "{facts:?}");
        }
        if let Some(sockets) = facts.target_sockets.as_ref().filter(|all| all.complete) {
            assert_eq!(
                (sockets.in_use, sockets.listeners.len()),
                (1, 1),
                "{facts:?}"
            );
        }
        if let Some(listener) = &facts.listener {
            assert!(
                (listener.processes.iter()).any(|process| process.id == std::process::id()),
                "{facts:?}"
            );
        }
        if let (Some(online), Some(source)) = (&facts.online, &facts.clocksource) {
            assert!(
                !online.is_empty() && !source.current.is_empty(),
                "{facts:?}"
            );
        }
        for used in CoreUse::of_all(&before, &after) {
            assert!((0.0..=1.0).contains(&used.busy_share), "{used:?}");
        }
        if let (Some(earlier), Some(later)) = (Throttling::read(), Throttling::read()) {
            assert!(
                later.throttled_us >= earlier.throttled_us,
                "{earlier:?} {later:?}"
            );
        }
    }
}
