//! The client's certificate and key: read, and what is wrong with them named.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{Error, InconsistentKeys};
use vayu_shared::connection::ClientIdentity;
use vayu_shared::validate::FieldError;

use super::field;

/// The chain and the key of an identity.
///
/// # Errors
/// When the key is no readable one.
pub fn read_identity(
    identity: &ClientIdentity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), FieldError> {
    // The text itself must not get into the message: it is a secret.
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.as_bytes())
        .map_err(|_| field("tls.key", "holds no readable private key; it has to be PEM text (PKCS#8, PKCS#1 or SEC1), not encrypted".into()))?;
    let chain = identity.chain.iter().cloned().map(CertificateDer::from);
    Ok((chain.collect(), key))
}

/// Why rustls does not take an identity, as the field at fault.
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
                "holds a private key that cannot be used: {error}; it has to be RSA of 2048 bits or \
                 more, ECDSA on P-256 or P-384, or Ed25519"
            ),
        ),
    }
}

/// The version of an X.509 certificate (RFC 5280, 4.1.2.1): 1 when it names none.
fn x509_version(der: &[u8]) -> Option<u8> {
    const SEQUENCE: u8 = 0x30;
    const EXPLICIT_0: u8 = 0xa0;
    const INTEGER: u8 = 0x02;
    let to_be_signed = value_of(der, SEQUENCE).and_then(|inner| value_of(inner, SEQUENCE))?;
    match value_of(to_be_signed, EXPLICIT_0) {
        None => Some(1),
        Some(explicit) => value_of(explicit, INTEGER)?.first()?.checked_add(1),
    }
}

/// The value of a DER element that begins with `tag`.
fn value_of(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (&found, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match length {
        short @ 0..=0x7f => (usize::from(short), rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let length = bytes.iter().try_fold(0_usize, |length, &byte| {
                length.checked_mul(256)?.checked_add(usize::from(byte))
            });
            (length?, rest)
        }
    };
    rest.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_first_bytes() {
        let v3 = [0x30, 7, 0x30, 5, 0xa0, 3, 0x02, 1, 2];
        let v2 = [0x30, 7, 0x30, 5, 0xa0, 3, 0x02, 1, 1];
        let v1 = [0x30, 5, 0x30, 3, 0x02, 1, 9];
        let long = [&[0x30, 0x82, 0, 7, 0x30, 0x81][..], &[3, 0x02, 1, 9]].concat();
        for (der, version) in [
            (&v3[..], Some(3)),
            (&v2, Some(2)),
            (&v1, Some(1)),
            (&long, Some(1)),
            (&v3[..8], None),
            (&[0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1], None),
            (b"no certificate", None),
            (&[], None),
        ] {
            assert_eq!(x509_version(der), version, "{der:x?}");
        }
    }
}
