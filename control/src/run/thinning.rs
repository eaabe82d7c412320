//! Selects the samples of a run that are stored, so that a long run at full speed stays within its storage
//! limit and is still covered as a whole.
//!
//! The first half of the capacity takes every sample, the next quarter every fourth one, the next eighth
//! every sixteenth, and so on. Each part lasts twice as long as the one before it, so a capacity of 100,000
//! is not used up by the samples of a day. Every failure is stored until the capacity is used up.

use vayu_shared::sample::SampleOutcome;

/// Selects the samples of a run that are stored.
pub struct Thinning {
    /// Maximum number of samples.
    room: u64,
    kept: u64,
    /// Successes since the last stored one.
    passed: u64,
    /// Number of samples that were not stored.
    pub left_out: u64,
}

impl Thinning {
    /// Creates the selection for a run that may store `room` samples.
    pub fn new(room: u64) -> Self {
        Self {
            room,
            kept: 0,
            passed: 0,
            left_out: 0,
        }
    }

    /// Returns whether the next sample is to be stored.
    pub fn keeps(&mut self, outcome: &SampleOutcome) -> bool {
        let is_failure = matches!(outcome, SampleOutcome::Failed { .. });
        let keeps = if is_failure {
            self.kept < self.room
        } else {
            self.passed += 1;
            self.kept < self.room && self.passed >= self.stride()
        };
        match (keeps, is_failure) {
            (true, true) => self.kept += 1,
            (true, false) => (self.kept, self.passed) = (self.kept + 1, 0),
            (false, _) => self.left_out += 1,
        }
        keeps
    }

    /// Returns the sampling stride: one success in this many is stored. It quadruples each time half of the
    /// remaining capacity is used.
    fn stride(&self) -> u64 {
        let left = (self.room - self.kept).max(1);
        1 << (2 * (self.room / left).max(1).ilog2())
    }
}

#[cfg(test)]
mod tests {
    use vayu_shared::outcome::{ErrorClass, Status};
    use vayu_shared::sample::ErrorDetail;

    use super::*;

    fn success() -> SampleOutcome {
        SampleOutcome::Answered(Status::new(200).expect("a status"))
    }

    #[test]
    fn samples_grow_rarer_and_stay_within_the_room() {
        let mut thinning = Thinning::new(1_000);
        let kept: Vec<usize> = (0..200_000)
            .filter(|_| thinning.keeps(&success()))
            .collect();
        assert!((980..1_000).contains(&kept.len()), "{}", kept.len());
        assert_eq!(kept[..500], (0..500).collect::<Vec<_>>());
        assert_eq!(kept[501] - kept[500], 4);
        assert_eq!(kept[751] - kept[750], 16);
        assert_eq!(thinning.left_out + kept.len() as u64, 200_000);
    }

    #[test]
    fn failures_are_kept_while_there_is_room() {
        let failure = SampleOutcome::Failed {
            class: ErrorClass::ALL[0],
            detail: ErrorDetail::Text("why"),
        };
        let mut thinning = Thinning::new(10);
        let kept = (0..12).filter(|_| thinning.keeps(&failure)).count();
        assert_eq!((kept, thinning.left_out), (10, 2));
        assert!(!thinning.keeps(&success()));
    }
}
