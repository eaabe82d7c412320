//! The engine: spawns the shards, starts and stops runs on them, and shuts them down.
//!
//! It does not evaluate measurements. The caller that started a run reads its events and merges them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use vayu_shared::message::{Addresses, LookupRequest, RunKey, ShardEvent};
use vayu_shared::plan::Plan;
use vayu_shared::request::signing::RunToken;
use vayu_shared::snapshot::Delta;
use vayu_shared::units::{MILLISECOND, Nanos};

use crate::clock;
use crate::command::{Command, Single, SingleKey, Start};
use crate::descriptors;
use crate::net::Fence;
use crate::runtime::Driver;
use crate::script::watchdog;
use crate::script::{ScriptPlan, ScriptReply, ScriptSend};
use crate::shard::{Mailbox, MailboxSender, Position};
use crate::single::{SingleExchange, SingleOutcome};
use crate::tls_setup::TlsSetup;

mod supervisor;

use supervisor::{Registered, Supervisor};

pub use crate::shard::ShardThread;

/// Time between the command and a run's epoch, so that all shards are ready.
const EPOCH_LEAD: Nanos = 10 * MILLISECOND;
/// Like [`EPOCH_LEAD`], for runs with scripts: each shard first creates a script context.
const SCRIPTED_LEAD: Nanos = 40 * MILLISECOND;
/// Capacity of a run's event channel, per shard.
const EVENTS_PER_SHARD: usize = 16;

/// Cores and kernel interface of an engine.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Cores. One shard is pinned to each.
    pub cpus: Vec<usize>,
    /// I/O driver of every shard.
    pub driver: Driver,
    /// Restricts the addresses that connections may use.
    pub fence: Arc<Fence>,
}

/// The running shards.
pub struct Engine {
    shards: Arc<[MailboxSender]>,
    supervisor: Supervisor,
    last_run: AtomicU64,
    last_single: AtomicU64,
    fence: Arc<Fence>,
}

/// What a run needs in addition to its plan. Empty for most runs.
#[derive(Clone, Default)]
pub struct Needs {
    /// TLS setup of each origin; `None` for plain HTTP. Trailing origins without TLS may be missing.
    pub tls: Vec<Option<Arc<TlsSetup>>>,
    /// Takes DNS lookups while the run is active.
    pub lookups: Option<Sender<LookupRequest>>,
    /// Scripts that run before and after each request.
    pub scripts: Option<Arc<ScriptPlan>>,
    /// Takes the requests that scripts send.
    pub sends: Option<Sender<ScriptSend>>,
}

/// A run in progress.
pub struct ActiveRun {
    key: RunKey,
    shards: Arc<[MailboxSender]>,
    /// Start of the run on the monotonic clock.
    pub epoch: Nanos,
    /// Number of shards that report.
    pub shard_count: usize,
    /// Events of the shards.
    pub events: Receiver<ShardEvent>,
    /// Takes emptied deltas back.
    pub spare: Sender<Box<Delta>>,
    _registered: Registered,
}

impl Engine {
    /// Starts one shard per core.
    ///
    /// # Errors
    /// Returns an error if the kernel grants no thread or descriptor.
    pub fn start(config: &EngineConfig) -> io::Result<Self> {
        watchdog::start();
        descriptors::reserve();
        let shards = config.cpus.len();
        let (mut postboxes, mut mailboxes) = (Vec::new(), Vec::new());
        for (shard, &cpu) in config.cpus.iter().enumerate() {
            let (postbox, mailbox) = Mailbox::new(cpu)?;
            mailboxes.push((Position { shard, shards, cpu }, mailbox));
            postboxes.push(postbox);
        }
        Ok(Self {
            shards: postboxes.into(),
            supervisor: Supervisor::start(config.driver, mailboxes)?,
            last_run: AtomicU64::new(0),
            last_single: AtomicU64::new(0),
            fence: Arc::clone(&config.fence),
        })
    }

    /// Returns the number of shards.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.shards.len()
    }

    /// Returns the threads of the shards, ordered by shard number.
    #[must_use]
    pub fn threads(&self) -> Vec<ShardThread> {
        self.shards.iter().map(MailboxSender::thread).collect()
    }

    /// Returns the number of threads that were retired because a script did not return. Each still uses a
    /// part of its core.
    #[must_use]
    pub fn retired_threads(&self) -> usize {
        self.supervisor.retired()
    }

    /// Returns the numbers of the shards that do not answer a command within `patience`. Blocks for up to
    /// that time.
    #[must_use]
    pub fn unresponsive_shards(&self, patience: Duration) -> Vec<usize> {
        let (answers, answered) = bounded(self.shards.len());
        for (shard, postbox) in self.shards.iter().enumerate() {
            postbox.post(Command::Answer(shard, answers.clone()));
        }
        drop(answers);
        let mut silent: Vec<usize> = (0..self.shards.len()).collect();
        let deadline = Instant::now() + patience;
        while let Ok(shard) = answered.recv_deadline(deadline) {
            silent.retain(|other| *other != shard);
        }
        silent
    }

    /// Returns the rules for addresses that connections may use.
    #[must_use]
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    /// Starts a run on all shards. `needs` is what it needs in addition to its plan.
    pub fn begin(&self, plan: Arc<Plan>, needs: Needs) -> ActiveRun {
        let run = self.last_run.fetch_add(1, Ordering::Relaxed) + 1;
        let room = self.shards.len() * EVENTS_PER_SHARD;
        let (events, received) = bounded(room);
        let (returned, spare) = bounded(room);
        let lead = match needs.scripts {
            Some(_) => SCRIPTED_LEAD,
            None => EPOCH_LEAD,
        };
        let registered = self.supervisor.register(run, events.clone());
        let epoch = clock::now() + lead;
        for postbox in &*self.shards {
            postbox.post(Command::Start(Start {
                run,
                plan: Arc::clone(&plan),
                tls: needs.tls.clone(),
                lookups: needs.lookups.clone(),
                scripts: needs.scripts.clone(),
                sends: needs.sends.clone(),
                fence: Arc::clone(&self.fence),
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
            _registered: registered,
        }
    }
}

impl Engine {
    /// Starts a single exchange on one of the shards, in round-robin order. `reply` gets the outcome on the
    /// shard's thread; it is dropped if the exchange is cancelled or the shard fails.
    pub fn exchange(
        &self,
        order: SingleExchange,
        reply: impl FnOnce(io::Result<SingleOutcome>) + Send + 'static,
    ) -> SingleHandle {
        let key = self.last_single.fetch_add(1, Ordering::Relaxed) + 1;
        let shard = key as usize % self.shards.len();
        self.shards[shard].post(Command::Single(Single {
            key,
            order: Box::new(order),
            fence: Arc::clone(&self.fence),
            reply: Box::new(reply),
        }));
        SingleHandle {
            key,
            shard,
            shards: Arc::clone(&self.shards),
        }
    }
}

/// A single exchange. Dropping the handle before the end cancels it.
pub struct SingleHandle {
    key: SingleKey,
    shard: usize,
    shards: Arc<[MailboxSender]>,
}

impl Drop for SingleHandle {
    fn drop(&mut self) {
        self.shards[self.shard].post(Command::Cancel(self.key));
    }
}

impl Drop for Engine {
    /// Shuts down all shards except those that a script blocks. Active runs lose the sender of their events,
    /// which their collector notices.
    fn drop(&mut self) {
        self.shards
            .iter()
            .for_each(|postbox| postbox.post(Command::Shutdown));
        self.supervisor.finish();
    }
}

impl ActiveRun {
    /// Returns a handle that stops the run and delivers updates to it from any thread.
    #[must_use]
    pub fn handle(&self) -> RunHandle {
        RunHandle {
            key: self.key,
            shards: Arc::clone(&self.shards),
        }
    }
}

/// Sends commands for one run to its shards.
#[derive(Clone)]
pub struct RunHandle {
    key: RunKey,
    shards: Arc<[MailboxSender]>,
}

impl RunHandle {
    /// Stops the run: it issues no more requests and ends within its graceful bound.
    pub fn stop(&self) {
        self.shards
            .iter()
            .for_each(|postbox| postbox.post(Command::Stop(self.key)));
    }

    /// Delivers the outcome of a script's request to the shard that sent it.
    pub fn deliver_script_reply(&self, shard: usize, reply: ScriptReply) {
        if let Some(postbox) = self.shards.get(shard) {
            postbox.post(Command::ScriptReply(self.key, reply));
        }
    }

    /// Replaces the token that signs requests.
    pub fn set_token(&self, token: &RunToken) {
        self.shards
            .iter()
            .for_each(|postbox| postbox.post(Command::Token(self.key, token.clone())));
    }

    /// Delivers addresses to one shard, or to all if `shard` is `None`.
    pub fn deliver_addresses(&self, shard: Option<usize>, news: &Addresses) {
        let shards = self.shards.iter().enumerate();
        for (_, postbox) in shards.filter(|(index, _)| shard.is_none_or(|one| one == *index)) {
            postbox.post(Command::Addresses(self.key, news.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
