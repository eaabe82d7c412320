//! Selects the cores for the shards: the affinity mask of the process, limited by the cgroup's CPU quota and
//! by the user's options.

use std::fs;

use rustix::thread::{CpuSet, sched_setaffinity};

/// Returns the cores for the shards, in ascending order.
///
/// `cpus` are the cores of `--cpus`; empty means all. `workers` is the number of shards of `--workers`.
///
/// # Errors
/// Returns a message that names the option and its value.
pub fn choose(cpus: &[usize], workers: Option<usize>) -> Result<Vec<usize>, String> {
    let quota = quota_cores().map(|cores| (cores.ceil() as usize).max(1));
    choose_from(&allowed(), quota, cpus, workers)
}

fn choose_from(
    allowed: &[usize],
    quota: Option<usize>,
    cpus: &[usize],
    workers: Option<usize>,
) -> Result<Vec<usize>, String> {
    if let Some(cpu) = cpus.iter().find(|cpu| !allowed.contains(cpu)) {
        return Err(format!(
            "--cpus contains core {cpu}, which is not in the CPU affinity mask of this process: {allowed:?}"
        ));
    }
    if workers == Some(0) {
        return Err("--workers is 0; it must be at least 1".into());
    }
    let mut chosen = if cpus.is_empty() {
        allowed.to_vec()
    } else {
        cpus.to_vec()
    };
    chosen.sort_unstable();
    chosen.dedup();
    if let Some(workers) = workers.filter(|&workers| workers > chosen.len()) {
        return Err(format!(
            "--workers is {workers}, but only {} cores are available; use at most one worker per core",
            chosen.len()
        ));
    }
    // The quota only limits the default: `--cpus` and `--workers` override it.
    let asked = workers.or(if cpus.is_empty() { quota } else { None });
    chosen.truncate(asked.unwrap_or(chosen.len()).max(1));
    Ok(chosen)
}

/// Returns the cores in the process's affinity mask.
#[must_use]
pub fn allowed() -> Vec<usize> {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let mut ids: Vec<usize> = cores.into_iter().map(|core| core.id).collect();
    if ids.is_empty() {
        ids.push(0);
    }
    ids.sort_unstable();
    ids
}

/// Pins this thread, and the threads it starts, to cores without shards, if there are any: the control plane
/// must not delay a shard.
pub fn keep_off(shards: &[usize]) {
    let mut others = CpuSet::new();
    allowed()
        .into_iter()
        .filter(|cpu| !shards.contains(cpu) && *cpu < CpuSet::MAX_CPU)
        .for_each(|cpu| others.set(cpu));
    if others.count() > 0 {
        // Without permission, the threads keep their affinity mask.
        let _ = sched_setaffinity(None, &others);
    }
}

/// Parses a core list in the format of `taskset` and `cpuset`: `0,2-3`.
///
/// # Errors
/// Returns a message that names the invalid part.
pub fn parse_cpu_list(text: &str) -> Result<Vec<usize>, String> {
    let number = |part: &str| {
        part.trim()
            .parse::<usize>()
            .map_err(|_| format!("\"{part}\" is not a core number"))
    };
    let mut cpus = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            Some((first, last)) => {
                let (first, last) = (number(first)?, number(last)?);
                if first > last || last - first > 4096 {
                    return Err(format!("\"{part}\" is not a range of cores"));
                }
                cpus.extend(first..=last);
            }
            None => cpus.push(number(part)?),
        }
    }
    Ok(cpus)
}

/// Returns the CPU quota of the cgroup in cores, including fractions, or `None` without a quota. Supports
/// cgroups v1 and v2.
#[must_use]
pub fn quota_cores() -> Option<f64> {
    let group = fs::read_to_string("/proc/self/cgroup").ok()?;
    let v2 = group.lines().find_map(|line| line.strip_prefix("0::"));
    let v2 = v2.and_then(|path| tightest_quota("/sys/fs/cgroup", path, read_v2));
    let v1 = || tightest_quota("/sys/fs/cgroup/cpu", v1_cpu_group(&group)?, read_v1);
    v2.or_else(v1)
}

/// Returns the path of the `cpu` controller's group in `/proc/self/cgroup`, whose lines are number,
/// controllers and path (cgroups(7)).
fn v1_cpu_group(groups: &str) -> Option<&str> {
    groups.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers
            .split(',')
            .any(|name| name == "cpu")
            .then_some(path)
    })
}

/// Returns the smallest quota of the group and its ancestors.
fn tightest_quota(root: &str, path: &str, read: fn(&str) -> Option<f64>) -> Option<f64> {
    let mut directory = path.trim_end_matches('/');
    let mut tightest: Option<f64> = None;
    loop {
        if let Some(cores) = read(&format!("{root}{directory}")) {
            tightest = Some(tightest.map_or(cores, |least| least.min(cores)));
        }
        match directory.rfind('/') {
            Some(at) => directory = &directory[..at],
            None => return tightest,
        }
    }
}

fn read_v2(directory: &str) -> Option<f64> {
    parse_cpu_max(&fs::read_to_string(format!("{directory}/cpu.max")).ok()?)
}

fn read_v1(directory: &str) -> Option<f64> {
    let read = |file: &str| -> Option<f64> {
        fs::read_to_string(format!("{directory}/{file}"))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    let quota = read("cpu.cfs_quota_us").filter(|&quota| quota > 0.0)?;
    Some(quota / read("cpu.cfs_period_us")?)
}

fn parse_cpu_max(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    Some(quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_chosen_within_what_is_allowed() {
        let allowed = [0, 1, 4, 5];
        type Row = (
            Option<usize>,
            &'static [usize],
            Option<usize>,
            &'static [usize],
        );
        let table: [Row; 6] = [
            (None, &[], None, &[0, 1, 4, 5]),
            (Some(2), &[], None, &[0, 1]),
            (Some(2), &[4, 5, 1], None, &[1, 4, 5]),
            (Some(2), &[], Some(3), &[0, 1, 4]),
            (None, &[5, 5], Some(1), &[5]),
            (Some(9), &[], None, &[0, 1, 4, 5]),
        ];
        for (quota, cpus, workers, chosen) in table {
            let got = choose_from(&allowed, quota, cpus, workers);
            assert_eq!(got.as_deref(), Ok(chosen), "{quota:?} {cpus:?} {workers:?}");
        }
        for (cpus, workers) in [(&[7][..], None), (&[], Some(0)), (&[], Some(5))] {
            assert!(
                choose_from(&allowed, None, cpus, workers).is_err(),
                "{cpus:?} {workers:?}"
            );
        }
    }

    #[test]
    fn core_lists_are_read() {
        assert_eq!(parse_cpu_list("0,2-4"), Ok(vec![0, 2, 3, 4]));
        for text in ["", "a", "3-1", "1,,2", "0-99999"] {
            assert!(parse_cpu_list(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_group_of_the_cpu_controller_is_found() {
        let groups = "9:cpuset:/a\n8:cpuacct:/b\n7:cpu:/c:d\n0::/e\n";
        assert_eq!(v1_cpu_group(groups), Some("/c:d"));
        assert_eq!(v1_cpu_group("4:cpu,cpuacct:/x\n"), Some("/x"));
        assert_eq!(v1_cpu_group("9:cpuset:/a\n0::/\n"), None);
    }

    #[test]
    fn quotas_are_read() {
        assert_eq!(parse_cpu_max("150000 100000\n"), Some(1.5));
        assert_eq!(parse_cpu_max("max 100000\n"), None);
    }
}
