//! A failed step, assigned to exactly one error class, with details.

use std::io;
use std::net::SocketAddr;

use rustix::io::Errno;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error as TlsError};
use vayu_shared::calendar::Date;
use vayu_shared::outcome::ErrorClass;
use vayu_shared::sample::ErrorDetail;

/// Error class and details of a failed step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The error class.
    pub class: ErrorClass,
    /// The details.
    pub detail: ErrorDetail,
}

impl Failure {
    /// Creates a failure that the engine detected itself.
    pub fn new(class: ErrorClass, text: &'static str) -> Self {
        Self {
            class,
            detail: ErrorDetail::Text(text),
        }
    }

    /// Creates a failure from a system error.
    pub fn of(class: ErrorClass, error: &io::Error) -> Self {
        let detail = match error.raw_os_error() {
            Some(code) => ErrorDetail::Os(code),
            None => ErrorDetail::Text("unknown I/O error"),
        };
        Self { class, detail }
    }

    /// Creates a failure of a connect. `address` is set if the host has several addresses.
    pub fn connect(error: &io::Error, address: Option<SocketAddr>) -> Self {
        let class = match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::CONNREFUSED) => ErrorClass::ConnectRefused,
            Some(Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::NETDOWN) => {
                ErrorClass::ConnectUnreachable
            }
            Some(Errno::ADDRNOTAVAIL | Errno::ADDRINUSE) => ErrorClass::ConnectNoLocalPort,
            Some(Errno::MFILE | Errno::NFILE) => ErrorClass::ConnectNoDescriptor,
            Some(Errno::TIMEDOUT) => ErrorClass::ConnectTimeout,
            _ => ErrorClass::ConnectOther,
        };
        Self::of(class, error).at(address)
    }

    /// Adds the address at which it happened.
    #[must_use]
    pub fn at(self, address: Option<SocketAddr>) -> Self {
        let detail = match (self.detail, address) {
            (ErrorDetail::Os(code), Some(address)) => ErrorDetail::OsAt(code, address),
            (ErrorDetail::Text(text), Some(address)) => ErrorDetail::TextAt(text, address),
            (detail, _) => detail,
        };
        Self { detail, ..self }
    }

    /// Creates a failure from a TLS error.
    pub fn tls(error: &TlsError) -> Self {
        let detail = match error {
            TlsError::InvalidMessage(_) => ErrorDetail::Text(
                "the target did not answer the TLS handshake with TLS; if this port is plain HTTP, use an http:// URL",
            ),
            TlsError::AlertReceived(AlertDescription::NoApplicationProtocol) => ErrorDetail::Text(
                "the target accepts none of the offered ALPN protocols; it may support only HTTP/2, and the engine sends HTTP/1.1",
            ),
            TlsError::InvalidCertificate(bad) if names_itself(bad) => ErrorDetail::Text(
                "the target's certificate is self-signed; add it to connection.tls.ca, or set connection.verifySsl to false",
            ),
            TlsError::InvalidCertificate(bad) => {
                ErrorDetail::Library(certificate_problem(bad).into())
            }
            _ => ErrorDetail::Library(error.to_string().into()),
        };
        Self {
            class: tls_class(error),
            detail,
        }
    }
}

/// Returns whether the certificate is a self-signed CA certificate, as `openssl req -x509` creates it. rustls
/// has no error variant of its own for it.
fn names_itself(bad: &CertificateError) -> bool {
    matches!(bad, CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity"))
}

/// Describes a certificate error, with formatted dates.
fn certificate_problem(bad: &CertificateError) -> String {
    const DAY_SECONDS: u64 = 24 * 60 * 60;
    let day = |time: &UnixTime| Date::of(time.as_secs() / DAY_SECONDS);
    match bad {
        CertificateError::ExpiredContext { time, not_after } => format!(
            "the target's certificate expired on {} (UTC); today is {}",
            day(not_after),
            day(time)
        ),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "the target's certificate is not valid before {} (UTC); today is {}",
            day(not_before),
            day(time)
        ),
        _ => TlsError::InvalidCertificate(bad.clone()).to_string(),
    }
}

fn tls_class(error: &TlsError) -> ErrorClass {
    use CertificateError as Bad;
    match error {
        TlsError::AlertReceived(AlertDescription::CloseNotify) => ErrorClass::TlsOther,
        TlsError::AlertReceived(_) => ErrorClass::TlsAlert,
        TlsError::InvalidCertificate(bad) => match bad {
            Bad::Expired
            | Bad::ExpiredContext { .. }
            | Bad::NotValidYet
            | Bad::NotValidYetContext { .. } => ErrorClass::TlsExpired,
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => ErrorClass::TlsWrongHost,
            Bad::UnknownIssuer => ErrorClass::TlsUnknownCa,
            bad if names_itself(bad) => ErrorClass::TlsUnknownCa,
            _ => ErrorClass::TlsOther,
        },
        _ => ErrorClass::TlsOther,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_errors_are_told_apart() {
        let table = [
            (Errno::CONNREFUSED, ErrorClass::ConnectRefused),
            (Errno::HOSTUNREACH, ErrorClass::ConnectUnreachable),
            (Errno::NETUNREACH, ErrorClass::ConnectUnreachable),
            (Errno::ADDRNOTAVAIL, ErrorClass::ConnectNoLocalPort),
            (Errno::MFILE, ErrorClass::ConnectNoDescriptor),
            (Errno::TIMEDOUT, ErrorClass::ConnectTimeout),
            (Errno::ACCESS, ErrorClass::ConnectOther),
        ];
        for (errno, class) in table {
            let failure = Failure::connect(&io::Error::from(errno), None);
            assert_eq!(failure.class, class, "{errno:?}");
            assert_eq!(failure.detail, ErrorDetail::Os(errno.raw_os_error()));
            let address = "10.0.0.1:80".parse().expect("legal");
            let named = Failure::connect(&io::Error::from(errno), Some(address));
            let text = named.detail.to_string();
            assert!(text.starts_with("10.0.0.1:80: "), "{text}");
        }
    }

    #[test]
    fn tls_errors_are_told_apart() {
        let bad = TlsError::InvalidCertificate;
        let table = [
            (
                TlsError::AlertReceived(AlertDescription::HandshakeFailure),
                ErrorClass::TlsAlert,
            ),
            (bad(CertificateError::Expired), ErrorClass::TlsExpired),
            (bad(CertificateError::NotValidYet), ErrorClass::TlsExpired),
            (
                bad(CertificateError::NotValidForName),
                ErrorClass::TlsWrongHost,
            ),
            (
                bad(CertificateError::UnknownIssuer),
                ErrorClass::TlsUnknownCa,
            ),
            (bad(CertificateError::BadSignature), ErrorClass::TlsOther),
            (TlsError::DecryptError, ErrorClass::TlsOther),
        ];
        for (error, class) in table {
            assert_eq!(Failure::tls(&error).class, class, "{error}");
        }
    }
}
