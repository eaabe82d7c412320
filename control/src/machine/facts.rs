//! All the reading that a preflight needs, in one place.

use std::net::SocketAddr;

use vayu_worker::placement::quota_cores;

use super::clock::{Clocksource, Governor};
use super::cores;
use super::listener::{Listener, TargetPlace};
use super::local_ports::LocalPorts;
use super::sockets::{Descriptors, TargetSockets};

/// What is known of the machine before a run. What is unknown is `None`, or
/// left out of a list; a default knows nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MachineFacts {
    /// Descriptors of this process.
    pub descriptors: Option<Descriptors>,
    /// The kernel's settings of local ports.
    pub local_ports: Option<LocalPorts>,
    /// Sockets that hold a local port towards the target already.
    pub target_sockets: Option<TargetSockets>,
    /// Who listens at the target's addresses, if it is on this machine.
    pub listener: Option<Listener>,
    /// How many cores the cgroup's quota amounts to; `None` also without a quota.
    pub quota_cores: Option<f64>,
    /// The cores that are online.
    pub online: Option<Vec<usize>>,
    /// What the kernel takes the time from.
    pub clocksource: Option<Clocksource>,
    /// The frequency governors of the shards' cores.
    pub governors: Vec<Governor>,
}

impl MachineFacts {
    /// Reads everything for a run from shards on `cores` against `targets`.
    ///
    /// Blocks, for half a second on a machine with very many sockets and
    /// processes, for milliseconds on others: not to be called on a shard.
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

    /// Looks at the real machine. A sandbox may hide any of it, so only what is
    /// there has to make sense.
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
