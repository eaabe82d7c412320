//! How many wrong tokens each address may send: a bucket of ten, and one more every six seconds.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Wrong tokens that are looked at without a pause.
const BURST: u32 = 10;
/// How long one more takes.
const PERIOD: Duration = Duration::from_secs(6);
/// Addresses remembered; more are thrown away with the oldest guesses first.
const ADDRESSES: usize = 4_096;

/// When each address will have made up for its guesses.
#[derive(Default)]
pub struct Attempts(HashMap<IpAddr, Instant>);

impl Attempts {
    /// Seconds to wait before another token from there is looked at, if any.
    pub fn wait(&self, from: IpAddr, now: Instant) -> Option<u64> {
        let clear = *self.0.get(&from)?;
        let over = (now + PERIOD * BURST).checked_duration_since(clear);
        match over {
            Some(room) if room >= PERIOD => None,
            Some(room) => Some((PERIOD - room).as_secs() + 1),
            None => Some(PERIOD.as_secs()),
        }
    }

    /// A token from there was wrong.
    pub fn failed(&mut self, from: IpAddr, now: Instant) {
        if self.0.len() >= ADDRESSES && !self.0.contains_key(&from) {
            self.0.retain(|_, clear| *clear > now);
            let first = self.0.iter().min_by_key(|(_, clear)| **clear);
            let first = first.map(|(address, _)| *address);
            if let Some(address) = first.filter(|_| self.0.len() >= ADDRESSES) {
                self.0.remove(&address);
            }
        }
        let clear = self.0.entry(from).or_insert(now);
        *clear = (*clear).max(now) + PERIOD;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_at_once_and_then_one_each_period() {
        let (mut attempts, begun) = (Attempts::default(), Instant::now());
        let here = IpAddr::from([127, 0, 0, 1]);
        for number in 0..BURST {
            assert_eq!(attempts.wait(here, begun), None, "{number}");
            attempts.failed(here, begun);
        }
        assert!(attempts.wait(here, begun).is_some());
        assert_eq!(attempts.wait(here, begun + PERIOD), None);
        attempts.failed(here, begun + PERIOD);
        assert!(attempts.wait(here, begun + PERIOD).is_some());
        assert_eq!(attempts.wait(here, begun + PERIOD * 20), None);
        assert_eq!(attempts.wait(IpAddr::from([127, 0, 0, 2]), begun), None);
    }

    #[test]
    fn addresses_are_bounded() {
        let (mut attempts, now) = (Attempts::default(), Instant::now());
        for number in 0..2 * ADDRESSES as u32 {
            attempts.failed(IpAddr::from(number.to_be_bytes()), now);
        }
        assert!(attempts.0.len() <= ADDRESSES);
    }
}
