//! File descriptor budget: connections of runs leave some descriptors of the process free for the API.
//! Otherwise the API could not accept a client, not even one that wants to stop the run.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

/// Descriptors reserved for the rest of the process, at most a quarter of its limit.
const RESERVED: usize = 512;

/// Connections of all shards that are open or being opened.
static TAKEN: AtomicUsize = AtomicUsize::new(0);
/// Maximum of [`TAKEN`].
static MAX_TAKEN: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Sets the connection limit from the current `RLIMIT_NOFILE` of the process.
pub fn reserve() {
    let limit = getrlimit(Resource::Nofile).current;
    let most = limit.map_or(usize::MAX, |limit| {
        bound(usize::try_from(limit).unwrap_or(usize::MAX))
    });
    MAX_TAKEN.store(most, Ordering::Relaxed);
}

fn bound(limit: usize) -> usize {
    limit - RESERVED.min(limit / 4)
}

/// The right to use one descriptor for a connection. Dropping it returns the descriptor to the budget.
pub struct DescriptorPermit(());

impl DescriptorPermit {
    /// Takes one descriptor from the budget.
    ///
    /// # Errors
    /// Returns `EMFILE`, as the kernel does, if the remaining descriptors are reserved.
    pub fn take() -> io::Result<Self> {
        Self::take_below(MAX_TAKEN.load(Ordering::Relaxed))
    }

    fn take_below(most: usize) -> io::Result<Self> {
        let place = Self(());
        if TAKEN.fetch_add(1, Ordering::Relaxed) < most {
            Ok(place)
        } else {
            Err(Errno::MFILE.into())
        }
    }
}

impl Drop for DescriptorPermit {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_reserved_of_few_and_a_fixed_number_of_many() {
        for (limit, most) in [(0, 0), (64, 48), (1_024, 768), (20_000, 19_488)] {
            assert_eq!(bound(limit), most, "{limit}");
        }
    }

    #[test]
    fn places_beyond_the_bound_are_refused_and_given_back() {
        // Other tests of this process may hold some at the same time.
        for _ in 0..1_000 {
            let refused = DescriptorPermit::take_below(0)
                .err()
                .expect("the bound is reached");
            assert_eq!(refused.raw_os_error(), Some(Errno::MFILE.raw_os_error()));
        }
        DescriptorPermit::take_below(900).expect("the others were given back");
    }
}
