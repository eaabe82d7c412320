//! The engine: spawns the shards, starts and stops runs on them, ends them.
//!
//! It has no opinion on what is measured; whoever started a run reads its
//! events and merges them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use vayu_shared::message::{Addresses, LookupRequest, RunKey, ShardEvent};
use vayu_shared::plan::Plan;
use vayu_shared::snapshot::Delta;
use vayu_shared::units::{MILLISECOND, Nanos};

use crate::clock;
use crate::command::{Command, Start};
use crate::runtime::Driver;
use crate::shard::{self, Mailbox, Position, Postbox};
use crate::tls_setup::TlsSetup;

pub use crate::shard::ShardThread;

/// Time between the command and a run's epoch, so that all shards are ready.
const EPOCH_LEAD: Nanos = 10 * MILLISECOND;
/// Events of one run that may wait for the collector, per shard.
const EVENTS_PER_SHARD: usize = 16;

/// Which cores, and how the kernel is spoken to.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// One shard is pinned to each.
    pub cpus: Vec<usize>,
    /// The driver of every shard.
    pub driver: Driver,
}

/// The shards.
pub struct Engine {
    shards: Arc<[Postbox]>,
    threads: Vec<JoinHandle<()>>,
    last_run: AtomicU64,
}

/// A run in progress.
pub struct ActiveRun {
    key: RunKey,
    shards: Arc<[Postbox]>,
    /// When it begins, on the monotonic clock.
    pub epoch: Nanos,
    /// How many shards report.
    pub shard_count: usize,
    /// What the shards report.
    pub events: Receiver<ShardEvent>,
    /// Where emptied deltas go back.
    pub spare: Sender<Box<Delta>>,
}

impl Engine {
    /// Starts one shard per core.
    ///
    /// # Errors
    /// When the kernel grants no thread or descriptor.
    pub fn start(config: &EngineConfig) -> io::Result<Self> {
        let shards = config.cpus.len();
        let (mut postboxes, mut threads) = (Vec::new(), Vec::new());
        for (shard, &cpu) in config.cpus.iter().enumerate() {
            let (postbox, mailbox) = Mailbox::new(cpu)?;
            let position = Position { shard, shards, cpu };
            threads.push(shard::spawn(position, config.driver, mailbox)?);
            postboxes.push(postbox);
        }
        Ok(Self {
            shards: postboxes.into(),
            threads,
            last_run: AtomicU64::new(0),
        })
    }

    /// How many shards there are.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.shards.len()
    }

    /// The shards' threads, in the order of their numbers.
    #[must_use]
    pub fn threads(&self) -> Vec<ShardThread> {
        self.shards.iter().map(Postbox::thread).collect()
    }

    /// Starts a run on all shards. `tls` is how TLS is spoken, where it is;
    /// `lookups` is where names are looked up while the run goes on.
    pub fn begin(
        &self,
        plan: Arc<Plan>,
        tls: Option<Arc<TlsSetup>>,
        lookups: Option<Sender<LookupRequest>>,
    ) -> ActiveRun {
        let run = self.last_run.fetch_add(1, Ordering::Relaxed) + 1;
        let room = self.shards.len() * EVENTS_PER_SHARD;
        let (events, received) = bounded(room);
        let (returned, spare) = bounded(room);
        let epoch = clock::now() + EPOCH_LEAD;
        for postbox in &*self.shards {
            postbox.post(Command::Start(Start {
                run,
                plan: Arc::clone(&plan),
                tls: tls.clone(),
                lookups: lookups.clone(),
                epoch,
                events: events.clone(),
                spare: spare.clone(),
            }));
        }
        ActiveRun {
            key: run,
            shards: Arc::clone(&self.shards),
            epoch,
            shard_count: self.shards.len(),
            events: received,
            spare: returned,
        }
    }
}

impl Drop for Engine {
    /// Ends the shards; runs that still go on lose their events' sender, which
    /// their collector notices.
    fn drop(&mut self) {
        self.shards
            .iter()
            .for_each(|postbox| postbox.post(Command::Shutdown));
        for thread in self.threads.drain(..) {
            // A shard catches its own panics; there is nothing to learn here.
            let _ = thread.join();
        }
    }
}

impl ActiveRun {
    /// What stops the run and brings it news, from anywhere.
    #[must_use]
    pub fn handle(&self) -> RunHandle {
        RunHandle {
            key: self.key,
            shards: Arc::clone(&self.shards),
        }
    }
}

/// Speaks to the shards of one run.
#[derive(Clone)]
pub struct RunHandle {
    key: RunKey,
    shards: Arc<[Postbox]>,
}

impl RunHandle {
    /// Has the run issue nothing more and end within its graceful bound.
    pub fn stop(&self) {
        self.shards
            .iter()
            .for_each(|postbox| postbox.post(Command::Stop(self.key)));
    }

    /// Hands addresses to one shard, or to all.
    pub fn tell_addresses(&self, shard: Option<usize>, news: &Addresses) {
        let shards = self.shards.iter().enumerate();
        for (_, postbox) in shards.filter(|(index, _)| shard.is_none_or(|one| one == *index)) {
            postbox.post(Command::Addresses(self.key, news.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
