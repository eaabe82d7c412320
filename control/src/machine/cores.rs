//! CPU time by core, from `/proc/stat`.
//!
//! A reading consists of counts of clock ticks since boot; the use during a run is the difference of two
//! readings. A tick is usually 10 ms, so shares of less than a second are coarse.

use std::{fs, io};

use serde::Serialize;
use vayu_worker::placement::parse_cpu_list;

/// CPU time of a core since boot, in clock ticks.
///
/// The columns of `/proc/stat`, see proc(5). Time spent in guests is included in `user` and `nice` there and
/// not distinguished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CoreTimes {
    /// Number of the core.
    pub core: usize,
    /// In user mode.
    pub user: u64,
    /// In user mode at low priority.
    pub nice: u64,
    /// In the kernel.
    pub system: u64,
    /// Idle.
    pub idle: u64,
    /// Idle while I/O was outstanding.
    pub iowait: u64,
    /// Handling interrupts.
    pub irq: u64,
    /// Handling deferred interrupt work, mostly the network stack.
    pub softirq: u64,
    /// Ready to run while the hypervisor ran something else.
    pub steal: u64,
}

/// Use of a core between two readings, as shares of the time (0 to 1). All are 0 if no tick passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CoreUse {
    /// Number of the core.
    pub core: usize,
    /// Busy time: everything except idle, waiting for I/O, and stolen. Stolen time is not work of this
    /// machine, so it is separate.
    pub busy_share: f64,
    /// Time stolen by the hypervisor.
    pub steal_share: f64,
    /// Time spent on deferred interrupt work. Included in `busy_share`.
    pub softirq_share: f64,
}

impl CoreTimes {
    /// Reads the given cores. Offline cores are omitted.
    ///
    /// # Errors
    /// Returns an error if `/proc/stat` cannot be read.
    pub fn read(cores: &[usize]) -> io::Result<Vec<Self>> {
        let text = fs::read_to_string("/proc/stat")?;
        let times = text.lines().filter_map(Self::parse);
        Ok(times.filter(|times| cores.contains(&times.core)).collect())
    }

    /// Parses a line like `cpu0 1 2 3 4 5 6 7 8 9 10`. Returns `None` for any other line, including the total
    /// of all cores.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("cpu")?.split(' ');
        let core = words.next()?.parse().ok()?;
        let mut ticks = || words.next()?.trim().parse().ok();
        Some(Self {
            core,
            user: ticks()?,
            nice: ticks()?,
            system: ticks()?,
            idle: ticks()?,
            iowait: ticks()?,
            irq: ticks()?,
            softirq: ticks()?,
            steal: ticks()?,
        })
    }
}

impl CoreUse {
    /// Returns the use of a core between two readings.
    #[must_use]
    pub fn between(before: &CoreTimes, after: &CoreTimes) -> Self {
        // idle and iowait may decrease, according to the kernel documentation; that counts as no time.
        let passed =
            |ticks: fn(&CoreTimes) -> u64| ticks(after).saturating_sub(ticks(before)) as f64;
        let softirq = passed(|times| times.softirq);
        let busy = passed(|times| times.user)
            + passed(|times| times.nice)
            + passed(|times| times.system)
            + passed(|times| times.irq)
            + softirq;
        let steal = passed(|times| times.steal);
        let all = busy + steal + passed(|times| times.idle) + passed(|times| times.iowait);
        let share = |ticks: f64| if all > 0.0 { ticks / all } else { 0.0 };
        Self {
            core: after.core,
            busy_share: share(busy),
            steal_share: share(steal),
            softirq_share: share(softirq),
        }
    }

    /// Returns the use of each core that is in both readings, in the order of `before`. Cores that went
    /// offline or came online in between are omitted.
    #[must_use]
    pub fn of_all(before: &[CoreTimes], after: &[CoreTimes]) -> Vec<Self> {
        let both = before.iter().filter_map(|earlier| {
            let later = after.iter().find(|later| later.core == earlier.core)?;
            Some(Self::between(earlier, later))
        });
        both.collect()
    }
}

/// Returns the online cores, ascending. Returns `None` if they cannot be read.
#[must_use]
pub fn online() -> Option<Vec<usize>> {
    let text = fs::read_to_string("/sys/devices/system/cpu/online").ok()?;
    parse_cpu_list(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the order user, nice, system, idle, iowait, irq, softirq, steal.
    fn times(core: usize, ticks: [u64; 8]) -> CoreTimes {
        let [user, nice, system, idle, iowait, irq, softirq, steal] = ticks;
        CoreTimes {
            core,
            user,
            nice,
            system,
            idle,
            iowait,
            irq,
            softirq,
            steal,
        }
    }

    #[test]
    fn lines_of_cores_are_read_and_others_are_not() {
        let table = [
            (
                "cpu0 1 2 3 4 5 6 7 8 9 10",
                Some(times(0, [1, 2, 3, 4, 5, 6, 7, 8])),
            ),
            (
                "cpu17 9 0 0 0 0 0 0 1\n",
                Some(times(17, [9, 0, 0, 0, 0, 0, 0, 1])),
            ),
            ("cpu  1 2 3 4 5 6 7 8 9 10", None),
            ("cpu0 1 2 3 4 5 6 7", None),
            ("cpu0 1 2 3 4 5 6 7 -8", None),
            ("cpu0 1 2 3 4 5 6 7 99999999999999999999", None),
            ("cpux 1 2 3 4 5 6 7 8", None),
            ("intr 1 2 3", None),
            ("", None),
        ];
        for (line, expected) in table {
            assert_eq!(CoreTimes::parse(line), expected, "{line:?}");
        }
    }

    #[test]
    fn shares_are_of_the_time_that_passed() {
        let zero = [0; 8];
        let most = [u64::MAX; 8];
        let table = [
            // Half idle, half busy, a fifth of which in softirq.
            (zero, [20, 5, 10, 40, 10, 5, 10, 0], (0.5, 0.0, 0.1)),
            // Stolen time is not busy time.
            (zero, [50, 0, 0, 25, 0, 0, 0, 25], (0.5, 0.25, 0.0)),
            (
                [100; 8],
                [200, 100, 100, 100, 100, 100, 100, 100],
                (1.0, 0.0, 0.0),
            ),
            // No tick passed.
            ([7; 8], [7; 8], (0.0, 0.0, 0.0)),
            // Idle decreased: it counts as no time.
            (
                [0, 0, 0, 50, 9, 0, 0, 0],
                [10, 0, 0, 40, 8, 0, 0, 0],
                (1.0, 0.0, 0.0),
            ),
            // Unrealistic numbers must not overflow.
            (zero, most, (0.625, 0.125, 0.125)),
            (most, zero, (0.0, 0.0, 0.0)),
        ];
        for (before, after, expected) in table {
            let used = CoreUse::between(&times(3, before), &times(3, after));
            let got = (used.busy_share, used.steal_share, used.softirq_share);
            assert_eq!(got, expected, "{before:?} to {after:?}");
            assert_eq!(used.core, 3);
        }
    }

    #[test]
    fn shares_never_leave_their_range() {
        let values = [0, 1, 3, 1_000_000_007, u64::MAX / 3, u64::MAX];
        for (a, b, c) in values
            .iter()
            .flat_map(|a| values.iter().map(move |b| (a, b)))
            .flat_map(|(a, b)| values.iter().map(move |c| (*a, *b, *c)))
        {
            let used = CoreUse::between(
                &times(0, [c, 0, b, 0, 0, a, 0, 0]),
                &times(0, [a, b, c, a, b, c, a, b]),
            );
            let sum = used.busy_share + used.steal_share;
            assert!((0.0..=1.0 + 1e-12).contains(&sum), "{a} {b} {c}: {used:?}");
            assert!(
                used.softirq_share <= used.busy_share,
                "{a} {b} {c}: {used:?}"
            );
        }
    }

    #[test]
    fn cores_that_come_and_go_are_left_out() {
        let before = [times(0, [0; 8]), times(1, [0; 8]), times(2, [0; 8])];
        let after = [times(2, [1; 8]), times(0, [1; 8]), times(5, [1; 8])];
        let cores: Vec<usize> = CoreUse::of_all(&before, &after)
            .iter()
            .map(|used| used.core)
            .collect();
        assert_eq!(cores, [0, 2]);
        assert!(CoreUse::of_all(&before, &[]).is_empty());
    }
}
