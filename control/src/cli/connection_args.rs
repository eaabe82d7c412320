//! Connection options, converted to the `connection` of `POST /run`. Files are read here, by the user's
//! process; the engine only receives their contents.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use super::UsageError;

/// How connections are opened and kept.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connections")]
pub struct ConnectionArgs {
    /// Open a new connection for every request
    #[arg(long)]
    no_keepalive: bool,
    /// Maximum requests per connection; then it is closed [default: no limit]
    #[arg(long, value_name = "N")]
    max_requests_per_connection: Option<u64>,
    /// Count a request as failed if the target had closed its kept-alive connection, instead of sending it
    /// once more
    #[arg(long)]
    no_stale_retry: bool,
    /// Maximum size of a response head in bytes, from 2048 to 16777216 [default: 262144]
    #[arg(long, value_name = "BYTES")]
    max_header_bytes: Option<u64>,
    /// Maximum number of header lines of a response, from 1 to 100000 [default: 5000]
    #[arg(long, value_name = "N")]
    max_header_lines: Option<u64>,
    /// Local address to connect from; repeatable, used in turn
    #[arg(long, value_name = "ADDRESS")]
    local_address: Vec<IpAddr>,
    /// Use this address for the target's name, like example.com:443=10.0.0.1; repeatable
    #[arg(long, value_name = "HOST:PORT=ADDRESS")]
    resolve: Vec<String>,
    /// When the target's name is looked up [default: once]
    #[arg(long, value_enum)]
    dns: Option<Dns>,
    /// Name server to query instead of the system's, like 10.0.0.53:53; repeatable
    #[arg(long, value_name = "ADDRESS:PORT")]
    dns_server: Vec<SocketAddr>,
    /// Skip TLS certificate verification
    #[arg(short = 'k', long)]
    insecure: bool,
    /// Trust the authorities in this PEM file instead of the system's
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Client certificate, a PEM file (with --key)
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Private key of the client certificate, a PEM file (with --cert)
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Server name for SNI and certificate verification [default: the URL's host]
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
    /// Protocol to offer in the TLS handshake; repeatable [default: http/1.1]
    #[arg(long, value_name = "PROTOCOL")]
    alpn: Vec<String>,
    /// Do not resume TLS sessions: every handshake is a full one
    #[arg(long)]
    no_tls_resumption: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Dns {
    /// Once, before the run
    Once,
    /// Again when the TTL of the DNS response expires
    Ttl,
    /// For every connection
    Connection,
}

impl ConnectionArgs {
    /// Returns the `connection` of the API, or `None` if every option has its default.
    ///
    /// # Errors
    /// Returns a usage error for an invalid entry or an unreadable file.
    pub fn to_json(&self) -> anyhow::Result<Option<Value>> {
        let mut fields = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            value.map(|value| fields.insert(name.into(), value));
        };
        put("keepAlive", self.no_keepalive.then(|| false.into()));
        put(
            "maxRequests",
            self.max_requests_per_connection.map(Value::from),
        );
        put("retryStale", self.no_stale_retry.then(|| false.into()));
        put("maxHeaderBytes", self.max_header_bytes.map(Value::from));
        put("maxHeaderLines", self.max_header_lines.map(Value::from));
        put("verifySsl", self.insecure.then(|| false.into()));
        put("resolve", self.resolve()?);
        let local: Vec<Value> = self
            .local_address
            .iter()
            .map(|address| address.to_string().into())
            .collect();
        put("localAddresses", (!local.is_empty()).then(|| local.into()));
        put("dns", self.dns());
        put("tls", self.tls()?);
        Ok((!fields.is_empty()).then_some(Value::Object(fields)))
    }

    /// Returns whether this option was given; knows only the options in the table of exclusive options.
    pub fn given(&self, option: &str) -> bool {
        match option {
            "--no-keepalive" => self.no_keepalive,
            "--max-requests-per-connection" => self.max_requests_per_connection.is_some(),
            "--no-stale-retry" => self.no_stale_retry,
            "--insecure" => self.insecure,
            "--cacert" => self.cacert.is_some(),
            _ => false,
        }
    }

    fn dns(&self) -> Option<Value> {
        let mut fields = Map::new();
        if let Some(policy) = self.dns.and_then(|dns| dns.to_possible_value()) {
            fields.insert("policy".into(), policy.get_name().into());
        }
        if !self.dns_server.is_empty() {
            let servers = self.dns_server.iter();
            let servers: Vec<Value> = servers.map(|one| one.to_string().into()).collect();
            fields.insert("servers".into(), servers.into());
        }
        (!fields.is_empty()).then_some(Value::Object(fields))
    }

    fn resolve(&self) -> anyhow::Result<Option<Value>> {
        let mut entries: Map<String, Value> = Map::new();
        for entry in &self.resolve {
            let (name, address) = entry.split_once('=').ok_or_else(|| {
                UsageError(format!(
                    "--resolve \"{entry}\" has no =; write HOST:PORT=ADDRESS"
                ))
            })?;
            let list = entries
                .entry(name)
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(addresses) = list {
                addresses.push(address.into());
            }
        }
        Ok((!entries.is_empty()).then_some(Value::Object(entries)))
    }

    fn tls(&self) -> anyhow::Result<Option<Value>> {
        let mut fields = Map::new();
        for (name, flag, path) in [
            ("ca", "--cacert", &self.cacert),
            ("certificate", "--cert", &self.cert),
            ("key", "--key", &self.key),
        ] {
            if let Some(path) = path {
                fields.insert(name.into(), read(flag, path)?.into());
            }
        }
        if let Some(name) = &self.server_name {
            fields.insert("serverName".into(), name.as_str().into());
        }
        if !self.alpn.is_empty() {
            fields.insert("alpn".into(), self.alpn.clone().into());
        }
        if self.no_tls_resumption {
            fields.insert("resumption".into(), false.into());
        }
        Ok((!fields.is_empty()).then_some(Value::Object(fields)))
    }
}

fn read(flag: &str, path: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(path);
    Ok(text.map_err(|error| UsageError(format!("{flag} {}: {error}", path.display())))?)
}
