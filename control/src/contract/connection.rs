//! The `connection` of a run or a request: how connections are opened, kept and secured.
//!
//! Here, certificates and keys only have to be readable. Whether they match is checked when a TLS
//! configuration is built from them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use utoipa::ToSchema;
use vayu_shared::connection::{
    ClientIdentity, ConnectionSpec, DnsPolicy, DnsSpec, HeadLimits, TlsSpec,
};
use vayu_shared::field_error::FieldError;
use vayu_shared::http::Endpoint;
use vayu_shared::limits;

use super::numbers::WholeNumber;
use super::scalars::{Address, NameServer, OneOrMany, Secret, object, word};

/// One address or several.
type Addresses = OneOrMany<Address>;

/// How connections are opened, kept and secured.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Connection)]
pub struct ConnectionBody {
    /// Whether a connection serves more than one request. Default: true.
    pub keep_alive: Option<bool>,
    /// Number of requests after which a connection is replaced. Default: no limit.
    #[schema(inline)]
    pub max_requests: Option<WholeNumber<1, { limits::ITERATIONS }>>,
    /// Alias of `maxConnections` of the run.
    #[schema(inline)]
    pub max_connections: Option<WholeNumber<1, { limits::CONCURRENCY }>>,
    /// Local addresses to connect from, in turn. At most 1024.
    #[schema(value_type = Option<Vec<String>>)]
    pub local_addresses: Option<Vec<Address>>,
    /// Addresses to use for a `host:port`, instead of a DNS look-up.
    #[schema(inline)]
    pub resolve: Option<BTreeMap<String, Addresses>>,
    /// DNS options.
    #[serde(default, deserialize_with = "object")]
    pub dns: Option<DnsBody>,
    /// Whether the target's certificate is verified. Default: true.
    pub verify_ssl: Option<bool>,
    /// TLS options.
    #[serde(default, deserialize_with = "object")]
    pub tls: Option<TlsBody>,
    /// Whether a request is sent once more if the target had closed its kept-alive connection. Default: true.
    pub retry_stale: Option<bool>,
    /// Maximum size of a response head in bytes. Default: 262144.
    #[schema(inline)]
    pub max_header_bytes: Option<
        WholeNumber<
            { *limits::RESPONSE_HEAD_BYTES_RANGE.start() },
            { *limits::RESPONSE_HEAD_BYTES_RANGE.end() },
        >,
    >,
    /// Maximum number of header lines of a response. Default: 5000.
    #[schema(inline)]
    pub max_header_lines: Option<
        WholeNumber<
            { *limits::RESPONSE_HEADER_LINES_RANGE.start() },
            { *limits::RESPONSE_HEADER_LINES_RANGE.end() },
        >,
    >,
}

/// DNS options.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = Dns)]
pub struct DnsBody {
    /// When names are resolved. Default: `once`.
    #[serde(default, deserialize_with = "word")]
    pub policy: Option<DnsPolicy>,
    /// Name servers like `127.0.0.1:53`. Default: the system's name servers.
    #[schema(value_type = Option<Vec<String>>)]
    pub servers: Option<Vec<NameServer>>,
}

/// TLS options.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tls)]
pub struct TlsBody {
    /// Trusted certificate authorities, PEM. Default: the system's.
    pub ca: Option<String>,
    /// Client certificate, PEM. Requires `key`.
    pub certificate: Option<String>,
    /// Private key of `certificate`, PEM. Never stored.
    #[schema(value_type = Option<String>)]
    pub key: Option<Secret>,
    /// Server name for SNI and certificate verification. Default: the host of the URL.
    pub server_name: Option<String>,
    /// Protocols to offer (ALPN). Default: `http/1.1`.
    pub alpn: Option<Vec<String>>,
    /// Whether TLS sessions of earlier connections are resumed. Default: true.
    pub resumption: Option<bool>,
}

impl ConnectionBody {
    /// Converts the options to those for requests to `endpoint`. Entries for other targets cause warnings.
    ///
    /// # Errors
    /// Returns an error for the first field with invalid contents, or that is invalid in combination with
    /// others.
    pub fn spec(
        &self,
        endpoint: &Endpoint,
        warnings: &mut Vec<String>,
    ) -> Result<ConnectionSpec, FieldError> {
        let default = ConnectionSpec::default();
        let tls = self.tls.clone().unwrap_or_default();
        Ok(ConnectionSpec {
            keep_alive: self.keep_alive.unwrap_or(default.keep_alive),
            max_requests: self.max_requests.map(|most| most.0),
            local_addresses: self.local_addresses()?,
            resolve: self.resolve(endpoint, warnings)?,
            dns: self.dns.as_ref().map_or(Ok(default.dns), DnsBody::spec)?,
            tls: tls.spec(self.verify_ssl.unwrap_or(default.tls.verify))?,
            retry_stale: self.retry_stale.unwrap_or(default.retry_stale),
            response_head: self.response_head(),
        })
    }

    fn local_addresses(&self) -> Result<Vec<IpAddr>, FieldError> {
        let given = self.local_addresses.iter().flatten();
        let addresses: Vec<IpAddr> = given.map(|address| address.0).collect();
        check_count("localAddresses", addresses.len(), limits::LOCAL_ADDRESSES)?;
        Ok(addresses)
    }

    /// Returns the addresses for the run's target. Entries for other targets cause warnings, because a run
    /// has one target only.
    fn resolve(
        &self,
        endpoint: &Endpoint,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<IpAddr>, FieldError> {
        let Some(entries) = &self.resolve else {
            return Ok(Vec::new());
        };
        check_count("resolve", entries.len(), limits::RESOLVE_ENTRIES)?;
        let target = format!("{}:{}", endpoint.host, endpoint.port);
        let mut found = Vec::new();
        for (name, OneOrMany(addresses)) in entries {
            check_resolve_entry(name, addresses.len())?;
            if name.eq_ignore_ascii_case(&target) {
                found = addresses.iter().map(|address| address.0).collect();
            } else {
                warnings.push(format!(
                    "`connection.resolve.{name}` not used; the target is {target}"
                ));
            }
        }
        Ok(found)
    }

    fn response_head(&self) -> HeadLimits {
        let default = HeadLimits::default();
        let bytes = self.max_header_bytes.map(|most| most.0 as usize);
        let lines = self.max_header_lines.map(|most| most.0 as usize);
        HeadLimits {
            bytes: bytes.unwrap_or(default.bytes),
            lines: lines.unwrap_or(default.lines),
        }
    }
}

impl DnsBody {
    fn spec(&self) -> Result<DnsSpec, FieldError> {
        let servers: Vec<_> = self
            .servers
            .iter()
            .flatten()
            .map(|server| server.0)
            .collect();
        check_count("dns.servers", servers.len(), limits::DNS_SERVERS)?;
        Ok(DnsSpec {
            policy: self.policy.unwrap_or_default(),
            servers,
        })
    }
}

impl TlsBody {
    fn spec(self, verify: bool) -> Result<TlsSpec, FieldError> {
        let default = TlsSpec::default();
        Ok(TlsSpec {
            verify,
            authorities: certificates(self.ca.as_deref(), "ca")?,
            identity: self.identity()?,
            alpn: self.alpn()?.unwrap_or(default.alpn),
            server_name: self.server_name,
            resumption: self.resumption.unwrap_or(default.resumption),
        })
    }

    fn identity(&self) -> Result<Option<ClientIdentity>, FieldError> {
        let chain = certificates(self.certificate.as_deref(), "certificate")?;
        match (chain.is_empty(), &self.key) {
            (true, None) => Ok(None),
            (false, Some(Secret(key))) if key.len() > limits::PEM_BYTES => {
                Err(wrong("tls.key", "is too long; the maximum is 1 MiB"))
            }
            (false, Some(Secret(key))) => Ok(Some(ClientIdentity {
                chain,
                key_pem: key.clone(),
            })),
            (true, Some(_)) => Err(wrong("tls.certificate", "is missing; it goes with `key`")),
            (false, None) => Err(wrong("tls.key", "is missing; it goes with `certificate`")),
        }
    }

    fn alpn(&self) -> Result<Option<Vec<String>>, FieldError> {
        let Some(protocols) = &self.alpn else {
            return Ok(None);
        };
        check_count("tls.alpn", protocols.len(), limits::ALPN_PROTOCOLS)?;
        for protocol in protocols {
            if protocol == "h2" {
                let problem = "names \"h2\", which the engine does not speak; use \"http/1.1\"";
                return Err(wrong("tls.alpn", problem));
            }
            if protocol.is_empty() || protocol.len() > 255 {
                let problem = "names a protocol that is not 1 to 255 bytes long";
                return Err(wrong("tls.alpn", problem));
            }
        }
        Ok(Some(protocols.clone()))
    }
}

fn wrong(field: &str, problem: impl Into<String>) -> FieldError {
    FieldError::new(format!("connection.{field}"), problem)
}

fn check_count(field: &str, count: usize, most: usize) -> Result<(), FieldError> {
    if count <= most {
        return Ok(());
    }
    let problem = format!("has {count} entries; the maximum is {most}");
    Err(wrong(field, problem))
}

/// Checks that an entry of `resolve` has a port and at least one address.
fn check_resolve_entry(name: &str, addresses: usize) -> Result<(), FieldError> {
    let field = format!("resolve.{name}");
    let port = name.rsplit_once(':').map(|(_, port)| port);
    if port.is_none_or(|port| port.parse::<u16>().is_err()) {
        let problem = "has to be named host:port, like \"example.com:443\"";
        return Err(wrong(&field, problem));
    }
    if addresses == 0 {
        return Err(wrong(&field, "names no address"));
    }
    check_count(&field, addresses, limits::RESOLVE_ENTRIES)
}

/// Parses the certificates of a PEM text. Returns none if there is no text.
fn certificates(text: Option<&str>, name: &str) -> Result<Vec<Vec<u8>>, FieldError> {
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let field = format!("tls.{name}");
    let (bytes, most) = (text.len(), limits::PEM_BYTES);
    if bytes > most {
        let problem = format!("is {bytes} bytes long; the maximum is {most}");
        return Err(wrong(&field, problem));
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found.iter().map(|der| der.to_vec()).collect()),
        _ => Err(wrong(
            &field,
            "holds no readable certificate; expected PEM text, \"-----BEGIN CERTIFICATE-----…\"",
        )),
    }
}
