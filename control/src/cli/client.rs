//! Client of a running engine: REST calls and the stream of metrics.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use rustls::crypto::ring;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::UsageError;

/// A client of an engine.
#[derive(Clone)]
pub struct EngineClient {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

/// An event of a run's stream.
#[derive(Debug, PartialEq)]
pub struct Event {
    /// `metric` or `complete`.
    pub name: String,
    /// Its parsed JSON.
    pub data: Value,
}

impl EngineClient {
    /// Creates a client of the engine at `base`, like `http://127.0.0.1:9876`. With `https`, the engine's
    /// certificate must be issued by an authority in the PEM file `authorities` or, without a file, by one
    /// that this system trusts.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, contains no certificate, or has no effect.
    pub fn new(
        base: &str,
        token: Option<String>,
        authorities: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let mut config = ureq::Agent::config_builder().http_status_as_error(false);
        let scheme = base.split(':').next().unwrap_or_default();
        let is_encrypted = scheme.eq_ignore_ascii_case("https");
        if authorities.is_some() && !is_encrypted {
            let problem = format!("--engine-ca has no effect: {base} is no https URL");
            return Err(UsageError(problem).into());
        }
        if is_encrypted {
            let tls = TlsConfig::builder()
                .root_certs(trusted(authorities)?)
                .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()));
            config = config.tls_config(tls.build());
        }
        Ok(Self {
            agent: config.build().into(),
            base: base.trim_end_matches('/').to_owned(),
            token,
        })
    }

    /// Sends `POST path` with a JSON body.
    ///
    /// # Errors
    /// Returns the error message of the engine, or that the engine cannot be reached.
    pub fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.header("Authorization", self.authorization());
        self.json(request.send_json(body))
    }

    /// Sends `GET path`.
    ///
    /// # Errors
    /// Returns the error message of the engine, or that the engine cannot be reached.
    pub fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.json(self.get_raw(path))
    }

    /// Returns the events of a run's stream, until the engine ends it.
    ///
    /// # Errors
    /// Returns an error if the stream cannot be opened.
    pub fn events(&self, run_id: &str) -> anyhow::Result<impl Iterator<Item = Event> + use<>> {
        let response = self
            .get_raw(&format!("/stats/{run_id}"))
            .map_err(|error| self.unreachable(error))?;
        Ok(events(response.into_body().into_reader()))
    }

    fn get_raw(&self, path: &str) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let request = self.agent.get(format!("{}{path}", self.base));
        request.header("Authorization", self.authorization()).call()
    }

    fn authorization(&self) -> String {
        self.token
            .as_ref()
            .map_or(String::new(), |token| format!("Bearer {token}"))
    }

    fn json(
        &self,
        response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> anyhow::Result<Value> {
        let mut response = response.map_err(|error| self.unreachable(error))?;
        let status = response.status();
        let body: Value = response
            .body_mut()
            .read_json()
            .context("the engine's answer is not JSON")?;
        if status.is_success() {
            return Ok(body);
        }
        let message = body["error"]["message"]
            .as_str()
            .unwrap_or("no reason given");
        bail!("the engine answered {status}: {message}")
    }

    fn unreachable(&self, error: ureq::Error) -> anyhow::Error {
        let base = &self.base;
        let what = if is_of_tls(&error) {
            format!(
                "the engine at {base} is not trusted; --engine-ca names the file of its certificate's authority"
            )
        } else {
            format!("no engine answers at {base}; start one with vayu-engine")
        };
        anyhow::Error::from(error).context(what)
    }
}

fn is_of_tls(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => true,
        // Handshake errors are wrapped in an I/O error of the stream.
        ureq::Error::Io(io) => io
            .get_ref()
            .is_some_and(|inner| inner.is::<rustls::Error>()),
        _ => false,
    }
}

/// Returns the certificate authorities of a PEM file. Default: the system's.
fn trusted(authorities: Option<&Path>) -> anyhow::Result<RootCerts> {
    let read: Vec<CertificateDer<'static>> = match authorities {
        Some(file) => CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect)
            .map_err(anyhow::Error::from)
            .and_then(|read: Vec<_>| match read.is_empty() {
                true => Err(anyhow!("there is no certificate in it (PEM)")),
                false => Ok(read),
            })
            .with_context(|| format!("cannot read --engine-ca {}", file.display()))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    let owned = |der: &CertificateDer<'_>| Certificate::from_der(der).to_owned();
    let certificates: Vec<_> = read.iter().map(owned).collect();
    Ok(RootCerts::new_with_certs(&certificates))
}

/// Parses a stream of server-sent events.
fn events(stream: impl Read) -> impl Iterator<Item = Event> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    std::iter::from_fn(move || {
        let (mut name, mut data) = (String::new(), String::new());
        for line in lines.by_ref() {
            if let Some(value) = line.strip_prefix("event: ") {
                value.clone_into(&mut name);
            } else if let Some(value) = line.strip_prefix("data: ") {
                value.clone_into(&mut data);
            } else if line.is_empty() && !name.is_empty() {
                let data = serde_json::from_str(&data).unwrap_or(Value::Null);
                return Some(Event { name, data });
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_are_split_and_comments_passed_over() {
        let stream = ": keep-alive\n\nid: 1\nevent: metric\ndata: {\"value\":2}\n\n: keep-alive\n\nevent: complete\ndata: {}\n\n";
        let events: Vec<Event> = events(stream.as_bytes()).collect();
        let event = |name: &str, data| Event {
            name: name.into(),
            data,
        };
        assert_eq!(
            events,
            [
                event("metric", json!({"value": 2})),
                event("complete", json!({}))
            ]
        );
    }
}
