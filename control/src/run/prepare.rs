//! Makes a plan of a specification: resolves the target's name, which may
//! block, and builds the bytes to send.

use std::net::SocketAddr;

use vayu_shared::http::Endpoint;
use vayu_shared::plan::{Plan, PreparedRequest};
use vayu_shared::spec::RunSpec;
use vayu_shared::units::Nanos;

use super::resolver::{self, Lookup, Resolver};

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
    let Endpoint { host, port, .. } = endpoint;
    if let Some(address) = resolver::literal(host, *port) {
        return (vec![address], None);
    }
    match Resolver::new(&[]) {
        Ok(resolver) => found(resolver.lookup(host, *port)),
        Err(error) => {
            tracing::warn!("{host} does not resolve: {error}");
            (Vec::new(), None)
        }
    }
}

fn found(lookup: Lookup) -> (Vec<SocketAddr>, Option<Nanos>) {
    if let Some(failure) = lookup.failure {
        tracing::warn!("the target does not resolve: {failure}");
    }
    (lookup.addresses, Some(lookup.took))
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
