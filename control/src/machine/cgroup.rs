//! CPU throttling of the process by its cgroup's quota, from `cpu.stat`.
//!
//! A run reads it before and after. `vayu_worker::placement::quota_cores` returns the size of the quota.

use std::fs;

use serde::Serialize;

/// How often and how long the process's cgroup and its ancestors were throttled because a quota was used up.
/// A reading counts from the creation of the group, a difference covers the time in between.
///
/// All levels are added up: each of them stops the process, regardless of which tasks used up its quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Throttling {
    /// Number of periods (usually 100 ms) in which a quota ran out (`nr_throttled`).
    pub throttled_periods: u64,
    /// Throttled time in microseconds, summed over the cores, so it may exceed the elapsed time
    /// (`throttled_usec`; `throttled_time` in cgroup v1).
    pub throttled_us: u64,
}

impl Throttling {
    /// Reads either cgroup version. Returns `None` if neither the group nor an ancestor has CPU accounting
    /// with quotas.
    #[must_use]
    pub fn read() -> Option<Self> {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let of_group = |directory: String| {
            Self::parse(&fs::read_to_string(format!("{directory}/cpu.stat")).ok()?)
        };
        directories(&groups)
            .into_iter()
            .filter_map(of_group)
            .reduce(Self::plus)
    }

    /// Returns the increase since `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            throttled_periods: self
                .throttled_periods
                .saturating_sub(before.throttled_periods),
            throttled_us: self.throttled_us.saturating_sub(before.throttled_us),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            throttled_periods: self
                .throttled_periods
                .saturating_add(other.throttled_periods),
            throttled_us: self.throttled_us.saturating_add(other.throttled_us),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| -> Option<u64> {
            let mut words = text.lines().filter_map(|line| line.split_once(' '));
            words.find(|(key, _)| *key == name)?.1.trim().parse().ok()
        };
        let version_1_us = || Some(field("throttled_time")? / 1_000);
        Some(Self {
            throttled_periods: field("nr_throttled")?,
            throttled_us: field("throttled_usec").or_else(version_1_us)?,
        })
    }
}

/// Returns the directories of the group that controls CPU time and of its ancestors, from the text of
/// `/proc/self/cgroup`: those of the v1 hierarchy with the `cpu` controller if there is one, otherwise those
/// of v2.
fn directories(groups: &str) -> Vec<String> {
    let mut version_2 = None;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        match (parts.next(), parts.next()) {
            (Some(""), Some(path)) => version_2 = Some(path),
            (Some(controllers), Some(path)) if controllers.split(',').any(|name| name == "cpu") => {
                return upwards("/sys/fs/cgroup/cpu", path);
            }
            _ => {}
        }
    }
    version_2.map_or_else(Vec::new, |path| upwards("/sys/fs/cgroup", path))
}

fn upwards(root: &str, path: &str) -> Vec<String> {
    let path = path.trim_end_matches('/');
    let ends = path.rmatch_indices('/').map(|(at, _)| at);
    std::iter::once(path.len())
        .chain(ends)
        .map(|end| format!("{root}{}", &path[..end]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_from_the_process_up() {
        let table: [(&str, &[&str]); 7] = [
            ("0::/\n", &["/sys/fs/cgroup"]),
            (
                "0::/a.slice/b\n",
                &[
                    "/sys/fs/cgroup/a.slice/b",
                    "/sys/fs/cgroup/a.slice",
                    "/sys/fs/cgroup",
                ],
            ),
            (
                "3:cpuset:/x\n2:cpuacct,cpu:/y\n1:name=systemd:/z\n0::/w\n",
                &["/sys/fs/cgroup/cpu/y", "/sys/fs/cgroup/cpu"],
            ),
            (
                "4:cpu:/a:b\n",
                &["/sys/fs/cgroup/cpu/a:b", "/sys/fs/cgroup/cpu"],
            ),
            ("3:cpuset:/x\n", &[]),
            ("nonsense\n::\n1\n", &["/sys/fs/cgroup"]),
            ("", &[]),
        ];
        for (groups, expected) in table {
            assert_eq!(directories(groups), expected, "{groups:?}");
        }
    }

    #[test]
    fn throttling_is_read_in_both_versions() {
        let of = |throttled_periods, throttled_us| {
            Some(Throttling {
                throttled_periods,
                throttled_us,
            })
        };
        let table = [
            (
                "usage_usec 9\nnr_periods 5\nnr_throttled 2\nthrottled_usec 1500\n",
                of(2, 1500),
            ),
            (
                "nr_periods 5\nnr_throttled 2\nthrottled_time 1500999\n",
                of(2, 1500),
            ),
            ("usage_usec 9\nuser_usec 4\n", None),
            ("nr_throttled 2\n", None),
            ("nr_throttled x\nthrottled_usec 1\n", None),
            ("nr_throttled\n", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(Throttling::parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_difference_never_goes_below_nothing() {
        let of = |throttled_periods, throttled_us| Throttling {
            throttled_periods,
            throttled_us,
        };
        assert_eq!(of(5, 900).since(of(2, 400)), of(3, 500));
        assert_eq!(of(0, 0).since(of(2, 400)), of(0, 0));
        assert_eq!(of(1, u64::MAX).plus(of(2, 1)), of(3, u64::MAX));
    }
}
