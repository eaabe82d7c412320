//! Repeats the DNS lookup of the target while a run is active, as its DNS policy requires, and sends the
//! results to the shards.

use std::io;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, unbounded};
use vayu_shared::connection::DnsPolicy;
use vayu_shared::message::{Addresses, LookupRequest};
use vayu_shared::spec::RunSpec;
use vayu_worker::engine::RunHandle;

use super::dns_refresh::{RefreshAnswer, RefreshedName, Refresher};
use super::prepare::Prepared;

/// Channel on which shards request lookups. Exists only if every connection needs one.
pub struct LookupChannel {
    /// Sender for the shards.
    pub asks: Option<Sender<LookupRequest>>,
    asked: Option<Receiver<LookupRequest>>,
}

impl LookupChannel {
    /// Creates the channel for a prepared run.
    pub fn new(prepared: &Prepared) -> Self {
        if !prepared.plan.resolves_per_connection {
            return Self {
                asks: None,
                asked: None,
            };
        }
        let (asks, asked) = unbounded();
        Self {
            asks: Some(asks),
            asked: Some(asked),
        }
    }
}

/// Starts repeated lookups, which end when the value is dropped. Returns `None` if a single lookup suffices.
///
/// # Errors
/// Returns an error if the system cannot create a thread.
pub fn refresh_dns(
    spec: &RunSpec,
    prepared: &Prepared,
    questions: LookupChannel,
    run: RunHandle,
) -> io::Result<Option<Refresher>> {
    let Some((resolver, last)) = &prepared.resolved else {
        return Ok(None);
    };
    let name = RefreshedName {
        host: spec.request.endpoint.host.clone(),
        port: spec.request.endpoint.port,
    };
    let publish = move |answer: RefreshAnswer| publish(&run, &answer);
    let resolver = Arc::clone(resolver);
    match (spec.connection.dns.policy, questions.asked) {
        (DnsPolicy::Ttl, _) => Refresher::per_ttl(resolver, name, last, publish).map(Some),
        (DnsPolicy::Connection, Some(asked)) => {
            Refresher::per_connection(resolver, name, asked, publish).map(Some)
        }
        _ => Ok(None),
    }
}

fn publish(run: &RunHandle, answer: &RefreshAnswer) {
    let lookup = &answer.lookup;
    let found = match &lookup.failure {
        None => Ok(Arc::from(lookup.addresses.as_slice())),
        Some(failure) => Err(Arc::from(failure.to_string())),
    };
    let news = Addresses {
        origin: answer.request.map_or(0, |request| request.origin),
        token: answer.request.map(|request| request.token),
        found,
    };
    run.deliver_addresses(answer.request.map(|request| request.shard), &news);
}
