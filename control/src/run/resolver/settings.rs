//! Resolver settings: name servers, attempts, timeouts, and no caching.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
    ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::system_conf::read_system_conf;
use vayu_shared::limits::{DNS_ATTEMPTS, DNS_TIMEOUT};

/// Creates a resolver that queries `servers`, or those of the system if there are none.
///
/// # Errors
/// Returns an error if the library rejects the settings.
pub fn resolver(servers: &[SocketAddr]) -> Result<TokioResolver, NetError> {
    let (config, mut options) = if servers.is_empty() {
        system()
    } else {
        (given(servers), ResolverOpts::default())
    };
    bound(&mut options);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .build()
}

/// Returns the settings in `/etc/resolv.conf`. If it names no server, the one on this machine is used, as
/// specified in resolv.conf(5).
fn system() -> (ResolverConfig, ResolverOpts) {
    match read_system_conf() {
        Ok((config, options)) => (one_search_list(config), options),
        Err(_) => {
            let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 53);
            (given(&[here]), ResolverOpts::default())
        }
    }
}

/// Uses the domain of the machine's name only without a search list, as specified in resolv.conf(5); the
/// library would search both.
fn one_search_list(config: ResolverConfig) -> ResolverConfig {
    let (domain, search, servers) = config.into_parts();
    let domain = domain.filter(|_| search.is_empty());
    ResolverConfig::from_parts(domain, search, servers)
}

fn given(servers: &[SocketAddr]) -> ResolverConfig {
    ResolverConfig::from_name_servers(servers.iter().map(name_server).collect())
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    // TCP is for answers that do not fit into a datagram.
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = address.port();
    }
    NameServerConfig::new(address.ip(), true, connections)
}

fn bound(options: &mut ResolverOpts) {
    // The library counts the attempts after the first one.
    options.attempts = DNS_ATTEMPTS - 1;
    options.timeout = Duration::from_nanos(DNS_TIMEOUT);
    // A cached answer would be older than the request, and its TTL wrong.
    options.cache_size = 0;
    // One server at a time: querying several at once would double their load.
    options.num_concurrent_reqs = 1;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    // Aliases stay in the answer, since their TTL counts as well.
    options.preserve_intermediates = true;
    // `local` reads the file.
    options.use_hosts_file = ResolveHosts::Never;
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::Name;
    use hickory_resolver::system_conf::parse_resolv_conf;

    use super::*;

    #[test]
    fn a_search_list_replaces_the_machines_domain() {
        let rows = [
            ("search lab.test\nnameserver 10.0.0.1", None),
            ("domain home.test\nnameserver 10.0.0.1", None),
        ];
        for (text, domain) in rows {
            let (config, _) = parse_resolv_conf(text).expect("a legal file");
            let config = one_search_list(config);
            assert_eq!(config.domain(), domain, "{text}");
            assert_eq!(config.search().len(), 1, "{text}");
        }
        let machine = ResolverConfig::from_parts(Some(Name::root()), vec![], vec![]);
        assert!(one_search_list(machine).domain().is_some());
    }

    #[test]
    fn given_servers_are_asked_at_their_ports() {
        let config = given(&["[::1]:5353".parse().expect("an address")]);
        let server = &config.name_servers()[0];
        assert_eq!(server.ip.to_string(), "::1");
        assert!(server.connections.iter().all(|way| way.port == 5353));
    }
}
