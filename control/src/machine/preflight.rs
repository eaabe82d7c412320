//! Preflight warnings: facts of the machine that will distort the numbers of a run or end it early, each with
//! the setting to change.
//!
//! A pure function of the plan and the facts. Unknown facts and a healthy machine produce no warnings. A
//! warning never prevents a run from starting.

mod neighbours;
mod ports;

use crate::generator::PreflightWarning;

use super::facts::MachineFacts;
use super::listener::TargetPlace;

/// Descriptors that a run needs in addition to those of its connections: directory listings, files of the
/// store, clients that watch.
const SPARE_DESCRIPTORS: u64 = 32;
/// Descriptors that a run needs on each shard.
const DESCRIPTORS_PER_SHARD: u64 = 2;

/// What a run needs, over all shards.
#[derive(Clone, Debug, PartialEq)]
pub struct PreflightPlan {
    /// Maximum number of connections open at once. At most the number of requests, if that is known.
    pub max_connections: u64,
    /// How many connections are opened.
    pub new_connections: NewConnections,
    /// Number of local addresses connections are made from. 1 if the kernel chooses.
    pub local_addresses: usize,
    /// Number of addresses of the target.
    pub target_addresses: usize,
    /// Cores of the shards, one per shard.
    pub cores: Vec<usize>,
    /// Where the target is.
    pub target_place: TargetPlace,
}

/// How many connections a run opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NewConnections {
    /// They are kept alive: as many as are open at once.
    Kept,
    /// This many, spread evenly over the run.
    Counted {
        /// Total number.
        total: u64,
        /// Duration in milliseconds. `None` if as fast as the target answers.
        duration_ms: Option<u64>,
    },
    /// As many as the target answers, so unknown in advance.
    Unbounded,
}

/// Compares what a run needs with what the machine has. Warnings are ordered by impact: first those that end
/// a run, last those that reduce its precision.
#[must_use]
pub fn preflight(plan: &PreflightPlan, facts: &MachineFacts) -> Vec<PreflightWarning> {
    let checks = [
        ("descriptor_limit", descriptor_limit(plan, facts)),
        ("local_ports", ports::check(plan, facts)),
        ("cores_offline", cores_offline(plan, facts)),
        ("cgroup_quota", cgroup_quota(plan, facts)),
        ("shared_cores", neighbours::check(plan, facts)),
        ("slow_clocksource", slow_clocksource(facts)),
        ("frequency_governor", frequency_governor(facts)),
    ];
    let warning = |(code, message): (&str, Option<String>)| {
        message.map(|message| PreflightWarning {
            code: code.to_owned(),
            message,
        })
    };
    checks.into_iter().filter_map(warning).collect()
}

fn descriptor_limit(plan: &PreflightPlan, facts: &MachineFacts) -> Option<String> {
    let descriptors = facts.descriptors?;
    let limit = descriptors.limit?;
    let besides =
        descriptors.open + SPARE_DESCRIPTORS + DESCRIPTORS_PER_SHARD * plan.cores.len() as u64;
    let needed = plan.max_connections.saturating_add(besides);
    (needed > limit).then(|| {
        format!(
            "This process may open {limit} descriptors and has {} open; with up to {} it needs \
             {needed}. Raise the limit where it is started: `ulimit -n {needed}` in a shell (as root \
             beyond the hard limit), LimitNOFILE={needed} in a systemd unit.",
            descriptors.open,
            counted(plan.max_connections, "connection"),
        )
    })
}

fn cores_offline(plan: &PreflightPlan, facts: &MachineFacts) -> Option<String> {
    let online = facts.online.as_ref()?;
    let offline: Vec<usize> = plan
        .cores
        .iter()
        .copied()
        .filter(|core| !online.contains(core))
        .collect();
    let first = offline.first()?;
    Some(format!(
        "{} of {} cannot run where they are pinned: {} offline. Bring cores back (`echo 1 > \
         /sys/devices/system/cpu/cpu{first}/online`), or start with `--cpus` naming cores out of {}.",
        offline.len(),
        counted(plan.cores.len() as u64, "shard"),
        cores(&offline),
        numbers(online),
    ))
}

fn cgroup_quota(plan: &PreflightPlan, facts: &MachineFacts) -> Option<String> {
    let quota = facts
        .quota_cores
        .filter(|&quota| quota < plan.cores.len() as f64)?;
    let fewer = match quota.floor() as usize {
        0 => String::new(),
        cores => format!(", or start with `--workers {cores}`"),
    };
    Some(format!(
        "The cgroup's CPU quota amounts to {}, and there are {}: the kernel stops them for the rest \
         of each period once they have used it up. Raise the quota (`cpu.max` of the cgroup, \
         `cpu.cfs_quota_us` where cgroups are of version 1, `--cpus` of docker run, \
         resources.limits.cpu in Kubernetes){fewer}.",
        format_args!("{quota} of a core's time"),
        counted(plan.cores.len() as u64, "shard"),
    ))
}

fn slow_clocksource(facts: &MachineFacts) -> Option<String> {
    let source = facts
        .clocksource
        .as_ref()
        .filter(|source| !source.is_cheap())?;
    let knob = match source.cheaper() {
        Some(name) => format!(
            "Switch to {name} (`echo {name} > \
             /sys/devices/system/clocksource/clocksource0/current_clocksource`)."
        ),
        None => "The kernel has none that is faster now; see its log for why it gave up tsc, and \
                 the boot parameters clocksource= and tsc=."
            .to_owned(),
    };
    Some(format!(
        "The kernel takes the time from {}, which needs a system call or a slow device for each \
         reading; several are taken per request. {knob}",
        source.current
    ))
}

fn frequency_governor(facts: &MachineFacts) -> Option<String> {
    let slowing: Vec<_> = facts
        .governors
        .iter()
        .filter(|one| one.slows_down())
        .collect();
    let name = &slowing.first()?.name;
    let slowed: Vec<usize> = slowing.iter().map(|governor| governor.core).collect();
    Some(format!(
        "The frequency governor {name} lets {} slow down between requests, which shows in every \
         latency. Choose performance: `cpupower frequency-set -g performance`, or write it to \
         /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor.",
        cores(&slowed),
    ))
}

fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn cores(list: &[usize]) -> String {
    let noun = if list.len() == 1 { "core" } else { "cores" };
    format!("{noun} {}", numbers(list))
}

fn numbers(list: &[usize]) -> String {
    let words: Vec<String> = list.iter().map(usize::to_string).collect();
    words.join(",")
}

#[cfg(test)]
mod tests;
