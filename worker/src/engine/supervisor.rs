//! Takes a shard's thread out of service when a script does not return from one native call, and
//! puts another in its place.
//!
//! Such a call cannot be ended: the thread is left alone, with as little of its core as can be. Its
//! runs fail and keep what was measured; the mailbox goes to the new thread.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use vayu_shared::message::{RunKey, ShardEvent};

use crate::runtime::Driver;
use crate::seat::Seat;
use crate::shard::{self, Mailbox, Position};

/// How often it looks for threads that have ended, once all are to end.
const PERIOD: Duration = Duration::from_millis(5);
/// How long a collector may take to make room for the news that a shard failed.
const PATIENCE: Duration = Duration::from_secs(1);

enum News {
    /// A run begins; its collector listens there.
    Began(RunKey, Sender<ShardEvent>),
    /// Its collector listens no more.
    Ended(RunKey),
    /// The thread of a shard was retired.
    Retired(usize),
    /// All shards were told to end.
    Ending,
}

/// See the module.
pub struct Supervisor {
    news: Sender<News>,
    thread: Option<JoinHandle<()>>,
    retired: Arc<AtomicUsize>,
}

/// A run that the supervisor knows of until this is dropped.
pub struct Registered {
    key: RunKey,
    news: Sender<News>,
}

impl Drop for Registered {
    fn drop(&mut self) {
        // A supervisor that is gone knows no runs.
        let _ = self.news.send(News::Ended(self.key));
    }
}

impl Supervisor {
    /// Starts the threads of shards, each on its mailbox.
    ///
    /// # Errors
    /// When the kernel grants no thread.
    pub fn start(driver: Driver, shards: Vec<(Position, Mailbox)>) -> io::Result<Self> {
        let (news, heard) = unbounded();
        let retired = Arc::new(AtomicUsize::new(0));
        let mut staff = Staff {
            driver,
            shards,
            threads: Vec::new(),
            runs: BTreeMap::new(),
            news: news.clone(),
            retired: Arc::clone(&retired),
        };
        for shard in 0..staff.shards.len() {
            staff.hire(shard)?;
        }
        let thread = std::thread::Builder::new().name("vayu-supervisor".into());
        let thread = thread.spawn(move || staff.work(&heard))?;
        Ok(Self {
            news,
            thread: Some(thread),
            retired,
        })
    }

    /// Has a run be told when one of its shards is retired.
    pub fn register(&self, key: RunKey, events: Sender<ShardEvent>) -> Registered {
        let _ = self.news.send(News::Began(key, events));
        Registered {
            key,
            news: self.news.clone(),
        }
    }

    /// How many threads were retired so far; each still has a part of its core.
    pub fn retired(&self) -> usize {
        self.retired.load(Ordering::Relaxed)
    }

    /// Waits for the threads to end, but for those that were retired.
    pub fn finish(&mut self) {
        let _ = self.news.send(News::Ending);
        if let Some(thread) = self.thread.take() {
            // Its panics are its own; there is nothing to learn here.
            let _ = thread.join();
        }
    }
}

struct Staff {
    driver: Driver,
    shards: Vec<(Position, Mailbox)>,
    threads: Vec<(Arc<Seat>, JoinHandle<()>)>,
    runs: BTreeMap<RunKey, Sender<ShardEvent>>,
    news: Sender<News>,
    retired: Arc<AtomicUsize>,
}

impl Staff {
    /// Puts a thread on the seat of a shard.
    fn hire(&mut self, shard: usize) -> io::Result<()> {
        let (position, mailbox) = &self.shards[shard];
        let news = self.news.clone();
        let seat = Seat::new(shard, move |shard| {
            let _ = news.send(News::Retired(shard));
        });
        let thread = shard::spawn(*position, self.driver, mailbox.clone(), Arc::clone(&seat))?;
        self.threads.push((seat, thread));
        Ok(())
    }

    fn work(mut self, heard: &Receiver<News>) {
        loop {
            match heard.recv() {
                Ok(News::Began(key, events)) => drop(self.runs.insert(key, events)),
                Ok(News::Ended(key)) => drop(self.runs.remove(&key)),
                Ok(News::Retired(shard)) => self.replace(shard),
                Ok(News::Ending) | Err(_) => break,
            }
        }
        while self.threads.iter().any(|(_, thread)| !thread.is_finished()) {
            match heard.recv_timeout(PERIOD) {
                Ok(News::Retired(_)) => self.forget_retired(),
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn replace(&mut self, shard: usize) {
        self.retired.fetch_add(1, Ordering::Relaxed);
        self.forget_retired();
        let mut reason = format!(
            "shard {shard} was retired: a script does not return from one native call, which nothing can end"
        );
        if let Err(error) = self.hire(shard) {
            reason = format!("{reason}; no thread could take its place ({error})");
        }
        for events in self.runs.values() {
            let event = ShardEvent::Failed {
                shard,
                reason: reason.clone(),
            };
            // A collector that is gone does not mind.
            let _ = events.send_timeout(event, PATIENCE);
        }
    }

    /// Leaves retired threads alone, and gives the cores to their successors.
    fn forget_retired(&mut self) {
        self.threads.retain(|(seat, _)| {
            let is_retired = seat.is_retired();
            if is_retired {
                step_back(seat.tid());
            }
            !is_retired
        });
    }
}

/// Has a thread run when nobody else wants its core, more or less.
fn step_back(tid: u32) {
    const LEAST: i32 = 19;
    let thread = i32::try_from(tid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    // The priority of a process is that of a thread to the kernel. Refused nowhere; and if it
    // were, the two would share the core evenly.
    let _ = rustix::process::setpriority_process(thread, LEAST);
}
