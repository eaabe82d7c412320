//! Resolves the addresses of a target's name, with their TTL, the duration of the lookup, and the reason for
//! a failure.
//!
//! Calls block, so shards never make them. Nothing is cached: every lookup queries the servers.
//! [`super::dns_refresh`] decides when to look up again. Only this module and its submodules use hickory.

mod failure;
mod local;
mod reach;
mod settings;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::lookup_ip::LookupIp;
use hickory_resolver::proto::rr::Name;
use tokio::runtime::{Builder, Runtime};
use vayu_shared::limits::DNS_LOOKUP;
use vayu_shared::units::Nanos;

pub use failure::{FailureKind, LookupFailure};

use local::LocalNames;

/// Why a resolver could not be created.
#[derive(Debug, thiserror::Error)]
pub enum ResolverError {
    /// The runtime it waits on could not be started.
    #[error("cannot start name resolution: {0}")]
    Runtime(#[from] std::io::Error),
    /// Its settings were rejected.
    #[error("cannot set up name resolution: {0}")]
    Settings(String),
}

/// Result of a lookup.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The usable addresses with the requested port, without duplicates: first IPv4, then IPv6, both in the
    /// order of the answer. Empty if the lookup failed.
    pub addresses: Vec<SocketAddr>,
    /// The shortest TTL among the records of the answer. `None` without records: for literals, the hosts
    /// file, and failures.
    pub valid_for: Option<Duration>,
    /// Duration of the lookup.
    pub took: Nanos,
    /// Why there is no address. `None` if there is one.
    pub failure: Option<LookupFailure>,
}

/// A DNS resolver.
pub struct Resolver {
    dns: TokioResolver,
    local: LocalNames,
    // Only waits for sockets, and only while a call is in progress.
    runtime: Runtime,
}

/// Addresses without a port.
struct Found {
    addresses: Vec<IpAddr>,
    valid_for: Option<Duration>,
}

impl Resolver {
    /// Creates a resolver that queries only `servers`; `localhost` alone needs no query. Without servers it
    /// is configured like the system's, from the current `/etc/resolv.conf` (servers, search domains,
    /// `ndots`) and `/etc/hosts`. Attempts and timeouts are the engine's own ([`vayu_shared::limits`]) in
    /// either case. One server is queried at a time, starting with the one that has answered fastest so far.
    ///
    /// # Errors
    /// Returns an error if the process is out of descriptors, or if the settings are rejected.
    pub fn new(servers: &[SocketAddr]) -> Result<Self, ResolverError> {
        let dns = settings::resolver(servers)
            .map_err(|error| ResolverError::Settings(error.to_string()))?;
        Ok(Self {
            dns,
            local: LocalNames::from_system(servers.is_empty()),
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// Looks up `host`, a name or an address (IPv6 without brackets). Blocks for at most [`DNS_LOOKUP`]. May
    /// be called from any number of threads at once.
    ///
    /// # Panics
    /// Panics on a thread that runs a tokio runtime, which must not block.
    #[must_use]
    pub fn lookup(&self, host: &str, port: u16) -> Lookup {
        self.runtime.block_on(self.find(host, port))
    }

    /// Like [`Self::lookup`], but cancels the lookup and returns `None` when `given_up` completes.
    ///
    /// # Panics
    /// The same as [`Self::lookup`].
    pub fn lookup_unless(
        &self,
        host: &str,
        port: u16,
        given_up: impl Future<Output = ()>,
    ) -> Option<Lookup> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = given_up => None,
                lookup = self.find(host, port) => Some(lookup),
            }
        })
    }

    async fn find(&self, host: &str, port: u16) -> Lookup {
        let begun = Instant::now();
        let found = self.addresses(host).await;
        let took = Nanos::try_from(begun.elapsed().as_nanos()).unwrap_or(Nanos::MAX);
        match found {
            Ok(found) => Lookup {
                addresses: found.usable(port),
                valid_for: found.valid_for,
                took,
                failure: None,
            },
            Err(failure) => Lookup {
                addresses: Vec::new(),
                valid_for: None,
                took,
                failure: Some(failure),
            },
        }
    }

    async fn addresses(&self, host: &str) -> Result<Found, LookupFailure> {
        if let Some(addresses) = self.without_asking(host) {
            return Ok(Found {
                addresses,
                valid_for: None,
            });
        }
        let name =
            Name::from_str_relaxed(host).map_err(|error| LookupFailure::illegal(host, &error))?;
        let limit = Duration::from_nanos(DNS_LOOKUP);
        match tokio::time::timeout(limit, self.dns.lookup_ip(name)).await {
            Ok(Ok(answer)) => Found::read(host, &answer),
            Ok(Err(error)) => Err(LookupFailure::answered(host, &error)),
            Err(_) => Err(LookupFailure::timeout(host)),
        }
    }

    fn without_asking(&self, host: &str) -> Option<Vec<IpAddr>> {
        match host.parse() {
            Ok(address) => Some(vec![address]),
            Err(_) => self.local.addresses(host),
        }
    }
}

impl Found {
    /// Returns the addresses with a port, without those that are unreachable from here.
    fn usable(&self, port: u16) -> Vec<SocketAddr> {
        let addresses = with_port(&self.addresses, port);
        let is_loopback = addresses.iter().all(|address| address.ip().is_loopback());
        // Without a TTL it is not a server's answer but the machine's name for itself.
        reach::usable(addresses, is_loopback && self.valid_for.is_none())
    }

    fn read(host: &str, answer: &LookupIp) -> Result<Self, LookupFailure> {
        let addresses: Vec<IpAddr> = answer.iter().collect();
        if addresses.is_empty() {
            return Err(LookupFailure::no_addresses(host));
        }
        let records = answer.as_lookup().answers().iter();
        let shortest = records.map(|record| record.ttl).min();
        Ok(Self {
            addresses,
            valid_for: shortest.map(|seconds| Duration::from_secs(seconds.into())),
        })
    }
}

/// Returns the address if `host` is a literal, which needs neither a lookup nor a resolver.
#[must_use]
pub fn literal(host: &str, port: u16) -> Option<SocketAddr> {
    let address: IpAddr = host.parse().ok()?;
    Some(SocketAddr::new(address, port))
}

fn with_port(addresses: &[IpAddr], port: u16) -> Vec<SocketAddr> {
    let mut found: Vec<SocketAddr> = Vec::with_capacity(addresses.len());
    for address in addresses {
        let address = SocketAddr::new(*address, port);
        if !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_told_once_and_in_order() {
        let of = |text: &str| text.parse::<IpAddr>().expect("an address");
        let found = with_port(&[of("10.0.0.2"), of("::1"), of("10.0.0.2")], 80);
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["10.0.0.2:80", "[::1]:80"]);
    }

    #[test]
    fn only_addresses_are_literals() {
        assert_eq!(
            literal("::1", 81).map(|address| address.to_string()),
            Some("[::1]:81".to_owned())
        );
        for name in ["localhost", "10.0.0", "1.2.3.4.example"] {
            assert_eq!(literal(name, 81), None, "{name}");
        }
    }
}
