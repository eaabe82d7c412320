//! Builds the TLS configuration from the user's settings, before a run begins and off the shards, so that
//! errors are reported before anything is stored.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use vayu_shared::connection::TlsSpec;
use vayu_shared::field_error::FieldError;

mod identity;
mod verifiers;

use identity::{read_identity, refused};
use verifiers::{AcceptAnyCertificate, TrustedOrNamed};

/// A valid configuration, shared by all shards. Each shard derives its own from it.
#[derive(Clone)]
pub struct TlsSetup {
    pub(crate) config: ClientConfig,
    pub(crate) server_name: ServerName<'static>,
    pub(crate) resumption: bool,
}

impl TlsSetup {
    /// Creates the configuration for the target `host`. `system_roots` are the trusted certificate
    /// authorities if the user specified none.
    ///
    /// # Errors
    /// Returns the invalid field of `connection` and the reason.
    pub fn new(
        spec: &TlsSpec,
        host: &str,
        system_roots: &Arc<RootCertStore>,
    ) -> Result<Self, FieldError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("the provider has suites for both versions");
        let builder = builder
            .dangerous()
            .with_custom_certificate_verifier(verifier(spec, system_roots, provider)?);
        let mut config = match &spec.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = read_identity(identity)?;
                let built = builder.with_client_auth_cert(chain, key);
                built.map_err(|error| refused(&error, identity))?
            }
        };
        config.alpn_protocols = spec
            .alpn
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        Ok(Self {
            config,
            server_name: server_name(spec, host)?,
            resumption: spec.resumption,
        })
    }
}

/// Returns the verifier of the target's certificate.
fn verifier(
    spec: &TlsSpec,
    system_roots: &Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, FieldError> {
    if !spec.verify {
        return Ok(Arc::new(AcceptAnyCertificate(provider)));
    }
    let roots = roots(spec, system_roots)?;
    let usual = WebPkiServerVerifier::builder_with_provider(roots, provider)
        .build()
        .expect("there are roots, and no revocation lists that could be wrong");
    Ok(Arc::new(TrustedOrNamed::new(
        usual,
        spec.authorities.clone(),
    )))
}

fn roots(spec: &TlsSpec, system: &Arc<RootCertStore>) -> Result<Arc<RootCertStore>, FieldError> {
    if spec.authorities.is_empty() {
        if system.is_empty() {
            let problem = "requires certificate authorities, and this machine has none. Install the package ca-certificates, \
                           or set `connection.tls.ca`";
            return Err(field("verifySsl", problem.into()));
        }
        return Ok(Arc::clone(system));
    }
    let mut roots = RootCertStore::empty();
    for authority in &spec.authorities {
        let added = roots.add(CertificateDer::from(authority.clone()));
        added.map_err(|error| {
            field(
                "tls.ca",
                format!("holds a certificate that cannot be used: {error}"),
            )
        })?;
    }
    Ok(Arc::new(roots))
}

fn server_name(spec: &TlsSpec, host: &str) -> Result<ServerName<'static>, FieldError> {
    let name = spec.server_name.as_deref().unwrap_or(host);
    ServerName::try_from(name.to_owned()).map_err(|_| {
        let problem = format!("is \"{name}\", which is not a host name");
        field("tls.serverName", problem)
    })
}

fn field(name: &str, problem: String) -> FieldError {
    FieldError::new(format!("connection.{name}"), problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vayu_shared::connection::ClientIdentity;

    fn setup(spec: &TlsSpec, host: &str) -> Result<TlsSetup, FieldError> {
        TlsSetup::new(spec, host, &Arc::new(RootCertStore::empty()))
    }

    fn problem(spec: &TlsSpec, host: &str) -> String {
        match setup(spec, host) {
            Ok(_) => panic!("{spec:?} for {host} was accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_does_not_work_is_told_by_its_field() {
        let lax = TlsSpec {
            verify: false,
            ..TlsSpec::default()
        };
        assert!(problem(&TlsSpec::default(), "a").contains("`connection.verifySsl`"));
        let authority = TlsSpec {
            authorities: vec![b"no certificate".to_vec()],
            ..TlsSpec::default()
        };
        assert!(problem(&authority, "a").contains("`connection.tls.ca`"));
        let named = TlsSpec {
            server_name: Some("not a name".into()),
            ..lax.clone()
        };
        assert!(problem(&named, "a").contains("`connection.tls.serverName` is \"not a name\""));
        let identity = TlsSpec {
            identity: Some(ClientIdentity {
                chain: vec![b"x".to_vec()],
                key_pem: "very secret".into(),
            }),
            ..lax.clone()
        };
        let told = problem(&identity, "a");
        assert!(
            told.contains("`connection.tls.key`") && !told.contains("very secret"),
            "{told}"
        );
        for host in ["example.com", "127.0.0.1", "::1"] {
            assert!(setup(&lax, host).is_ok(), "{host}");
        }
    }
}
