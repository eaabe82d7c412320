//! Durations of the phases of one exchange.

use std::ops::AddAssign;

use crate::units::Nanos;

/// Durations of the phases of an exchange, in nanoseconds. 0 for a phase that did not occur: a reused
/// connection has no connect phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhaseTimings {
    /// DNS lookup.
    pub dns: Nanos,
    /// TCP connect, including a proxy's tunnel.
    pub connect: Nanos,
    /// TLS handshake.
    pub tls: Nanos,
    /// From the first byte written to the first byte read.
    pub first_byte: Nanos,
    /// From the first to the last byte read.
    pub download: Nanos,
}

impl PhaseTimings {
    /// Returns the sum of all phases.
    #[must_use]
    pub fn total(&self) -> Nanos {
        self.dns + self.connect + self.tls + self.first_byte + self.download
    }
}

impl AddAssign for PhaseTimings {
    fn add_assign(&mut self, other: Self) {
        self.dns += other.dns;
        self.connect += other.connect;
        self.tls += other.tls;
        self.first_byte += other.first_byte;
        self.download += other.download;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_add_up() {
        let mut sum = PhaseTimings {
            dns: 1,
            connect: 20,
            tls: 300,
            first_byte: 4_000,
            download: 50_000,
        };
        assert_eq!(sum.total(), 54_321);
        sum += sum;
        assert_eq!(sum.total(), 2 * 54_321);
    }
}
