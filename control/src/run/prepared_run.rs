//! A prepared run: everything about it that could be a user error has been checked, and nothing has been
//! stored.

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use vayu_shared::field_error::FieldError;
use vayu_shared::http::Login;
use vayu_shared::request::signing::Signing;
use vayu_shared::spec::RunSpec;
use vayu_worker::script::ScriptPlan;
use vayu_worker::{RootCertStore, TlsSetup};

use crate::private_key::{self, NOT_STORED};

/// A prepared run.
#[derive(Clone)]
pub struct PreparedRun {
    /// The run as specified.
    pub spec: RunSpec,
    /// TLS setup, if TLS is used.
    pub tls: Option<Arc<TlsSetup>>,
    /// How each request is signed, if requests are signed individually.
    pub signing: Option<Signing>,
    /// Scripts that run before and after each request, if any.
    pub scripts: Option<RunScripts>,
}

/// The scripts of a run.
#[derive(Clone)]
pub struct RunScripts {
    /// The plan for the shards.
    pub plan: Arc<ScriptPlan>,
    /// Sends the requests of scripts. Dropped when the run is over.
    pub sender: Option<Arc<dyn SendForScripts>>,
}

/// Sends requests of scripts.
pub trait SendForScripts: Send + Sync {
    /// Sends a request, given as JSON, and calls `reply` with its outcome in the format that scripts read.
    /// Does not wait.
    fn send(&self, request: String, reply: Box<dyn FnOnce(String) + Send>);
}

impl PreparedRun {
    /// Validates certificates, keys and local addresses. May read files, so it must not be called on threads
    /// that must not block.
    ///
    /// # Errors
    /// Returns an error that names the invalid field and the reason.
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
            // Any socket can be used to check that the address belongs to this machine.
            if let Err(error) = UdpSocket::bind(SocketAddr::new(*address, 0)) {
                let problem =
                    format!("is \"{address}\", which cannot be used as a local address: {error}");
                let field = format!("connection.localAddresses[{index}]");
                return Err(FieldError::new(field, problem));
            }
        }
        Ok(Self {
            spec,
            tls,
            signing: None,
            scripts: None,
        })
    }

    /// Sets the run id that scripts see.
    #[must_use]
    pub fn of_run(mut self, id: &str) -> Self {
        if let Some(scripts) = &mut self.scripts {
            Arc::make_mut(&mut scripts.plan).scopes.run = id.into();
        }
        self
    }
}

/// Returns the body of a run or a request as it is stored: without PEM private keys in any place, without any
/// private keys in its `connection` or that of its request, and without user and password in its URL, which
/// are moved to its `auth`. A certificate file often contains its key as well, and a misspelt field would be
/// kept unchanged. `text` is the text that `body` was parsed from.
#[must_use]
pub fn without_secrets(body: &Value, text: &str) -> String {
    let mut stored = body.clone();
    let had_login = move_login(&mut stored) | stored.get_mut("request").is_some_and(move_login);
    // This also covers a duplicate key that hides the first one.
    let has_connection = text.contains("connection")
        || body.get("connection").is_some()
        || body.pointer("/request/connection").is_some();
    let had_key = private_key::remove_from(&mut stored);
    // If a name occurs more than once in an object, the text has all members, the parsed value only the last.
    let may_hide_one = private_key::may_be_in(text);
    if !had_login && !has_connection && !had_key && !may_hide_one {
        return text.to_owned();
    }
    for place in ["/connection", "/request/connection"] {
        if let Some(connection) = stored.pointer_mut(place) {
            redact(connection, false);
        }
    }
    stored.to_string()
}

/// Moves user and password from the URL of a request to its `auth`, unless it has one. Returns whether there
/// were any.
fn move_login(request: &mut Value) -> bool {
    let Some((url, login)) = request
        .get("url")
        .and_then(Value::as_str)
        .and_then(Login::split)
    else {
        return false;
    };
    request["url"] = url.into();
    if request
        .get("auth")
        .is_none_or(|auth| auth.get("type").is_none())
    {
        request["auth"] =
            json!({"type": "basic", "username": login.user, "password": login.password});
    }
    true
}

/// Returns whether a field of a `connection` contains a key or was meant to.
fn names_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "key" || name.contains("private")
}

/// Removes the keys of a `connection`, PEM or otherwise.
fn redact(value: &mut Value, is_key: bool) {
    match value {
        Value::String(text) if is_key || private_key::detected_in(text) => {
            *value = NOT_STORED.into();
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| redact(entry, is_key)),
        Value::Object(fields) => fields
            .iter_mut()
            .for_each(|(name, field)| redact(field, is_key || names_key(name))),
        _ => {}
    }
}

/// Returns the certificate authorities trusted by the machine, read once per process. Those that cannot be
/// read are logged and skipped.
#[must_use]
pub fn system_roots() -> Arc<RootCertStore> {
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

    #[test]
    fn private_keys_are_not_stored() {
        let pem = "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----";
        let both = format!("-----BEGIN CERTIFICATE-----\nx\n{pem}");
        let table = [
            json!({"connection": {"tls": {"key": "secret", "ca": "kept"}}}),
            json!({"connection": {"tls": {"certificate": both, "ca": "kept"}}}),
            json!({"connection": {"tls": {"clientKey": pem}, "x": "kept"}}),
            json!({"connection": {"tls": {"key": ["secret"]}, "x": "kept"}}),
            json!({"request": {"connection": {"tls": {"key": pem, "ca": "kept"}}}}),
            json!({"request": {"body": {"x": [format!("a {pem}"), "kept"]}}}),
            json!({"variables": {"signing": pem, "a": "kept"}}),
        ];
        for body in table {
            let stored = without_secrets(&body, &body.to_string());
            assert!(
                !stored.contains("secret") && stored.contains("kept"),
                "{stored}"
            );
        }
        let twice = r#"{"connection":{"tls":{"key":"secret"}},"connection":null}"#;
        let value = serde_json::from_str(twice).expect("JSON");
        assert!(!without_secrets(&value, twice).contains("secret"));
        for (body, auth) in [
            (json!({"url": "http://u:p%40@h/x"}), json!(["u", "p@"])),
            (
                json!({"url": "http://u:p@h/x", "auth": {"type": "bearer"}}),
                json!([null, null]),
            ),
        ] {
            for body in [body.clone(), json!({"request": body})] {
                let stored = without_secrets(&body, &body.to_string());
                let stored: Value = serde_json::from_str(&stored).expect("JSON");
                let request = stored.get("request").unwrap_or(&stored);
                assert_eq!(request["url"], "http://h/x");
                let found = json!([request["auth"]["username"], request["auth"]["password"]]);
                assert_eq!(found, auth, "{body}");
            }
        }
        let plain = r#"{"mode": "constant", "n": 1.50}"#;
        let value = serde_json::from_str(plain).expect("JSON");
        assert_eq!(without_secrets(&value, plain), plain, "as it came");
    }
}
