//! Repeats the DNS lookup of a name while a run is active: when its TTL expires, or for every new connection.
//! Lookups block, so they run on a dedicated thread.
//!
//! Answers are passed to a `publish` function, so this module does not depend on shards. The function runs on
//! that thread and must not block, or the thread cannot end. A name that is looked up once does not need this
//! module.

mod counts;
mod stop;

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::Receiver;
use vayu_shared::limits::{DNS_RETRY, DNS_TTL_MAX, DNS_TTL_MIN};
use vayu_shared::message::LookupRequest;

use super::resolver::{Lookup, Resolver};

pub use counts::Counts;

use counts::RefreshTotals;
use stop::{StopHandle, StopSignal};

/// The name to look up.
#[derive(Clone, Debug)]
pub struct RefreshedName {
    /// Host name or address. IPv6 addresses are without brackets.
    pub host: String,
    /// Port of the resulting addresses.
    pub port: u16,
}

/// Result of a lookup.
#[derive(Clone, Debug)]
pub struct RefreshAnswer {
    /// The request that is answered. `None` if the TTL triggered the lookup.
    pub request: Option<LookupRequest>,
    /// Addresses, or why there are none. Shared by all requests that one lookup answers.
    pub lookup: Arc<Lookup>,
}

/// A thread that repeats the lookup of a name. Dropping it stops the thread at once, even during a lookup,
/// and waits for it to end.
pub struct Refresher {
    totals: Arc<RefreshTotals>,
    stop: Option<StopHandle>,
    thread: Option<JoinHandle<()>>,
}

impl Refresher {
    /// Looks up `name` each time the TTL of the previous answer, starting with `last`, expires, but no sooner
    /// than [`DNS_TTL_MIN`] and no later than [`DNS_TTL_MAX`] after it. Publishes what it finds, changed or
    /// not. A failed lookup is not published, so the known addresses stay in use; the next lookup follows
    /// after [`DNS_RETRY`].
    ///
    /// # Errors
    /// Returns an error if the system cannot create a thread.
    pub fn per_ttl(
        resolver: Arc<Resolver>,
        name: RefreshedName,
        last: &Lookup,
        publish: impl FnMut(RefreshAnswer) + Send + 'static,
    ) -> io::Result<Self> {
        let first = due_after(last);
        Self::start(resolver, name, move |worker| {
            worker.ask_per_ttl(first, publish);
        })
    }

    /// Answers the requests received on `requests`, including with failures, and ends when all senders are
    /// dropped. Requests that are waiting at the same time share one lookup. It always starts after they were
    /// sent, so no answer is older than its request.
    ///
    /// # Errors
    /// Returns an error if the system cannot create a thread.
    pub fn per_connection(
        resolver: Arc<Resolver>,
        name: RefreshedName,
        requests: Receiver<LookupRequest>,
        publish: impl FnMut(RefreshAnswer) + Send + 'static,
    ) -> io::Result<Self> {
        Self::start(resolver, name, move |worker| {
            worker.ask_per_request(&requests, publish);
        })
    }

    /// Returns the counts of the lookups made so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.totals.read()
    }

    fn start(
        resolver: Arc<Resolver>,
        name: RefreshedName,
        work: impl FnOnce(&Worker) + Send + 'static,
    ) -> io::Result<Self> {
        let totals = Arc::new(RefreshTotals::default());
        let (stop, signal) = stop::pair();
        let worker = Worker {
            resolver,
            name,
            totals: Arc::clone(&totals),
            signal,
        };
        let thread = std::thread::Builder::new()
            .name("vayu-names".into())
            .spawn(move || work(&worker))?;
        Ok(Self {
            totals,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Refresher {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("looking names up again ended in a panic");
        }
    }
}

/// State of the thread.
struct Worker {
    resolver: Arc<Resolver>,
    name: RefreshedName,
    totals: Arc<RefreshTotals>,
    signal: StopSignal,
}

impl Worker {
    fn ask_per_ttl(&self, first: Duration, mut publish: impl FnMut(RefreshAnswer)) {
        let mut delay = first;
        while !self.signal.comes_within(delay) {
            let Some(lookup) = self.look_up() else { return };
            delay = due_after(&lookup);
            if lookup.failure.is_none() {
                publish(RefreshAnswer {
                    request: None,
                    lookup,
                });
            }
        }
    }

    fn ask_per_request(
        &self,
        requests: &Receiver<LookupRequest>,
        mut publish: impl FnMut(RefreshAnswer),
    ) {
        while let Some(first) = self.signal.or_next(requests) {
            let mut waiting = vec![first];
            waiting.extend(requests.try_iter());
            let Some(lookup) = self.look_up() else { return };
            for request in waiting {
                publish(RefreshAnswer {
                    request: Some(request),
                    lookup: Arc::clone(&lookup),
                });
            }
        }
    }

    /// Performs a lookup. Returns `None` if stopped; such a lookup is not counted.
    fn look_up(&self) -> Option<Arc<Lookup>> {
        let RefreshedName { host, port } = &self.name;
        let stopped = self.signal.comes();
        let lookup = self.resolver.lookup_unless(host, *port, stopped)?;
        self.totals.add(&lookup);
        Some(Arc::new(lookup))
    }
}

/// Returns the time from `last` to the next lookup. An answer without a TTL, such as a literal, is treated as
/// having a long one.
fn due_after(last: &Lookup) -> Duration {
    if last.failure.is_some() {
        return Duration::from_nanos(DNS_RETRY);
    }
    let [shortest, longest] = [DNS_TTL_MIN, DNS_TTL_MAX].map(Duration::from_nanos);
    last.valid_for.unwrap_or(longest).clamp(shortest, longest)
}

#[cfg(test)]
mod tests {
    use super::super::resolver::{FailureKind, LookupFailure};
    use super::*;

    fn lookup(valid_for: Option<u64>, fails: bool) -> Lookup {
        Lookup {
            addresses: Vec::new(),
            valid_for: valid_for.map(Duration::from_secs),
            took: 0,
            failure: fails.then(|| LookupFailure {
                kind: FailureKind::Timeout,
                message: String::new(),
            }),
        }
    }

    #[test]
    fn the_time_to_live_is_obeyed_within_bounds() {
        let rows = [
            (Some(0), false, 1),
            (Some(1), false, 1),
            (Some(60), false, 60),
            (Some(86_400), false, 3600),
            (None, false, 3600),
            (None, true, 1),
        ];
        for (valid_for, fails, seconds) in rows {
            let due = due_after(&lookup(valid_for, fails));
            assert_eq!(
                due,
                Duration::from_secs(seconds),
                "{valid_for:?}, fails: {fails}"
            );
        }
    }
}
