//! Checks whether there are enough local ports: those free towards the target, against those that the run
//! uses at the same time.

use super::{NewConnections, PreflightPlan};
use crate::machine::facts::MachineFacts;
use crate::machine::local_ports::{LocalPorts, TimeWaitReuse};
use crate::machine::sockets::TargetSockets;

/// Returns the warning, if there are too few.
pub fn check(plan: &PreflightPlan, facts: &MachineFacts) -> Option<String> {
    let ports = facts.local_ports?;
    let taken = facts.target_sockets.clone().unwrap_or_default();
    let free = free_ports(plan, &ports, &taken);
    let rest_s = ports.rest_ms(plan.target_place) as f64 / 1_000.0;
    let need = lack(plan, &ports, free)?;
    Some(format!(
        "{free} local ports are free towards the target ({} to hand out; {}{} in use, {} in \
         TIME_WAIT), and {need}; a port rests {rest_s} s once its connection is closed. {}",
        all_ports(plan, &ports),
        if taken.complete { "" } else { "at least " },
        taken.in_use,
        taken.time_wait,
        knobs(plan, &ports),
    ))
}

fn all_ports(plan: &PreflightPlan, ports: &LocalPorts) -> u64 {
    let local = plan.local_addresses.max(1);
    let pairs = local.saturating_mul(plan.target_addresses.max(1));
    ports.ports.saturating_mul(pairs as u64)
}

/// Returns the number of free ports. Ports in TIME_WAIT count as free where they are reused early.
fn free_ports(plan: &PreflightPlan, ports: &LocalPorts, taken: &TargetSockets) -> u64 {
    let resting = if ports.reused_early(plan.target_place) {
        0
    } else {
        taken.time_wait
    };
    all_ports(plan, ports).saturating_sub(taken.in_use.saturating_add(resting))
}

/// Describes what the run needs, if that exceeds the free ports.
fn lack(plan: &PreflightPlan, ports: &LocalPorts, free: u64) -> Option<String> {
    let rest_ms = ports.rest_ms(plan.target_place);
    let Some(needed) = needed_ports(plan, rest_ms) else {
        // With early reuse, a range of the usual size suffices for more connections per second than a core
        // makes.
        let enough = ports.reused_early(plan.target_place) && plan.max_connections <= free;
        let a_second = u128::from(free) * 1_000 / u128::from(rest_ms.max(1));
        return (!enough).then(|| {
            format!(
                "the run makes as many new connections as the target answers: enough for {a_second} a second"
            )
        });
    };
    (needed > free).then(|| format!("the run needs up to {needed}"))
}

/// Returns the number of ports in use at the same time: those of open connections, and those of closed ones
/// in TIME_WAIT (close rate × TIME_WAIT duration). Returns `None` if unknown in advance.
fn needed_ports(plan: &PreflightPlan, rest_ms: u64) -> Option<u64> {
    match plan.new_connections {
        NewConnections::Kept => Some(plan.max_connections),
        NewConnections::Unbounded => None,
        NewConnections::Counted { total, duration_ms } => {
            let duration_ms = duration_ms.unwrap_or(0).max(1);
            let resting = u128::from(total) * u128::from(rest_ms) / u128::from(duration_ms);
            let at_a_time = resting.saturating_add(plan.max_connections.into());
            Some(at_a_time.min(total.into()) as u64)
        }
    }
}

/// Returns the settings that help. Keep-alive and early reuse are omitted where they are already enabled.
fn knobs(plan: &PreflightPlan, ports: &LocalPorts) -> String {
    let mut knobs =
        vec!["widen the range (`sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"`)"];
    let closes = plan.new_connections != NewConnections::Kept;
    if closes {
        knobs.push("keep connections alive");
    }
    if closes && !ports.reused_early(plan.target_place) {
        knobs.push(reuse_knob(ports.reuse));
    }
    format!(
        "Either {}, or use more local or more target addresses: each pair has the range to itself.",
        knobs.join(", ")
    )
}

/// Where ports are never reused, TCP timestamps may be disabled.
fn reuse_knob(reuse: TimeWaitReuse) -> &'static str {
    match reuse {
        TimeWaitReuse::Never => {
            "use ports again early (`sysctl -w net.ipv4.tcp_tw_reuse=1 net.ipv4.tcp_timestamps=1`)"
        }
        _ => "use ports again early (`sysctl -w net.ipv4.tcp_tw_reuse=1`)",
    }
}
