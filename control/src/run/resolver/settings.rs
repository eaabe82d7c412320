//! How name servers are asked: which ones, how often, how long, and that no
//! answer is kept.

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

/// A resolver that asks `servers`, or without any, those of the system.
///
/// # Errors
/// When the library refuses the settings.
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

/// What `/etc/resolv.conf` says. Where it names no server, the one on this
/// machine is asked, as resolv.conf(5) has it.
fn system() -> (ResolverConfig, ResolverOpts) {
    match read_system_conf() {
        Ok((config, options)) => (one_search_list(config), options),
        Err(_) => {
            let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 53);
            (given(&[here]), ResolverOpts::default())
        }
    }
}

/// The domain of the machine's name counts only where no search list is given,
/// as resolv.conf(5) has it; the library would search both.
fn one_search_list(config: ResolverConfig) -> ResolverConfig {
    let (domain, search, servers) = config.into_parts();
    let domain = domain.filter(|_| search.is_empty());
    ResolverConfig::from_parts(domain, search, servers)
}

fn given(servers: &[SocketAddr]) -> ResolverConfig {
    ResolverConfig::from_name_servers(servers.iter().map(name_server).collect())
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    // TCP is for answers that do not fit a datagram.
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = address.port();
    }
    NameServerConfig::new(address.ip(), true, connections)
}

fn bound(options: &mut ResolverOpts) {
    // The library counts what follows the first attempt.
    options.attempts = DNS_ATTEMPTS - 1;
    options.timeout = Duration::from_nanos(DNS_TIMEOUT);
    // An answer kept would be older than the question, and its time to live wrong.
    options.cache_size = 0;
    // One server at a time: asking several at once would double their load.
    options.num_concurrent_reqs = 1;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    // Aliases stay in the answer, as their time to live counts too.
    options.preserve_intermediates = true;
    // The file is read in `local`.
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
