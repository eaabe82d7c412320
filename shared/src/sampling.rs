//! Selects which successful requests are stored as samples: a fixed share, evenly spread.

/// Selects a fixed share of a sequence by carrying the remainder over, so that any subsequence contains the
/// share to within one.
#[derive(Clone, Copy, Debug)]
pub struct EvenSampler {
    /// The share in millionths, at most [`WHOLE`].
    share: u32,
    carry: u32,
}

const WHOLE: u32 = 1_000_000;

impl EvenSampler {
    /// Creates a sampler that selects `percent` (0 to 100) of the sequence.
    #[must_use]
    pub fn new(percent: f64) -> Self {
        let share = (percent.clamp(0.0, 100.0) / 100.0 * f64::from(WHOLE)).round() as u32;
        Self { share, carry: 0 }
    }

    /// Returns whether the next element of the sequence is selected.
    pub fn keeps_next(&mut self) -> bool {
        self.carry += self.share;
        let kept = self.carry >= WHOLE;
        if kept {
            self.carry -= WHOLE;
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_exact_and_even() {
        for (percent, of_a_thousand) in [
            (100.0, 1000),
            (10.0, 100),
            (5.0, 50),
            (33.0, 330),
            (0.1, 1),
            (0.0, 0),
        ] {
            let mut sampler = EvenSampler::new(percent);
            let kept: Vec<usize> = (0..1000).filter(|_| sampler.keeps_next()).collect();
            assert_eq!(kept.len(), of_a_thousand, "{percent} %");
            let widest = kept
                .windows(2)
                .map(|pair| pair[1] - pair[0])
                .max()
                .unwrap_or(0);
            let even = if percent > 0.0 {
                (100.0 / percent).ceil() as usize
            } else {
                0
            };
            assert!(widest <= even, "{percent} %: a gap of {widest}");
        }
    }
}
