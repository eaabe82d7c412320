//! Looks a name up again while a run goes on: whenever its time to live is over,
//! or for every new connection. A thread of its own does it, as look-ups block.
//!
//! Answers go to a `publish` function, so nothing here knows of shards. It runs
//! on that thread and must not block, or the thread cannot end. A name that is
//! looked up once needs none of this.

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

use counts::Totals;
use stop::{StopHandle, StopSignal};

/// What is looked up.
#[derive(Clone, Debug)]
pub struct Name {
    /// A name or an address, IPv6 without brackets.
    pub host: String,
    /// The port of the addresses to be found.
    pub port: u16,
}

/// What a look-up found.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The question answered; none when it was the time to live that asked.
    pub request: Option<LookupRequest>,
    /// Addresses, or why there are none. Shared by all whom one look-up answers.
    pub lookup: Arc<Lookup>,
}

/// A thread that looks a name up again. Dropping this ends it at once, in the
/// middle of a look-up too, and waits for it.
pub struct Refresher {
    totals: Arc<Totals>,
    stop: Option<StopHandle>,
    thread: Option<JoinHandle<()>>,
}

impl Refresher {
    /// Looks up `name` whenever the time to live of the answer before, at first
    /// of `last`, is over (no sooner than [`DNS_TTL_MIN`], no later than
    /// [`DNS_TTL_MAX`] after it), and publishes what it finds, changed or not. A
    /// look-up that fails is not published, so that the addresses known before
    /// stay in use; the next one follows after [`DNS_RETRY`].
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn per_ttl(
        resolver: Arc<Resolver>,
        name: Name,
        last: &Lookup,
        publish: impl FnMut(Answer) + Send + 'static,
    ) -> io::Result<Self> {
        let first = due_after(last);
        Self::start(resolver, name, move |worker| {
            worker.ask_per_ttl(first, publish);
        })
    }

    /// Answers what comes over `requests`, failures included, and ends early when
    /// nobody is left to ask. Questions that wait at the same time share one
    /// look-up; it always begins after they were asked, so that no answer is older
    /// than its question.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn per_connection(
        resolver: Arc<Resolver>,
        name: Name,
        requests: Receiver<LookupRequest>,
        publish: impl FnMut(Answer) + Send + 'static,
    ) -> io::Result<Self> {
        Self::start(resolver, name, move |worker| {
            worker.ask_per_request(&requests, publish);
        })
    }

    /// The look-ups made so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.totals.read()
    }

    fn start(
        resolver: Arc<Resolver>,
        name: Name,
        work: impl FnOnce(&Worker) + Send + 'static,
    ) -> io::Result<Self> {
        let totals = Arc::new(Totals::default());
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

/// What the thread works with.
struct Worker {
    resolver: Arc<Resolver>,
    name: Name,
    totals: Arc<Totals>,
    signal: StopSignal,
}

impl Worker {
    fn ask_per_ttl(&self, first: Duration, mut publish: impl FnMut(Answer)) {
        let mut delay = first;
        while !self.signal.comes_within(delay) {
            let Some(lookup) = self.look_up() else { return };
            delay = due_after(&lookup);
            if lookup.failure.is_none() {
                publish(Answer {
                    request: None,
                    lookup,
                });
            }
        }
    }

    fn ask_per_request(&self, requests: &Receiver<LookupRequest>, mut publish: impl FnMut(Answer)) {
        while let Some(first) = self.signal.or_next(requests) {
            let mut waiting = vec![first];
            waiting.extend(requests.try_iter());
            let Some(lookup) = self.look_up() else { return };
            for request in waiting {
                publish(Answer {
                    request: Some(request),
                    lookup: Arc::clone(&lookup),
                });
            }
        }
    }

    /// Nothing when told to stop; such a look-up is not counted.
    fn look_up(&self) -> Option<Arc<Lookup>> {
        let Name { host, port } = &self.name;
        let stopped = self.signal.comes();
        let lookup = self.resolver.lookup_unless(host, *port, stopped)?;
        self.totals.add(&lookup);
        Some(Arc::new(lookup))
    }
}

/// How long after `last` the next look-up is due. What has no time to live, like
/// a literal, is as good as a long one.
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
