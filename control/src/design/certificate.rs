//! Facts about a server's certificate for display.

use serde::Serialize;
use utoipa::ToSchema;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};

/// A server's certificate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateFacts {
    /// Subject.
    subject: String,
    /// Issuer.
    issuer: String,
    /// Start of the validity period, in seconds since the Unix epoch.
    not_before: i64,
    /// End of the validity period, in seconds since the Unix epoch.
    not_after: i64,
    /// Host names and IP addresses the certificate is valid for (subject alternative names).
    names: Vec<String>,
}

impl CertificateFacts {
    /// Parses a DER certificate. Returns `None` if it is invalid.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        Some(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            names: names(&certificate),
        })
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let extensions = certificate.extensions().iter();
    let alternatives = extensions.filter_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
        _ => None,
    });
    alternatives.flatten().filter_map(name).collect()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(host) => Some((*host).to_owned()),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(four) => Some(std::net::Ipv4Addr::from(four).to_string()),
            Err(_) => {
                let sixteen = <[u8; 16]>::try_from(*bytes).ok()?;
                Some(std::net::Ipv6Addr::from(sixteen).to_string())
            }
        },
        _ => None,
    }
}
