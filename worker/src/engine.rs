//! The engine: spawns the shards, starts and stops runs on them, ends them.
//!
//! It has no opinion on what is measured; whoever started a run reads its
//! events and merges them.

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
use crate::shard::{Mailbox, Position, Postbox};
use crate::single::{SingleExchange, SingleOutcome};
use crate::tls_setup::TlsSetup;

mod supervisor;

use supervisor::{Registered, Supervisor};

pub use crate::shard::ShardThread;

/// Time between the command and a run's epoch, so that all shards are ready.
const EPOCH_LEAD: Nanos = 10 * MILLISECOND;
/// The same with scripts, which need a context first.
const SCRIPTED_LEAD: Nanos = 40 * MILLISECOND;
/// Events of one run that may wait for the collector, per shard.
const EVENTS_PER_SHARD: usize = 16;

/// Which cores, and how the kernel is spoken to.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// One shard is pinned to each.
    pub cpus: Vec<usize>,
    /// The driver of every shard.
    pub driver: Driver,
    /// Where no connection may go.
    pub fence: Arc<Fence>,
}

/// The shards.
pub struct Engine {
    shards: Arc<[Postbox]>,
    supervisor: Supervisor,
    last_run: AtomicU64,
    last_single: AtomicU64,
    fence: Arc<Fence>,
}

/// What a run needs beside its plan; most need nothing.
#[derive(Clone, Default)]
pub struct Needs {
    /// How TLS is spoken with each origin, where it is; none are needed for the last ones.
    pub tls: Vec<Option<Arc<TlsSetup>>>,
    /// Where names are looked up while the run goes on.
    pub lookups: Option<Sender<LookupRequest>>,
    /// What runs before and after each request.
    pub scripts: Option<Arc<ScriptPlan>>,
    /// Where requests of scripts are sent from.
    pub sends: Option<Sender<ScriptSend>>,
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
    _registered: Registered,
}

impl Engine {
    /// Starts one shard per core.
    ///
    /// # Errors
    /// When the kernel grants no thread or descriptor.
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

    /// Threads that were shards until a script did not return; each still takes some of its core.
    #[must_use]
    pub fn retired_threads(&self) -> usize {
        self.supervisor.retired()
    }

    /// The shards that take no command within `patience`, by their numbers. Blocks as long.
    #[must_use]
    pub fn silent_shards(&self, patience: Duration) -> Vec<usize> {
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

    /// Where no connection of its may go.
    #[must_use]
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    /// Starts a run on all shards, with what it needs beside its plan.
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
    /// Makes one exchange on one of the shards, which take turns. `reply` gets
    /// what came of it on the shard's thread; it is dropped when the exchange is
    /// given up or the shard fails.
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

/// An exchange on its own; it is given up when this is dropped before its end.
pub struct SingleHandle {
    key: SingleKey,
    shard: usize,
    shards: Arc<[Postbox]>,
}

impl Drop for SingleHandle {
    fn drop(&mut self) {
        self.shards[self.shard].post(Command::Cancel(self.key));
    }
}

impl Drop for Engine {
    /// Ends the shards, but for those that a script does not give back; runs that
    /// still go on lose their events' sender, which their collector notices.
    fn drop(&mut self) {
        self.shards
            .iter()
            .for_each(|postbox| postbox.post(Command::Shutdown));
        self.supervisor.finish();
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

    /// Tells a shard the outcome of a request that a script sent.
    pub fn tell_script(&self, shard: usize, reply: ScriptReply) {
        if let Some(postbox) = self.shards.get(shard) {
            postbox.post(Command::ScriptReply(self.key, reply));
        }
    }

    /// Has requests signed with another token from now on.
    pub fn tell_token(&self, token: &RunToken) {
        self.shards
            .iter()
            .for_each(|postbox| postbox.post(Command::Token(self.key, token.clone())));
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
