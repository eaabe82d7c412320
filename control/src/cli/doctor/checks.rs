//! The checks of `vayu-cli doctor`, one function each.

use std::fs;

use rustix::process::{Resource, getrlimit};
use vayu_worker::{io_uring_available, placement};

use super::{Finding, State};
use crate::machine::clock::{Clocksource, Governor};
use crate::machine::interrupts::Interrupts;
use crate::machine::local_ports::TimeWaitReuse;
use crate::machine::{LocalPorts, cores};

/// Minimum descriptor limit: each connection needs one.
const DESCRIPTORS: u64 = 65_536;
/// Minimum number of local ports: it bounds concurrent connections to one target address.
const PORTS: u64 = 28_000;
/// Share of a device's interrupts on one shard's core above which to move them, in percent.
const INTERRUPT_SHARE: u64 = 20;

/// Runs all checks, for shards on these cores.
pub fn all(shards: &[usize]) -> Vec<Finding> {
    vec![
        kernel(),
        io_uring(),
        descriptors(),
        locked_memory(),
        core_count(shards),
        quota(shards),
        governor(shards),
        clocksource(),
        interrupts(shards),
        ports(),
        reuse(),
    ]
}

fn finding(
    name: &'static str,
    state: State,
    found: impl Into<String>,
    fix: Option<String>,
) -> Finding {
    Finding {
        name,
        state,
        found: found.into(),
        fix,
    }
}

fn kernel() -> Finding {
    let release = rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned();
    let state = match version(&release) {
        Some(version) if version >= (5, 11) => State::Ok,
        Some(_) => State::Bad,
        None => State::Unknown,
    };
    let fix =
        (state == State::Bad).then(|| "use Linux 5.11 or later, or --driver epoll".to_owned());
    finding("kernel", state, release, fix)
}

fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn io_uring() -> Finding {
    match io_uring_available() {
        Ok(()) => finding("io_uring", State::Ok, "permitted", None),
        Err(error) => {
            let disabled =
                fs::read_to_string("/proc/sys/kernel/io_uring_disabled").unwrap_or_default();
            let fix = match disabled.trim() {
                "1" | "2" => "sysctl -w kernel.io_uring_disabled=0",
                _ => {
                    "permit io_uring_setup, io_uring_enter and io_uring_register in the container's seccomp profile"
                }
            };
            let found = format!("not permitted ({error}); --driver epoll works and costs more CPU");
            finding("io_uring", State::Bad, found, Some(fix.to_owned()))
        }
    }
}

fn descriptors() -> Finding {
    let limit = getrlimit(Resource::Nofile).maximum;
    let found = limit.map_or_else(|| "no limit".to_owned(), |limit| format!("{limit} at most"));
    let is_low = limit.is_some_and(|limit| limit < DESCRIPTORS);
    let fix = format!("ulimit -Hn {DESCRIPTORS}   (systemd: LimitNOFILE={DESCRIPTORS})");
    match is_low {
        true => finding("descriptors", State::Warning, found, Some(fix)),
        false => finding("descriptors", State::Ok, found, None),
    }
}

fn locked_memory() -> Finding {
    let limit = getrlimit(Resource::Memlock).maximum;
    // Rings count against the limit only before Linux 5.12.
    let release = rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned();
    let counts = version(&release).is_some_and(|version| version < (5, 12));
    let found = limit.map_or_else(
        || "no limit".to_owned(),
        |limit| format!("{} KiB", limit / 1024),
    );
    match counts && limit.is_some_and(|limit| limit < 64 * 1024 * 1024) {
        true => finding(
            "locked memory",
            State::Warning,
            found,
            Some("ulimit -l unlimited   (systemd: LimitMEMLOCK=infinity)".to_owned()),
        ),
        false => finding("locked memory", State::Ok, found, None),
    }
}

fn core_count(shards: &[usize]) -> Finding {
    let online = cores::online().map_or(0, |online| online.len());
    let found = format!("{online} online, shards on {shards:?}");
    if online > shards.len() {
        return finding("cores", State::Ok, found, None);
    }
    let fix = "leave one to the control plane and the system: --workers with one less, or --cpus"
        .to_owned();
    finding("cores", State::Warning, found, Some(fix))
}

fn quota(shards: &[usize]) -> Finding {
    match placement::quota_cores() {
        Some(cores) if cores < shards.len() as f64 => {
            let found = format!("a quota of {cores:.2} cores for {} shards", shards.len());
            let fix = "raise it (docker --cpus, Kubernetes limits.cpu, systemd CPUQuota), or use fewer --workers".to_owned();
            finding("CPU quota", State::Warning, found, Some(fix))
        }
        Some(cores) => finding("CPU quota", State::Ok, format!("{cores:.2} cores"), None),
        None => finding("CPU quota", State::Ok, "none", None),
    }
}

fn governor(shards: &[usize]) -> Finding {
    let governors = Governor::read(shards);
    let Some(first) = governors.first() else {
        return finding(
            "governor",
            State::Unknown,
            "the cores have none, as in most virtual machines",
            None,
        );
    };
    match governors.iter().find(|governor| governor.slows_down()) {
        Some(slow) => finding(
            "governor",
            State::Warning,
            format!("{} on core {}", slow.name, slow.core),
            Some("cpupower frequency-set -g performance".to_owned()),
        ),
        None => finding("governor", State::Ok, first.name.clone(), None),
    }
}

fn clocksource() -> Finding {
    let Some(clock) = Clocksource::read() else {
        return finding("clocksource", State::Unknown, "cannot be read", None);
    };
    if clock.is_cheap() {
        return finding("clocksource", State::Ok, clock.current.clone(), None);
    }
    let found = format!("{}, which costs a system call each time", clock.current);
    let fix = clock.cheaper().map(|name| {
        format!("echo {name} > /sys/devices/system/clocksource/clocksource0/current_clocksource")
    });
    finding("clocksource", State::Warning, found, fix)
}

fn interrupts(shards: &[usize]) -> Finding {
    let Some(lines) = Interrupts::read() else {
        return finding("interrupts", State::Unknown, "cannot be read", None);
    };
    let online = cores::online().unwrap_or_default();
    let on_shard = lines.iter().find_map(|line| {
        let (place, share) = line.busiest()?;
        let core = *online.get(place)?;
        (share >= INTERRUPT_SHARE && shards.contains(&core)).then_some((line, core, share))
    });
    match on_shard {
        None => finding(
            "interrupts",
            State::Ok,
            "no device's arrive at the cores of shards",
            None,
        ),
        Some((line, core, share)) => {
            let found = format!(
                "{share} % of the interrupts of {} are handled on core {core}, which runs a shard",
                line.device
            );
            let other = online.iter().find(|core| !shards.contains(core));
            let fix = match other {
                Some(other) => format!(
                    "echo {other} > /proc/irq/{}/smp_affinity_list   (and stop irqbalance)",
                    line.line
                ),
                None => "give it a core without a shard: --cpus with one less".to_owned(),
            };
            finding("interrupts", State::Warning, found, Some(fix))
        }
    }
}

fn ports() -> Finding {
    let Some(ports) = LocalPorts::read() else {
        return finding("local ports", State::Unknown, "cannot be read", None);
    };
    let found = format!("{} for each target address", ports.ports);
    match ports.ports < PORTS {
        true => finding(
            "local ports",
            State::Warning,
            found,
            Some("sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"".to_owned()),
        ),
        false => finding("local ports", State::Ok, found, None),
    }
}

fn reuse() -> Finding {
    let Some(ports) = LocalPorts::read() else {
        return finding("TIME_WAIT", State::Unknown, "cannot be read", None);
    };
    let (state, found) = match ports.reuse {
        TimeWaitReuse::Always => (State::Ok, "ports are used again early"),
        TimeWaitReuse::Loopback => (State::Ok, "ports are used again early on loopback"),
        TimeWaitReuse::Never => (State::Warning, "a port stays in TIME_WAIT for 60 s"),
    };
    let fix = (state == State::Warning).then(|| "sysctl -w net.ipv4.tcp_tw_reuse=1".to_owned());
    finding("TIME_WAIT", state, found, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_of_every_distribution() {
        for (release, expected) in [
            ("6.18.5", Some((6, 18))),
            ("5.10.0-28-amd64", Some((5, 10))),
            ("6.1.0-rc3+", Some((6, 1))),
            ("unknown", None),
        ] {
            assert_eq!(version(release), expected, "{release}");
        }
    }

    #[test]
    fn everything_is_found_on_any_machine() {
        let findings = all(&[0]);
        assert_eq!(findings.len(), 11);
        for finding in findings {
            assert!(!finding.found.is_empty(), "{finding:?}");
            let needs_fix = matches!(finding.state, State::Bad)
                || finding.state == State::Warning && finding.name != "clocksource";
            assert!(!needs_fix || finding.fix.is_some(), "{finding:?}");
        }
    }
}
