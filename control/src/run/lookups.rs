//! Looks the target's name up again while a run goes on, as its policy says, and
//! hands what is found to the shards.

use std::io;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, unbounded};
use vayu_shared::connection::DnsPolicy;
use vayu_shared::message::{Addresses, LookupRequest};
use vayu_shared::spec::RunSpec;
use vayu_worker::engine::RunHandle;

use super::prepare::Prepared;
use super::refresh::{Answer, Name, Refresher};

/// The channel on which shards ask; only there when every connection does.
pub struct Questions {
    /// For the shards.
    pub asks: Option<Sender<LookupRequest>>,
    asked: Option<Receiver<LookupRequest>>,
}

impl Questions {
    /// For a run that was prepared.
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

/// Starts looking up again, until the value is dropped; nothing where one
/// look-up was enough.
///
/// # Errors
/// When the system grants no thread.
pub fn look_up_again(
    spec: &RunSpec,
    prepared: &Prepared,
    questions: Questions,
    run: RunHandle,
) -> io::Result<Option<Refresher>> {
    let Some((resolver, last)) = &prepared.resolved else {
        return Ok(None);
    };
    let name = Name {
        host: spec.request.endpoint.host.clone(),
        port: spec.request.endpoint.port,
    };
    let publish = move |answer: Answer| publish(&run, &answer);
    let resolver = Arc::clone(resolver);
    match (spec.connection.dns.policy, questions.asked) {
        (DnsPolicy::Ttl, _) => Refresher::per_ttl(resolver, name, last, publish).map(Some),
        (DnsPolicy::Connection, Some(asked)) => {
            Refresher::per_connection(resolver, name, asked, publish).map(Some)
        }
        _ => Ok(None),
    }
}

fn publish(run: &RunHandle, answer: &Answer) {
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
    run.tell_addresses(answer.request.map(|request| request.shard), &news);
}
