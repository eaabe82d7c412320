//! Limits the work and time spent on inspecting the machine, so that a machine with a million sockets delays
//! a run only briefly.

use std::time::{Duration, Instant};

/// How often the clock is read, in calls.
const CLOCK_EVERY: u32 = 64;

/// Remaining work and time.
#[derive(Debug)]
pub struct WorkBudget {
    units: usize,
    until: Instant,
    spent: u32,
}

impl WorkBudget {
    /// Allows `units` of work (the caller defines the unit) within `time` from now.
    pub fn new(units: usize, time: Duration) -> Self {
        Self {
            units,
            until: Instant::now() + time,
            spent: 0,
        }
    }

    /// Takes `units`. Returns false if fewer are left or the time is up. From then on, nothing is left.
    pub fn spend(&mut self, units: usize) -> bool {
        let late = self.spent.is_multiple_of(CLOCK_EVERY) && Instant::now() >= self.until;
        self.spent = self.spent.wrapping_add(1);
        let left = self.units.checked_sub(units).filter(|_| !late);
        self.units = left.unwrap_or(0);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn work_is_bounded() {
        let mut effort = WorkBudget::new(10, LONG);
        assert!(effort.spend(4) && effort.spend(6) && effort.spend(0));
        assert!(!effort.spend(1));
        let mut effort = WorkBudget::new(10, LONG);
        assert!(!effort.spend(11));
        assert!(!effort.spend(1), "nothing is left after a refusal");
    }

    #[test]
    fn time_is_bounded() {
        let mut effort = WorkBudget::new(usize::MAX, Duration::ZERO);
        assert!(!effort.spend(1) && !effort.spend(1));
    }
}
