//! Certificates for the TLS suites, generated for every value: a test CA, server certificates that are valid
//! or wrong in exactly one way, and client certificates.
//!
//! Keys are ECDSA P-256. Every file is PEM and is stored in a temporary directory that is deleted with the
//! value. No machine trusts any of the certificates by default.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// Subject alternative names of a server certificate for this machine.
const LOOPBACK: &[&str] = &["localhost", "127.0.0.1", "::1"];
/// Subject alternative names of a certificate for another server.
const ELSEWHERE: &[&str] = &["other.example"];

/// First and last year of a validity period, from January 1st to January 1st.
type Years = (i32, i32);
const VALID: Years = (2020, 2120);
const PAST: Years = (2010, 2020);
const FUTURE: Years = (2110, 2120);

/// A PEM file.
#[derive(Clone, Debug)]
pub struct Pem {
    /// Path of the file.
    pub path: PathBuf,
    /// Content of the file.
    pub text: String,
}

/// A certificate with its private key.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate alone. Its issuer is a root, so there is no chain to send.
    pub certificate: Pem,
    /// The private key, PKCS #8.
    pub key: Pem,
}

/// The certificates of a TLS suite.
#[derive(Debug)]
pub struct Certs {
    /// The CA that the clients of a suite trust.
    pub ca: Pem,
    /// A CA that no client trusts.
    pub foreign_ca: Pem,
    /// Valid server certificate for localhost, 127.0.0.1 and ::1, signed by `ca`.
    pub good: Identity,
    /// Like `good`, but expired.
    pub expired: Identity,
    /// Like `good`, but not yet valid.
    pub not_yet: Identity,
    /// Like `good`, but for `other.example` only.
    pub wrong_host: Identity,
    /// Like `good`, but self-signed.
    pub self_signed: Identity,
    /// Like `good`, but signed by `foreign_ca`.
    pub unknown_ca: Identity,
    /// Client certificate signed by `ca`.
    pub client: Identity,
    /// Client certificate signed by `foreign_ca`.
    pub foreign_client: Identity,
    /// Keeps the files on disk as long as the value exists.
    _directory: tempfile::TempDir,
}

impl Certs {
    /// Generates all certificates.
    ///
    /// # Panics
    /// Panics if a file cannot be written.
    #[must_use]
    pub fn make() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let ours = Signer::new(directory.path(), "ca");
        let foreign = Signer::new(directory.path(), "foreign-ca");
        Self {
            good: ours.sign("good", server(LOOPBACK, VALID)),
            expired: ours.sign("expired", server(LOOPBACK, PAST)),
            not_yet: ours.sign("not-yet", server(LOOPBACK, FUTURE)),
            wrong_host: ours.sign("wrong-host", server(ELSEWHERE, VALID)),
            self_signed: self_signed(directory.path(), "self-signed", server(LOOPBACK, VALID)),
            unknown_ca: foreign.sign("unknown-ca", server(LOOPBACK, VALID)),
            client: ours.sign("client", client()),
            foreign_client: foreign.sign("foreign-client", client()),
            ca: ours.pem,
            foreign_ca: foreign.pem,
            _directory: directory,
        }
    }
}

/// A CA that writes the certificates it signs into a directory.
struct Signer<'a> {
    directory: &'a Path,
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: Pem,
}

impl<'a> Signer<'a> {
    fn new(directory: &'a Path, name: &str) -> Self {
        let mut params = named(params(&[], VALID), name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, new_key()).expect("a CA signs itself");
        let pem = write(directory, &format!("{name}.pem"), issuer.pem());
        Self {
            directory,
            issuer,
            pem,
        }
    }

    fn sign(&self, name: &str, params: CertificateParams) -> Identity {
        let key = new_key();
        let signed = named(params, name).signed_by(&key, &self.issuer);
        identity(self.directory, name, &signed.expect("a CA signs"), &key)
    }
}

fn self_signed(directory: &Path, name: &str, params: CertificateParams) -> Identity {
    let key = new_key();
    let signed = named(params, name).self_signed(&key);
    identity(directory, name, &signed.expect("a key signs"), &key)
}

fn server(hosts: &[&str], years: Years) -> CertificateParams {
    end_entity(hosts, years, ExtendedKeyUsagePurpose::ServerAuth)
}

fn client() -> CertificateParams {
    end_entity(&[], VALID, ExtendedKeyUsagePurpose::ClientAuth)
}

fn end_entity(hosts: &[&str], years: Years, usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = params(hosts, years);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params
}

fn params(hosts: &[&str], (first, last): Years) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(hosts).expect("ASCII names and addresses");
    params.not_before = date_time_ymd(first, 1, 1);
    params.not_after = date_time_ymd(last, 1, 1);
    params
}

/// The common name only identifies the certificate in messages. Host names are subject alternative names (RFC
/// 9525).
fn named(mut params: CertificateParams, name: &str) -> CertificateParams {
    params
        .distinguished_name
        .push(DnType::CommonName, format!("Vayu test {name}"));
    params
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("the system has randomness")
}

fn identity(directory: &Path, name: &str, certificate: &Certificate, key: &KeyPair) -> Identity {
    Identity {
        certificate: write(directory, &format!("{name}.pem"), certificate.pem()),
        key: write(directory, &format!("{name}.key"), key.serialize_pem()),
    }
}

fn write(directory: &Path, name: &str, text: String) -> Pem {
    let path = directory.join(name);
    std::fs::write(&path, &text).expect("a temporary file");
    Pem { path, text }
}
