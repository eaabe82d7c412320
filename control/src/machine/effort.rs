//! A bound on how much work and time a look at the machine may take, so that a
//! machine with a million sockets delays a run by a blink and no more.

use std::time::{Duration, Instant};

/// How often the clock is looked at, in units of work.
const CLOCK_EVERY: u32 = 64;

/// Work and time that may still be spent.
#[derive(Debug)]
pub struct Effort {
    units: usize,
    until: Instant,
    spent: u32,
}

impl Effort {
    /// `units` of work (what a unit is, the user says) within `time` from now.
    pub fn new(units: usize, time: Duration) -> Self {
        Self {
            units,
            until: Instant::now() + time,
            spent: 0,
        }
    }

    /// Takes `units`; false when there are not as many left, or the time is up.
    /// From then on there is nothing left.
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
        let mut effort = Effort::new(10, LONG);
        assert!(effort.spend(4) && effort.spend(6) && effort.spend(0));
        assert!(!effort.spend(1));
        let mut effort = Effort::new(10, LONG);
        assert!(!effort.spend(11));
        assert!(!effort.spend(1), "nothing is left after a refusal");
    }

    #[test]
    fn time_is_bounded() {
        let mut effort = Effort::new(usize::MAX, Duration::ZERO);
        assert!(!effort.spend(1) && !effort.spend(1));
    }
}
