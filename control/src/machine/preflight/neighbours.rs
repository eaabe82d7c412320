//! Checks whether the target may run on the shards' cores, and names the tasks and the commands to move them.

use super::super::facts::MachineFacts;
use super::super::listener::{Process, TargetPlace};
use super::{PreflightPlan, cores, numbers};

/// Maximum number of processes and threads that a warning names. The rest is counted.
const MAX_NAMED: usize = 16;

/// A process or a thread that may run on a shard's core.
struct Neighbour {
    /// Name for display.
    name: String,
    /// Options of `taskset` that move it, placed before the list of cores.
    flags: &'static str,
    id: u32,
}

/// Returns the warning, if the target may run on a shard's core.
pub fn check(plan: &PreflightPlan, facts: &MachineFacts) -> Option<String> {
    if plan.target_place == TargetPlace::Elsewhere {
        return None;
    }
    let listener = facts.listener.as_ref()?;
    let mut shared = listener.cores();
    shared.retain(|core| plan.cores.contains(core));
    if shared.is_empty() {
        return None;
    }
    let processes = listener.processes.iter();
    let neighbours: Vec<Neighbour> = processes
        .flat_map(|process| of_process(process, &shared))
        .collect();
    let names = neighbours.iter().map(|one| one.name.clone());
    let free = facts.online.as_ref().map(|online| {
        let without_shard = online.iter().filter(|core| !plan.cores.contains(core));
        without_shard.copied().collect::<Vec<usize>>()
    });
    let place = free.as_ref().filter(|free| !free.is_empty());
    let place = place.map_or("CORES".to_owned(), |free| numbers(free));
    let commands = neighbours
        .iter()
        .map(|one| format!("taskset {} {place} {}", one.flags, one.id));
    let commands = listed(commands.collect(), "; ");
    let knob = if free.is_some_and(|free| free.is_empty()) {
        format!(
            "Every core has a shard: leave some to the target (`--cpus` or `--workers` has fewer \
             shards) and move it there (`{commands}`)"
        )
    } else {
        format!("Give them cores of their own: `{commands}` moves the target, `--cpus` the shards")
    };
    Some(format!(
        "The target runs on this machine and may use {}, where shards are pinned: {}. Each slows the \
         other, which distorts the latency. {knob}; or use another machine.",
        cores(&shared),
        listed(names.collect(), ", "),
    ))
}

/// Returns a process as a whole if each of its threads may run on one of these cores, otherwise the threads
/// that may.
fn of_process(process: &Process, shared: &[usize]) -> Vec<Neighbour> {
    let may_share = |cores: &[usize]| cores.iter().any(|core| shared.contains(core));
    let mut threads = process.threads.clone();
    threads.retain(|thread| may_share(&thread.cores));
    let name = process.threads.first().map_or("", |first| &first.name);
    if process.is_whole && threads.len() == process.threads.len() {
        return vec![Neighbour {
            name: format!("{name} (process {})", process.id),
            flags: "-acp",
            id: process.id,
        }];
    }
    let threads = threads.into_iter().map(|thread| Neighbour {
        name: format!(
            "{} (thread {} of process {})",
            thread.name, thread.id, process.id
        ),
        flags: "-cp",
        id: thread.id,
    });
    threads.collect()
}

/// Returns the first entries of a list, and how many more there are.
fn listed(mut entries: Vec<String>, separator: &str) -> String {
    let more = entries.len().saturating_sub(MAX_NAMED);
    entries.truncate(MAX_NAMED);
    let text = entries.join(separator);
    match more {
        0 => text,
        more => format!("{text}{separator}and so on for {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::listener::{Listener, Thread};
    use super::*;
    use crate::machine::preflight::NewConnections;

    fn process(id: u32, name: &str, threads: &[(u32, &[usize])], is_whole: bool) -> Process {
        let threads = threads.iter().map(|(id, cores)| Thread {
            id: *id,
            name: name.into(),
            cores: cores.to_vec(),
        });
        Process {
            id,
            threads: threads.collect(),
            is_whole,
        }
    }

    fn told(processes: Vec<Process>, online: Option<Vec<usize>>) -> Option<String> {
        let plan = PreflightPlan {
            max_connections: 1,
            new_connections: NewConnections::Kept,
            local_addresses: 1,
            target_addresses: 1,
            cores: vec![0],
            target_place: TargetPlace::Loopback,
        };
        let facts = MachineFacts {
            listener: Some(Listener { processes }),
            online,
            ..MachineFacts::default()
        };
        check(&plan, &facts)
    }

    #[test]
    fn everyone_who_may_share_a_core_is_named_with_the_command_that_moves_it() {
        let both = Some(vec![0, 1, 2]);
        let nginx = vec![
            process(811, "nginx", &[(811, &[0, 1, 2])], true),
            process(812, "nginx", &[(812, &[0, 1, 2])], true),
        ];
        let text = told(nginx.clone(), both.clone()).expect("both may");
        for part in [
            "may use core 0,",
            "nginx (process 811), nginx (process 812)",
            "`taskset -acp 1,2 811; taskset -acp 1,2 812`",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let full = told(nginx, Some(vec![0])).expect("there is no other");
        assert!(full.contains("taskset -acp CORES 811"), "{full}");
        assert!(full.contains("--workers"), "{full}");
        let pinned = vec![process(
            9,
            "w",
            &[(9, &[1, 2]), (10, &[0, 1]), (11, &[2, 1])],
            true,
        )];
        let text = told(pinned, both.clone()).expect("one may");
        assert!(text.contains("w (thread 10 of process 9)."), "{text}");
        assert!(text.contains("`taskset -cp 1,2 10`"), "{text}");
        let own = vec![process(9, "origin", &[(12, &[0])], false)];
        let text = told(own, both.clone()).expect("it may");
        assert!(text.contains("`taskset -cp 1,2 12`"), "{text}");
        let elsewhere = vec![process(9, "w", &[(9, &[1])], true)];
        assert_eq!(told(elsewhere, both), None);
    }

    #[test]
    fn a_crowd_is_counted() {
        let crowd = (1..=20).map(|id| process(id, "w", &[(id, &[0])], true));
        let text = told(crowd.collect(), None).expect("all of them");
        assert!(
            text.contains("w (process 16), and so on for 4 more."),
            "{text}"
        );
        assert!(!text.contains("process 17"), "{text}");
    }
}
