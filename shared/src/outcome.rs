//! Outcomes of an exchange. Each failure belongs to exactly one class.
//!
//! The classes identify the failed step, because that is what a user needs for diagnosis. The wire names are
//! the coarser ones of the API.

use serde::{Deserialize, Serialize};

/// Why an exchange failed. A response of any status is not a failure here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ErrorClass {
    /// The host name did not resolve.
    Resolve,
    /// The target refused the connection.
    ConnectRefused,
    /// No route to the target.
    ConnectUnreachable,
    /// No local port is available for the target.
    ConnectNoLocalPort,
    /// The process or the system has no file descriptor left.
    ConnectNoDescriptor,
    /// The connection could not be established for another reason.
    ConnectOther,
    /// The connection was not established in time.
    ConnectTimeout,
    /// The target ended the TLS handshake with an alert.
    TlsAlert,
    /// The target's certificate is expired or not yet valid.
    TlsExpired,
    /// The target's certificate was issued by an untrusted certificate authority.
    TlsUnknownCa,
    /// The target's certificate is for another host.
    TlsWrongHost,
    /// TLS failed for another reason.
    TlsOther,
    /// The TLS handshake did not complete in time.
    TlsTimeout,
    /// Sending the request failed.
    Write,
    /// The connection was reset while waiting for or reading the response.
    ReadReset,
    /// The target closed the connection before the response was complete.
    ClosedEarly,
    /// The response is not valid HTTP.
    Protocol,
    /// The request was not sent completely in time, and no response had begun.
    WriteTimeout,
    /// The response did not begin in time.
    FirstByteTimeout,
    /// The response did not complete in time.
    BodyTimeout,
    /// The engine does not connect to this address: it is the engine itself, or the target rules deny it.
    ConnectDenied,
}

impl ErrorClass {
    /// Every class, ordered by discriminant.
    pub const ALL: [Self; 21] = [
        Self::Resolve,
        Self::ConnectRefused,
        Self::ConnectUnreachable,
        Self::ConnectNoLocalPort,
        Self::ConnectNoDescriptor,
        Self::ConnectOther,
        Self::ConnectTimeout,
        Self::TlsAlert,
        Self::TlsExpired,
        Self::TlsUnknownCa,
        Self::TlsWrongHost,
        Self::TlsOther,
        Self::TlsTimeout,
        Self::Write,
        Self::ReadReset,
        Self::ClosedEarly,
        Self::Protocol,
        Self::WriteTimeout,
        Self::FirstByteTimeout,
        Self::BodyTimeout,
        Self::ConnectDenied,
    ];

    /// Number of classes.
    pub const COUNT: usize = Self::ALL.len();

    /// Returns whether the target refused, reset or closed the connection, as an overloaded target does.
    #[must_use]
    pub fn breaks_connection(self) -> bool {
        matches!(
            self,
            Self::ConnectRefused
                | Self::ConnectTimeout
                | Self::Write
                | Self::ReadReset
                | Self::ClosedEarly
        )
    }

    /// Returns the class as an index into a counter array.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// Returns the fine-grained name, for the `classes` of a report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::ConnectRefused => "connect_refused",
            Self::ConnectUnreachable => "connect_unreachable",
            Self::ConnectNoLocalPort => "connect_no_local_port",
            Self::ConnectNoDescriptor => "connect_no_descriptor",
            Self::ConnectOther => "connect_other",
            Self::ConnectTimeout => "connect_timeout",
            Self::TlsAlert => "tls_alert",
            Self::TlsExpired => "tls_expired",
            Self::TlsUnknownCa => "tls_unknown_ca",
            Self::TlsWrongHost => "tls_wrong_host",
            Self::TlsOther => "tls_other",
            Self::TlsTimeout => "tls_timeout",
            Self::Write => "write",
            Self::ReadReset => "read_reset",
            Self::ClosedEarly => "closed_early",
            Self::Protocol => "protocol",
            Self::WriteTimeout => "write_timeout",
            Self::FirstByteTimeout => "first_byte_timeout",
            Self::BodyTimeout => "body_timeout",
            Self::ConnectDenied => "connect_denied",
        }
    }

    /// Returns the coarse name in the API's `errors.types`.
    #[must_use]
    pub fn wire_type(self) -> &'static str {
        match self {
            Self::Resolve => "dns_failed",
            Self::ConnectRefused
            | Self::ConnectUnreachable
            | Self::ConnectNoLocalPort
            | Self::ConnectNoDescriptor
            | Self::ConnectOther
            | Self::ConnectDenied => "connection_failed",
            Self::TlsAlert
            | Self::TlsExpired
            | Self::TlsUnknownCa
            | Self::TlsWrongHost
            | Self::TlsOther => "ssl_error",
            Self::ConnectTimeout
            | Self::TlsTimeout
            | Self::WriteTimeout
            | Self::FirstByteTimeout
            | Self::BodyTimeout => "timeout",
            Self::Write | Self::ReadReset => "connection_reset",
            Self::ClosedEarly => "connection_closed",
            Self::Protocol => "protocol_error",
        }
    }
}

/// An HTTP status with a counter: `100..=999`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Status(u16);

impl Status {
    /// Number of statuses with a counter.
    pub const COUNT: usize = 900;

    /// Creates a three-digit status. Returns `None` for anything else.
    #[must_use]
    pub fn new(code: u16) -> Option<Self> {
        (100..1000).contains(&code).then_some(Self(code))
    }

    /// Returns the status as an index into a counter array.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0) - 100
    }

    /// Returns the status of a counter index.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        u16::try_from(index + 100).ok().and_then(Self::new)
    }

    /// Returns the status code on the wire.
    #[must_use]
    pub fn code(self) -> u16 {
        self.0
    }

    /// Returns whether the API counts the status as a success: 2xx and 3xx.
    #[must_use]
    pub fn is_success(self) -> bool {
        (200..400).contains(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_listed_in_the_order_of_their_numbers() {
        for (index, class) in ErrorClass::ALL.into_iter().enumerate() {
            assert_eq!(class.index(), index, "{class:?}");
            let json = serde_json::to_value(class).expect("a class is a string");
            assert_eq!(json, class.name(), "{class:?}");
        }
    }

    #[test]
    fn statuses_and_indices_are_inverse() {
        for code in [100, 200, 404, 599, 999] {
            let status = Status::new(code).expect("three digits");
            assert_eq!(Status::from_index(status.index()), Some(status));
        }
        assert_eq!(Status::new(99), None);
        assert_eq!(Status::new(1000), None);
        assert!(!Status::new(199).expect("legal").is_success());
        assert!(Status::new(399).expect("legal").is_success());
    }
}
