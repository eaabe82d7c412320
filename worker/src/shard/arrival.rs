//! One request of the schedule, as a virtual user receives it.

use vayu_shared::units::Nanos;

/// One request to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Intended start, on the monotonic clock.
    pub intended: Nanos,
    /// Time it waited for a virtual user, from its intended start.
    pub vu_wait: Nanos,
    /// Whether it was assigned in the turn that released it. Its schedule lag is then measured when its
    /// virtual user starts.
    pub is_fresh: bool,
}

impl Arrival {
    /// Creates an arrival that starts at its intended time.
    pub fn at(intended: Nanos) -> Self {
        Self {
            intended,
            vu_wait: 0,
            is_fresh: false,
        }
    }
}
