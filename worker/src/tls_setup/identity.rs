//! Reads the client certificate and key, and explains what is wrong with them.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{Error, InconsistentKeys};
use vayu_shared::connection::ClientIdentity;
use vayu_shared::field_error::FieldError;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::field;

/// Returns the chain and the key of an identity.
///
/// # Errors
/// Returns an error if the key cannot be read.
pub fn read_identity(
    identity: &ClientIdentity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), FieldError> {
    // The key must not appear in the message: it is a secret.
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.as_bytes())
        .map_err(|_| field("tls.key", "is not a readable private key; it must be unencrypted PEM text (PKCS#8, PKCS#1 or SEC1)".into()))?;
    let chain = identity.chain.iter().cloned().map(CertificateDer::from);
    Ok((chain.collect(), key))
}

/// Converts the error of rustls for an identity to an error of the invalid field.
pub fn refused(error: &Error, identity: &ClientIdentity) -> FieldError {
    let version = identity.chain.first().and_then(|der| x509_version(der));
    match (error, version) {
        (Error::InconsistentKeys(InconsistentKeys::KeyMismatch), _) => field(
            "tls.key",
            "is not the key of `connection.tls.certificate`: their public keys differ. Send the \
             key that the certificate was issued for, and the client's certificate first, before \
             those of its issuers"
                .into(),
        ),
        (Error::InvalidCertificate(_), Some(version @ 1..=2)) => field(
            "tls.certificate",
            format!(
                "holds an X.509 certificate of version {version}; only version 3 can be used. Issue \
                 it again with extensions, as `openssl x509 -req -extfile FILE` and \
                 `openssl req -x509` do"
            ),
        ),
        (Error::InvalidCertificate(_), _) => field(
            "tls.certificate",
            format!("holds a certificate that cannot be used: {error}"),
        ),
        _ => field(
            "tls.key",
            format!(
                "holds a private key that cannot be used: {error}; expected RSA of 2048 bits or \
                 more, ECDSA on P-256 or P-384, or Ed25519"
            ),
        ),
    }
}

/// Returns the version of an X.509 certificate (RFC 5280, 4.1.2.1), or `None` if it is not a certificate.
fn x509_version(der: &[u8]) -> Option<u32> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    // Version 1 is encoded as 0.
    Some(certificate.version().0 + 1)
}
