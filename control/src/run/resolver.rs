//! Finds the addresses of a target's name, and tells how long they are good
//! for, how long finding them took, and why it failed.
//!
//! Calls block, so shards never make them. Nothing is remembered from one
//! look-up to the next: whoever asks twice, asks the servers twice. When to ask
//! again is decided in [`super::refresh`]. Only this module and those below it
//! name hickory.

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

/// Why there is no resolver.
#[derive(Debug, thiserror::Error)]
pub enum ResolverError {
    /// The runtime it waits on could not be started.
    #[error("cannot start name resolution: {0}")]
    Runtime(#[from] std::io::Error),
    /// Its settings were refused.
    #[error("cannot set up name resolution: {0}")]
    Settings(String),
}

/// What a look-up found.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The addresses with the port asked for that are of use from here, each once:
    /// first IPv4, then IPv6, both in the order of the answer. Empty when the
    /// look-up failed.
    pub addresses: Vec<SocketAddr>,
    /// The shortest time to live among the records of the answer; none when
    /// there were no records: for literals, the hosts file, and failures.
    pub valid_for: Option<Duration>,
    /// How long the look-up took.
    pub took: Nanos,
    /// Why there is no address. Absent when there is one.
    pub failure: Option<LookupFailure>,
}

/// See the module.
pub struct Resolver {
    dns: TokioResolver,
    local: LocalNames,
    // Only waits for sockets; it works while a call is in progress.
    runtime: Runtime,
}

/// Addresses before they have a port.
struct Found {
    addresses: Vec<IpAddr>,
    valid_for: Option<Duration>,
}

impl Resolver {
    /// A resolver that asks `servers` and nobody else; only `localhost` needs no
    /// asking. Without servers it is set up like the system's: by
    /// `/etc/resolv.conf` (servers, search domains, `ndots`) and `/etc/hosts`,
    /// both as they are now. Attempts and their time limits are the engine's own
    /// ([`vayu_shared::limits`]) in either case. One server is asked at a time,
    /// beginning with whichever has answered fastest so far.
    ///
    /// # Errors
    /// When the process is out of descriptors, or the settings are refused.
    pub fn new(servers: &[SocketAddr]) -> Result<Self, ResolverError> {
        let dns = settings::resolver(servers)
            .map_err(|error| ResolverError::Settings(error.to_string()))?;
        Ok(Self {
            dns,
            local: LocalNames::from_system(servers.is_empty()),
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// Looks up `host`, a name or an address (IPv6 without brackets). Blocks,
    /// at most for [`DNS_LOOKUP`]. Any number of threads may call at once.
    ///
    /// # Panics
    /// On a thread that runs a tokio runtime, which must not block.
    #[must_use]
    pub fn lookup(&self, host: &str, port: u16) -> Lookup {
        self.runtime.block_on(self.find(host, port))
    }

    /// Like [`Self::lookup`], but gives up when `given_up` is through; then there
    /// is no answer.
    ///
    /// # Panics
    /// As [`Self::lookup`] does.
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
    /// The addresses with a port, without those that lead nowhere from here.
    fn usable(&self, port: u16) -> Vec<SocketAddr> {
        let addresses = with_port(&self.addresses, port);
        let is_loopback = addresses.iter().all(|address| address.ip().is_loopback());
        // No time to live: not a server's answer but the machine's name for itself.
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

/// The address that `host` already is, if it is one; it needs no look-up and no
/// resolver.
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
