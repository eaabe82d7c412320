//! Makes a plan of a specification: resolves the target's name, which may
//! block, and builds the bytes to send.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::time::Instant;

use vayu_shared::http::Endpoint;
use vayu_shared::plan::{Plan, PreparedRequest};
use vayu_shared::spec::RunSpec;
use vayu_shared::units::Nanos;

/// Prepares a run. A name that does not resolve leaves the plan without
/// addresses; its requests then fail one by one, counted as such.
pub fn prepare(spec: &RunSpec, stats_interval: Nanos) -> Plan {
    let (addresses, resolve_time) = resolve(&spec.request.endpoint);
    Plan {
        addresses,
        resolve_time,
        request: PreparedRequest::new(&spec.request),
        load: spec.load,
        capture: spec.capture,
        bounds: spec.bounds,
        stats_interval,
    }
}

/// The endpoint's addresses, each once, and how long finding them took; no time
/// is told for an address, which needs no finding.
fn resolve(endpoint: &Endpoint) -> (Vec<SocketAddr>, Option<Nanos>) {
    if let Ok(address) = endpoint.host.parse::<IpAddr>() {
        return (vec![SocketAddr::new(address, endpoint.port)], None);
    }
    let begun = Instant::now();
    let mut addresses: Vec<SocketAddr> = Vec::new();
    match (endpoint.host.as_str(), endpoint.port).to_socket_addrs() {
        Ok(found) => found.for_each(|address| {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }),
        Err(error) => tracing::warn!("{} does not resolve: {error}", endpoint.host),
    }
    let took = Nanos::try_from(begun.elapsed().as_nanos()).unwrap_or(Nanos::MAX);
    (addresses, Some(took))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(url: &str) -> (Vec<SocketAddr>, Option<Nanos>) {
        resolve(&Endpoint::parse(url).expect("a legal URL"))
    }

    #[test]
    fn addresses_need_no_look_up() {
        assert_eq!(
            resolved("http://127.0.0.1:81/"),
            (vec![([127, 0, 0, 1], 81).into()], None)
        );
        let (addresses, _) = resolved("http://[::1]:81/");
        assert_eq!(addresses, ["[::1]:81".parse().expect("legal")]);
    }

    #[test]
    fn names_are_looked_up_and_unknown_ones_have_no_address() {
        let (addresses, took) = resolved("http://localhost:81/");
        assert!(
            addresses.iter().all(|address| address.ip().is_loopback()),
            "{addresses:?}"
        );
        assert!(!addresses.is_empty() && took.is_some());
        assert!(resolved("http://no-such-host.invalid/").0.is_empty());
    }
}
