//! How an exchange can end, each failure in exactly one class.
//!
//! The classes say which step failed, because that is where a user has to look.
//! The wire names are the coarser ones of the API.

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
    /// No local port is free towards the target.
    ConnectNoLocalPort,
    /// The process or the machine has no descriptor left.
    ConnectNoDescriptor,
    /// The connection could not be made for another reason.
    ConnectOther,
    /// The connection was not made in time.
    ConnectTimeout,
    /// The target ended the TLS handshake with an alert.
    TlsAlert,
    /// The target's certificate is not valid today.
    TlsExpired,
    /// The target's certificate is of an authority that is not trusted.
    TlsUnknownCa,
    /// The target's certificate is for another host.
    TlsWrongHost,
    /// TLS failed for another reason.
    TlsOther,
    /// The TLS handshake was not through in time.
    TlsTimeout,
    /// Sending the request failed.
    Write,
    /// The connection was reset while the response was awaited or read.
    ReadReset,
    /// The target closed the connection before the response was whole.
    ClosedEarly,
    /// What came back is not HTTP.
    Protocol,
    /// The request was not sent whole in time, and no response had begun.
    WriteTimeout,
    /// The response did not begin in time.
    FirstByteTimeout,
    /// The response did not end in time.
    BodyTimeout,
    /// The engine makes no connection there: it is itself, or its rules forbid it.
    ConnectDenied,
}

impl ErrorClass {
    /// Every class, in the order of its numbers.
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

    /// How many classes there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Whether a target refuses, resets or closes a connection like this, as one does that has
    /// too many of them.
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

    /// The class as an index into a counter array.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The fine name, for the `classes` of a report.
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

    /// The coarse name of the API's `errors.types`.
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

/// An HTTP status the engine keeps a counter for: `100..=999`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Status(u16);

impl Status {
    /// How many statuses have a counter.
    pub const COUNT: usize = 900;

    /// A status of three digits, `None` for anything else.
    #[must_use]
    pub fn new(code: u16) -> Option<Self> {
        (100..1000).contains(&code).then_some(Self(code))
    }

    /// The status as an index into a counter array.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0) - 100
    }

    /// The status of a counter's index.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        u16::try_from(index + 100).ok().and_then(Self::new)
    }

    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u16 {
        self.0
    }

    /// Whether the API counts it as a success: 2xx and 3xx.
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
