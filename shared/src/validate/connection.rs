//! Reads the `connection` object: how connections are made, kept and secured.
//!
//! Whether a certificate and its key fit together is found out by whoever makes
//! a TLS configuration of them; here they only have to be readable.

use std::net::{IpAddr, SocketAddr};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Map, Value};

use super::{FieldError, Fields};
use crate::connection::{ClientIdentity, ConnectionSpec, DnsPolicy, DnsSpec, HeadLimits, TlsSpec};
use crate::http::Endpoint;
use crate::limits;

/// The fields of `connection`.
pub const CONNECTION_FIELDS: [&str; 11] = [
    "keepAlive",
    "retryStale",
    "maxRequests",
    "maxConnections",
    "localAddresses",
    "resolve",
    "dns",
    "verifySsl",
    "tls",
    "maxHeaderBytes",
    "maxHeaderLines",
];
/// The fields of `connection.dns`.
pub const DNS_FIELDS: [&str; 2] = ["policy", "servers"];
/// The fields of `connection.tls`.
pub const TLS_FIELDS: [&str; 6] = [
    "ca",
    "certificate",
    "key",
    "serverName",
    "alpn",
    "resumption",
];

/// Reads `connection` for a run against `endpoint`.
///
/// # Errors
/// The first field that is of the wrong type or not legal.
pub fn connection_spec(
    object: Option<&Map<String, Value>>,
    endpoint: &Endpoint,
    warnings: &mut Vec<String>,
) -> Result<ConnectionSpec, FieldError> {
    let Some(object) = object else {
        return Ok(ConnectionSpec::default());
    };
    let fields = Fields::new(object, "connection.", &[&CONNECTION_FIELDS]);
    warnings.extend(fields.unknown());
    Ok(ConnectionSpec {
        keep_alive: fields.boolean("keepAlive")?.unwrap_or(true),
        max_requests: fields.whole("maxRequests", 1..=limits::ITERATIONS)?,
        local_addresses: local_addresses(&fields)?,
        resolve: resolve(&fields, endpoint, warnings)?,
        dns: dns(&fields, warnings)?,
        tls: tls(&fields, warnings)?,
        retry_stale: fields.boolean("retryStale")?.unwrap_or(true),
        response_head: response_head(&fields)?,
    })
}

fn response_head(fields: &Fields<'_>) -> Result<HeadLimits, FieldError> {
    let default = HeadLimits::default();
    let bytes = fields.whole("maxHeaderBytes", limits::RESPONSE_HEAD_BYTES_RANGE)?;
    let lines = fields.whole("maxHeaderLines", limits::RESPONSE_HEADER_LINES_RANGE)?;
    Ok(HeadLimits {
        bytes: bytes.map_or(default.bytes, |bytes| bytes as usize),
        lines: lines.map_or(default.lines, |lines| lines as usize),
    })
}

fn local_addresses(fields: &Fields<'_>) -> Result<Vec<IpAddr>, FieldError> {
    let texts = fields.strings("localAddresses")?;
    at_most(
        fields,
        "localAddresses",
        texts.len(),
        limits::LOCAL_ADDRESSES,
    )?;
    let addresses = texts.iter().enumerate().map(|(index, text)| {
        let name = format!("localAddresses[{index}]");
        address(text).map_err(|problem| FieldError::new(fields.path(&name), problem))
    });
    addresses.collect()
}

/// The addresses named for the run's own target; other entries are pointed out,
/// because a run talks to one target only.
fn resolve(
    fields: &Fields<'_>,
    endpoint: &Endpoint,
    warnings: &mut Vec<String>,
) -> Result<Vec<IpAddr>, FieldError> {
    let Some(entries) = fields.object("resolve")? else {
        return Ok(Vec::new());
    };
    at_most(fields, "resolve", entries.len(), limits::RESOLVE_ENTRIES)?;
    let inner = Fields::free(entries, "connection.resolve.");
    let target = format!("{}:{}", endpoint.host, endpoint.port);
    let mut found = Vec::new();
    for name in entries.keys() {
        let addresses = resolve_entry(&inner, name)?;
        if name.eq_ignore_ascii_case(&target) {
            found = addresses;
        } else {
            warnings.push(format!(
                "`connection.resolve.{name}` not used; the target is {target}"
            ));
        }
    }
    Ok(found)
}

fn resolve_entry(inner: &Fields<'_>, name: &str) -> Result<Vec<IpAddr>, FieldError> {
    let wrong = |problem: String| FieldError::new(inner.path(name), problem);
    let has_port = name
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if !has_port {
        return Err(wrong(
            "has to be named host:port, like \"example.com:443\"".into(),
        ));
    }
    let texts = match inner.get(name) {
        Some(Value::String(text)) => vec![text.as_str()],
        _ => inner.strings(name)?,
    };
    at_most(inner, name, texts.len(), limits::RESOLVE_ENTRIES)?;
    if texts.is_empty() {
        return Err(wrong("names no address".into()));
    }
    texts
        .into_iter()
        .map(|text| address(text).map_err(wrong))
        .collect()
}

fn dns(fields: &Fields<'_>, warnings: &mut Vec<String>) -> Result<DnsSpec, FieldError> {
    let Some(object) = fields.object("dns")? else {
        return Ok(DnsSpec::default());
    };
    let inner = Fields::new(object, "connection.dns.", &[&DNS_FIELDS]);
    warnings.extend(inner.unknown());
    let policy = inner.string("policy")?.unwrap_or("once");
    let policy = DnsPolicy::ALL
        .into_iter()
        .find(|known| known.name() == policy);
    let policy = policy.ok_or_else(|| {
        let seen = inner.string("policy").ok().flatten().unwrap_or_default();
        let problem = format!("is \"{seen}\"; use \"once\", \"ttl\" or \"connection\"");
        FieldError::new(inner.path("policy"), problem)
    })?;
    let servers = inner.strings("servers")?;
    at_most(&inner, "servers", servers.len(), limits::DNS_SERVERS)?;
    let servers = servers.iter().enumerate().map(|(index, text)| {
        let with_port = text.parse::<SocketAddr>();
        let server = with_port.or_else(|_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, 53)));
        server.map_err(|_| {
            let problem = format!("is \"{text}\"; it has to be like \"10.0.0.53:53\"");
            FieldError::new(inner.path(&format!("servers[{index}]")), problem)
        })
    });
    Ok(DnsSpec {
        policy,
        servers: servers.collect::<Result<_, _>>()?,
    })
}

fn tls(fields: &Fields<'_>, warnings: &mut Vec<String>) -> Result<TlsSpec, FieldError> {
    let default = TlsSpec {
        verify: fields.boolean("verifySsl")?.unwrap_or(true),
        ..TlsSpec::default()
    };
    let Some(object) = fields.object("tls")? else {
        return Ok(default);
    };
    let inner = Fields::new(object, "connection.tls.", &[&TLS_FIELDS]);
    warnings.extend(inner.unknown());
    Ok(TlsSpec {
        authorities: certificates(&inner, "ca")?,
        identity: identity(&inner)?,
        server_name: inner.string("serverName")?.map(str::to_owned),
        alpn: alpn(&inner)?.unwrap_or(default.alpn),
        resumption: inner.boolean("resumption")?.unwrap_or(true),
        ..default
    })
}

fn identity(inner: &Fields<'_>) -> Result<Option<ClientIdentity>, FieldError> {
    let chain = certificates(inner, "certificate")?;
    let key = key(inner)?;
    match (chain.is_empty(), key) {
        (true, None) => Ok(None),
        (false, Some(key)) => Ok(Some(ClientIdentity {
            chain,
            key_pem: key.to_owned(),
        })),
        (true, Some(_)) => Err(FieldError::new(
            inner.path("certificate"),
            "is missing; it goes with `key`",
        )),
        (false, None) => Err(FieldError::new(
            inner.path("key"),
            "is missing; it goes with `certificate`",
        )),
    }
}

/// The text of the private key; an error must not repeat any of it.
fn key<'a>(inner: &Fields<'a>) -> Result<Option<&'a str>, FieldError> {
    let wrong = |problem: &str| FieldError::new(inner.path("key"), problem);
    match inner.get("key") {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= limits::PEM_BYTES => Ok(Some(text)),
        Some(Value::String(_)) => Err(wrong("is too long; at most 1 MiB are accepted")),
        Some(_) => Err(wrong("has to be PEM text, a string")),
    }
}

/// The certificates of a PEM text; none when the field is absent.
fn certificates(inner: &Fields<'_>, name: &str) -> Result<Vec<Vec<u8>>, FieldError> {
    let Some(text) = inner.string(name)? else {
        return Ok(Vec::new());
    };
    let wrong = |problem: String| FieldError::new(inner.path(name), problem);
    if text.len() > limits::PEM_BYTES {
        return Err(wrong(format!(
            "is {} bytes long; at most {} are accepted",
            text.len(),
            limits::PEM_BYTES
        )));
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found.iter().map(|der| der.to_vec()).collect()),
        _ => Err(wrong(
            "holds no readable certificate; it has to be PEM text, \"-----BEGIN CERTIFICATE-----…\""
                .into(),
        )),
    }
}

fn alpn(inner: &Fields<'_>) -> Result<Option<Vec<String>>, FieldError> {
    if inner.get("alpn").is_none() {
        return Ok(None);
    }
    let protocols = inner.strings("alpn")?;
    at_most(inner, "alpn", protocols.len(), limits::ALPN_PROTOCOLS)?;
    for protocol in &protocols {
        let problem = match *protocol {
            "h2" => "names \"h2\", which the engine does not speak; use \"http/1.1\"".to_owned(),
            _ if protocol.is_empty() || protocol.len() > 255 => {
                "names a protocol that is not 1 to 255 bytes long".to_owned()
            }
            _ => continue,
        };
        return Err(FieldError::new(inner.path("alpn"), problem));
    }
    Ok(Some(protocols.into_iter().map(str::to_owned).collect()))
}

fn address(text: &str) -> Result<IpAddr, String> {
    text.parse()
        .map_err(|_| format!("is \"{text}\", which is not an IP address"))
}

fn at_most(fields: &Fields<'_>, name: &str, count: usize, most: usize) -> Result<(), FieldError> {
    if count <= most {
        return Ok(());
    }
    let problem = format!("has {count} entries; at most {most} are accepted");
    Err(FieldError::new(fields.path(name), problem))
}
