//! Descriptors: connections of runs leave some of the process's to the API, which could not
//! accept a client otherwise, not even one that wants to stop the run.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

/// Descriptors that connections leave, where the process may have four times as many.
const RESERVED: usize = 512;

/// Connections open or being made, of all shards.
static TAKEN: AtomicUsize = AtomicUsize::new(0);
/// Most of them.
static MOST: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Bounds connections by what the process may have now.
pub fn reserve() {
    let limit = getrlimit(Resource::Nofile).current;
    let most = limit.map_or(usize::MAX, |limit| {
        bound(usize::try_from(limit).unwrap_or(usize::MAX))
    });
    MOST.store(most, Ordering::Relaxed);
}

fn bound(limit: usize) -> usize {
    limit - RESERVED.min(limit / 4)
}

/// The right to a descriptor for a connection, given back when it is dropped.
pub struct Place(());

impl Place {
    /// Takes one.
    ///
    /// # Errors
    /// `EMFILE`, as of the kernel, when the rest is reserved.
    pub fn take() -> io::Result<Self> {
        Self::take_below(MOST.load(Ordering::Relaxed))
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

impl Drop for Place {
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
        // Other tests of this process may have some at the same time.
        for _ in 0..1_000 {
            let refused = Place::take_below(0).err().expect("the bound is reached");
            assert_eq!(refused.raw_os_error(), Some(Errno::MFILE.raw_os_error()));
        }
        Place::take_below(900).expect("the others were given back");
    }
}
