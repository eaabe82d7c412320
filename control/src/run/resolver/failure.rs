//! Lookup failures: the kind, for counting, and a human-readable message that names the host.

use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::ProtoError;
use vayu_shared::limits::{DNS_ATTEMPTS, DNS_TIMEOUT};
use vayu_shared::units::SECOND;

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The name does not exist (NXDOMAIN), or cannot exist.
    NoSuchName,
    /// The name exists but has no address (NODATA, RFC 2308, 2.2).
    NoAddresses,
    /// A server answered with an error (such as SERVFAIL or REFUSED) or with an invalid message, or could not
    /// be queried.
    ServerFailure,
    /// No server answered in time. A server that does not exist looks the same.
    Timeout,
}

/// A failed lookup.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LookupFailure {
    /// Kind of failure.
    pub kind: FailureKind,
    /// Message with the host and the reason.
    pub message: String,
}

impl LookupFailure {
    /// Creates the failure for `error`, the result of a query for `host`.
    pub(super) fn answered(host: &str, error: &NetError) -> Self {
        match error {
            error if error.is_nx_domain() => {
                let message = format!("{host} does not exist (NXDOMAIN)");
                Self::new(FailureKind::NoSuchName, message)
            }
            NetError::Dns(DnsError::NoRecordsFound(_)) => Self::no_addresses(host),
            NetError::Dns(DnsError::ResponseCode(code)) => {
                let message = format!("{host}: the name server answered: {code}");
                Self::new(FailureKind::ServerFailure, message)
            }
            NetError::Timeout => Self::timeout(host),
            other => Self::new(FailureKind::ServerFailure, format!("{host}: {other}")),
        }
    }

    /// Creates the failure for a `host` that cannot be queried.
    pub(super) fn illegal(host: &str, error: &ProtoError) -> Self {
        let message = format!("{host} is not a valid host name: {error}");
        Self::new(FailureKind::NoSuchName, message)
    }

    /// Creates the failure for a `host` without an address.
    pub(super) fn no_addresses(host: &str) -> Self {
        let message = format!("{host} exists, but has no address (neither A nor AAAA)");
        Self::new(FailureKind::NoAddresses, message)
    }

    /// Creates the failure for a query that no server answered.
    pub(super) fn timeout(host: &str) -> Self {
        let each = DNS_TIMEOUT / SECOND;
        let message =
            format!("{host}: no name server answered ({DNS_ATTEMPTS} attempts of {each} s)");
        Self::new(FailureKind::Timeout, message)
    }

    fn new(kind: FailureKind, message: String) -> Self {
        Self { kind, message }
    }
}

#[cfg(test)]
mod tests {
    use hickory_resolver::net::NoRecords;
    use hickory_resolver::proto::op::{Query, ResponseCode};

    use super::*;

    fn none(code: ResponseCode) -> NetError {
        NoRecords::new(Query::default(), code).into()
    }

    #[test]
    fn failures_are_told_apart_and_name_the_host() {
        let rows = [
            (none(ResponseCode::NXDomain), FailureKind::NoSuchName),
            (none(ResponseCode::NoError), FailureKind::NoAddresses),
            (
                DnsError::ResponseCode(ResponseCode::Refused).into(),
                FailureKind::ServerFailure,
            ),
            (NetError::Truncated, FailureKind::ServerFailure),
            (NetError::Timeout, FailureKind::Timeout),
        ];
        for (error, kind) in rows {
            let failure = LookupFailure::answered("target.example", &error);
            assert_eq!(failure.kind, kind, "{error:?}");
            assert!(failure.message.starts_with("target.example"), "{failure}");
        }
    }
}
