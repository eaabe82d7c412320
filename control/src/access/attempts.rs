//! How many wrong tokens each address may send: a bucket of ten, and one more every six seconds. A
//! token that was right at an address before is always checked, so that guesses do not lock out
//! its client.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Wrong tokens that are looked at without a pause.
const BURST: u32 = 10;
/// How long one more takes.
const PERIOD: Duration = Duration::from_secs(6);
/// Most addresses in memory. Beyond that, the address with the oldest guesses is removed.
const ADDRESSES: usize = 4_096;

/// See the module.
#[derive(Default)]
pub struct Attempts {
    /// When each address will have made up for its guesses.
    clear: HashMap<IpAddr, Instant>,
    /// Addresses that wait, and of which that was told.
    told: HashSet<IpAddr>,
    /// Hashes of tokens that were right, by address.
    right: HashSet<(IpAddr, [u8; 32])>,
}

impl Attempts {
    /// Seconds to wait before the token of this hash is looked at from there, if any.
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

    /// Whether it has not been told yet that tokens from there are not looked at; after that it has.
    pub fn is_news(&mut self, from: IpAddr) -> bool {
        if self.told.len() >= ADDRESSES {
            self.told.clear();
        }
        self.told.insert(from)
    }

    /// A token from there was right.
    pub fn right(&mut self, from: IpAddr, token: [u8; 32]) {
        if self.right.len() >= ADDRESSES {
            self.right.clear();
        }
        self.right.insert((from, token));
    }

    /// A token from there was wrong.
    pub fn wrong(&mut self, from: IpAddr, now: Instant) {
        self.told.remove(&from);
        if self.clear.len() >= ADDRESSES && !self.clear.contains_key(&from) {
            self.clear.retain(|_, clear| *clear > now);
            let first = self.clear.iter().min_by_key(|(_, clear)| **clear);
            let first = first.map(|(address, _)| *address);
            if let Some(address) = first.filter(|_| self.clear.len() >= ADDRESSES) {
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
        for number in 0..2 * ADDRESSES as u32 {
            attempts.wrong(IpAddr::from(number.to_be_bytes()), now);
        }
        assert!(attempts.clear.len() <= ADDRESSES);
    }
}
