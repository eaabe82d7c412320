//! How long the phases of one exchange took.

use std::ops::AddAssign;

use crate::units::Nanos;

/// The phases of an exchange in nanoseconds; 0 for one that did not occur: a kept connection has no
/// connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhaseTimings {
    /// Name look-up.
    pub dns: Nanos,
    /// TCP connect, with a proxy's tunnel.
    pub connect: Nanos,
    /// TLS handshake.
    pub tls: Nanos,
    /// From the first byte written to the first byte read.
    pub first_byte: Nanos,
    /// From the first to the last byte read.
    pub download: Nanos,
}

impl PhaseTimings {
    /// All phases together.
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
