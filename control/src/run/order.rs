//! A run that is known to be possible: everything about it that could turn out
//! to be a mistake of the user's has been tried, and nothing has been stored.

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use vayu_shared::spec::RunSpec;
use vayu_shared::validate::FieldError;
use vayu_worker::{RootCertStore, TlsSetup};

/// See the module.
#[derive(Clone)]
pub struct RunOrder {
    /// What was asked for.
    pub spec: RunSpec,
    /// How TLS is spoken, where it is.
    pub tls: Option<Arc<TlsSetup>>,
}

impl RunOrder {
    /// Tries certificates, keys and local addresses. May read files, so it is
    /// not for threads that must not block.
    ///
    /// # Errors
    /// The field that does not work, and why.
    pub fn new(spec: RunSpec) -> Result<Self, FieldError> {
        let endpoint = &spec.request.endpoint;
        let tls = if endpoint.tls {
            let roots = system_roots();
            let setup = TlsSetup::new(&spec.connection.tls, &endpoint.host, &roots)?;
            Some(Arc::new(setup))
        } else {
            None
        };
        for (index, address) in spec.connection.local_addresses.iter().enumerate() {
            // Any socket will do to find out whether the address is this machine's.
            if let Err(error) = UdpSocket::bind(SocketAddr::new(*address, 0)) {
                let problem =
                    format!("is \"{address}\", which connections cannot leave from: {error}");
                let field = format!("connection.localAddresses[{index}]");
                return Err(FieldError::new(field, problem));
            }
        }
        Ok(Self { spec, tls })
    }
}

/// The body of a run as it is stored, when it holds what must not be: a private
/// key. `None` when it can be stored as it came.
#[must_use]
pub fn without_secrets(body: &Value) -> Option<String> {
    const KEY: &str = "/connection/tls/key";
    body.pointer(KEY).filter(|key| !key.is_null())?;
    let mut stored = body.clone();
    if let Some(key) = stored.pointer_mut(KEY) {
        *key = "(not stored)".into();
    }
    Some(stored.to_string())
}

/// The authorities the machine trusts, read once per process. What cannot be
/// read is left out and told in the log.
fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let read = || {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!("some certificate authorities cannot be read: {error}");
        }
        let mut roots = RootCertStore::empty();
        let (_, ignored) = roots.add_parsable_certificates(found.certs);
        if ignored > 0 {
            tracing::debug!("{ignored} certificate authorities are malformed and left out");
        }
        Arc::new(roots)
    };
    Arc::clone(ROOTS.get_or_init(read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn private_keys_are_not_stored() {
        let body = json!({"mode": "constant", "connection": {"tls": {"key": "secret", "ca": "x"}}});
        let stored = without_secrets(&body).expect("there is a secret");
        assert!(
            !stored.contains("secret") && stored.contains("\"ca\":\"x\""),
            "{stored}"
        );
        assert_eq!(without_secrets(&json!({"mode": "constant"})), None);
    }
}
