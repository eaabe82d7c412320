//! The phases of an exchange as JSON, in answers of design mode and in stored samples.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::units::to_ms;

/// Phases in milliseconds. Their sum is `total_ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Timing {
    /// Sum of all phases.
    pub total_ms: f64,
    /// DNS look-up.
    pub dns_ms: f64,
    /// TCP connect, including the tunnel through a proxy.
    pub connect_ms: f64,
    /// TLS handshake.
    pub tls_ms: f64,
    /// Request written to first byte.
    pub first_byte_ms: f64,
    /// First to last byte.
    pub download_ms: f64,
}

impl From<PhaseTimings> for Timing {
    fn from(phases: PhaseTimings) -> Self {
        Self {
            total_ms: to_ms(phases.total()),
            dns_ms: to_ms(phases.dns),
            connect_ms: to_ms(phases.connect),
            tls_ms: to_ms(phases.tls),
            first_byte_ms: to_ms(phases.first_byte),
            download_ms: to_ms(phases.download),
        }
    }
}

impl Timing {
    /// Serializes phases in this form.
    ///
    /// # Errors
    /// Returns the serializer's error.
    pub fn write<S: Serializer>(phases: &PhaseTimings, serializer: S) -> Result<S::Ok, S::Error> {
        Self::from(*phases).serialize(serializer)
    }
}
