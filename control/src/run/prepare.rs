//! Builds the plan of a run: resolves the target's name, which may block, and encodes the requests.

use std::net::SocketAddr;
use std::sync::Arc;

use vayu_shared::connection::DnsPolicy;
use vayu_shared::plan::{Origin, Plan, Step};
use vayu_shared::request::RequestTemplate;
use vayu_shared::request::http1::{Encoder, PreparedRequest};
use vayu_shared::spec::RunSpec;
use vayu_shared::template::Deferred;
use vayu_shared::units::Nanos;
use vayu_worker::monotonic_now;

use super::resolver::{self, Lookup, Resolver};
use super::{PreparedRun, StopSwitch};
use crate::wall_clock::now_ns;

/// A plan, and what repeated lookups of its target need.
pub struct Prepared {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The resolver and its first answer. `None` for literal addresses, which need no lookup.
    pub resolved: Option<(Arc<Resolver>, Lookup)>,
}

/// Prepares a run. If a name does not resolve, the plan has no addresses; its requests then fail one by one
/// and are counted as failed. A lookup ends when `stop` is pressed.
pub fn prepare(order: &PreparedRun, stats_interval: Nanos, stop: &StopSwitch) -> Prepared {
    let spec = &order.spec;
    let mut target = Target::default();
    let resolved = target.find(spec, stop);
    let looks_up_again = resolved.is_some();
    let connection = &spec.connection;
    let template = template(order);
    let encoder = || Arc::new(Encoder::new(&template, connection.keep_alive));
    let plan = Plan {
        origins: vec![Origin {
            host: spec.request.endpoint.host.clone(),
            addresses: target.addresses,
            resolve_failure: target.failure,
            resolve_time: target.took,
        }],
        steps: vec![Step {
            origin: 0,
            request: PreparedRequest::new(&spec.request, connection.keep_alive),
            encoder: (!template.is_constant()).then(encoder),
            signing: order.signing.clone().filter(|_| template.is_signed()),
        }],
        seed: fastrand::u64(..),
        unix_offset: now_ns().saturating_sub(monotonic_now()),
        load: spec.load,
        capture: spec.capture,
        bounds: spec.bounds,
        keep_alive: connection.keep_alive,
        retry_stale: connection.retry_stale,
        response_head: connection.response_head,
        max_requests_per_connection: connection.max_requests,
        local_addresses: connection.local_addresses.clone(),
        resolves_per_connection: looks_up_again && connection.dns.policy == DnsPolicy::Connection,
        stats_interval,
    };
    Prepared {
        plan: Arc::new(plan),
        resolved,
    }
}

/// Returns the template of a request. Scripts change variables, so with scripts the variables are left in it.
fn template(order: &PreparedRun) -> RequestTemplate {
    let left = match order.scripts {
        Some(_) => Deferred::All,
        None => Deferred::Dynamic,
    };
    let template = RequestTemplate::new(&order.spec.request, left);
    match &order.signing {
        Some(signing) => template.signed(signing),
        None => template,
    }
}

/// The target of a run.
#[derive(Debug, Default)]
struct Target {
    /// Distinct addresses. Empty if there are none.
    addresses: Vec<SocketAddr>,
    /// Why there are no addresses.
    failure: Option<String>,
    /// Duration of the lookup. `None` for addresses that needed none.
    took: Option<Nanos>,
}

impl Target {
    fn find(&mut self, spec: &RunSpec, stop: &StopSwitch) -> Option<(Arc<Resolver>, Lookup)> {
        let endpoint = &spec.request.endpoint;
        let (host, port) = (&endpoint.host, endpoint.port);
        let given = &spec.connection.resolve;
        if !given.is_empty() {
            let addresses = given.iter().map(|ip| SocketAddr::new(*ip, port));
            self.addresses = addresses.collect();
            return None;
        }
        if let Some(address) = resolver::literal(host, port) {
            self.addresses = vec![address];
            return None;
        }
        match Resolver::new(&spec.connection.dns.servers) {
            Ok(resolver) => {
                let Some(lookup) = resolver.lookup_unless(host, port, stop.pressed()) else {
                    self.failure = Some(format!("the run was stopped before {host} was resolved"));
                    return None;
                };
                self.addresses.clone_from(&lookup.addresses);
                self.took = Some(lookup.took);
                self.failure = lookup.failure.as_ref().map(ToString::to_string);
                Some((Arc::new(resolver), lookup))
            }
            Err(error) => {
                self.failure = Some(error.to_string());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Defaults, run_spec};
    use serde_json::json;

    fn prepared(url: &str, connection: serde_json::Value) -> Plan {
        let body = json!({
            "request": {"method": "GET", "url": url},
            "mode": "iterations", "iterations": 1, "concurrency": 1,
            "connection": connection,
        });
        let spec = run_spec(&body, &Defaults::default()).expect("legal");
        let order = PreparedRun::new(spec).expect("possible");
        Plan::clone(&prepare(&order, 1, &StopSwitch::default()).plan)
    }

    #[test]
    fn addresses_need_no_look_up() {
        let given = json!({"resolve": {"lab.example:81": ["10.0.0.1", "10.0.0.2"]}});
        let table = [
            ("http://127.0.0.1:81/", json!({}), vec!["127.0.0.1:81"]),
            ("http://[::1]:81/", json!({}), vec!["[::1]:81"]),
            (
                "http://lab.example:81/",
                given,
                vec!["10.0.0.1:81", "10.0.0.2:81"],
            ),
        ];
        for (url, connection, addresses) in table {
            let plan = prepared(url, connection);
            let found: Vec<String> = plan.addresses().iter().map(ToString::to_string).collect();
            assert_eq!(found, addresses, "{url}");
            assert_eq!(plan.origins[0].resolve_time, None, "{url}");
        }
    }

    #[test]
    fn names_are_looked_up_and_unknown_ones_have_no_address() {
        let plan = prepared("http://localhost:81/", json!({}));
        let addresses = &plan.addresses();
        assert!(
            !addresses.is_empty() && addresses.iter().all(|address| address.ip().is_loopback()),
            "{addresses:?}"
        );
        assert!(plan.origins[0].resolve_time.is_some());
        let plan = prepared("http://no-such-host.invalid/", json!({}));
        assert!(plan.addresses().is_empty());
        let reason = plan.origins[0].resolve_failure.clone().unwrap_or_default();
        assert!(reason.contains("no-such-host.invalid"), "{reason:?}");
    }
}
