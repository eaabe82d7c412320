//! Limits the number of wrong tokens per address with a token bucket: a burst of ten, refilled by one every
//! six seconds. A token that was accepted from an address before is always checked, so that guesses do not
//! lock out its client.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Wrong tokens that are checked without a pause.
const BURST: u32 = 10;
/// Time after which one more is checked.
const PERIOD: Duration = Duration::from_secs(6);
/// Maximum number of tracked addresses. Beyond that, the address whose bucket refills first is removed.
const MAX_ADDRESSES: usize = 4_096;

/// See the module documentation.
#[derive(Default)]
pub struct Attempts {
    /// When the bucket of each address is full again.
    clear: HashMap<IpAddr, Instant>,
    /// Blocked addresses that were already logged.
    logged: HashSet<IpAddr>,
    /// Hashes of accepted tokens, by address.
    right: HashSet<(IpAddr, [u8; 32])>,
}

impl Attempts {
    /// Returns the seconds to wait before this token is checked from that address, if any.
    pub fn wait(&self, from: IpAddr, token: &[u8; 32], now: Instant) -> Option<u64> {
        let clear = *self.clear.get(&from)?;
        if self.right.contains(&(from, *token)) {
            return None;
        }
        let over = (now + PERIOD * BURST).checked_duration_since(clear);
        match over {
            Some(room) if room >= PERIOD => None,
            Some(room) => Some((PERIOD - room).as_secs() + 1),
            None => Some(PERIOD.as_secs()),
        }
    }

    /// Marks the address as logged. Returns whether it was not marked before.
    pub fn mark_logged(&mut self, from: IpAddr) -> bool {
        if self.logged.len() >= MAX_ADDRESSES {
            self.logged.clear();
        }
        self.logged.insert(from)
    }

    /// Records an accepted token.
    pub fn right(&mut self, from: IpAddr, token: [u8; 32]) {
        if self.right.len() >= MAX_ADDRESSES {
            self.right.clear();
        }
        self.right.insert((from, token));
    }

    /// Records a wrong token.
    pub fn wrong(&mut self, from: IpAddr, now: Instant) {
        self.logged.remove(&from);
        if self.clear.len() >= MAX_ADDRESSES && !self.clear.contains_key(&from) {
            self.clear.retain(|_, clear| *clear > now);
            let first = self.clear.iter().min_by_key(|(_, clear)| **clear);
            let first = first.map(|(address, _)| *address);
            if let Some(address) = first.filter(|_| self.clear.len() >= MAX_ADDRESSES) {
                self.clear.remove(&address);
            }
        }
        let clear = self.clear.entry(from).or_insert(now);
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
            assert_eq!(attempts.wait(here, &[0; 32], begun), None, "{number}");
            attempts.wrong(here, begun);
        }
        assert!(attempts.wait(here, &[0; 32], begun).is_some());
        attempts.right(here, [1; 32]);
        assert_eq!(attempts.wait(here, &[1; 32], begun), None);
        assert_eq!(attempts.wait(here, &[0; 32], begun + PERIOD), None);
        attempts.wrong(here, begun + PERIOD);
        assert!(attempts.wait(here, &[0; 32], begun + PERIOD).is_some());
        assert_eq!(attempts.wait(here, &[0; 32], begun + PERIOD * 20), None);
        assert_eq!(
            attempts.wait(IpAddr::from([127, 0, 0, 2]), &[0; 32], begun),
            None
        );
    }

    #[test]
    fn addresses_are_bounded() {
        let (mut attempts, now) = (Attempts::default(), Instant::now());
        for number in 0..2 * MAX_ADDRESSES as u32 {
            attempts.wrong(IpAddr::from(number.to_be_bytes()), now);
        }
        assert!(attempts.clear.len() <= MAX_ADDRESSES);
    }
}
