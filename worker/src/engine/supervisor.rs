//! Replaces the thread of a shard when a script does not return from one native call.
//!
//! Such a call cannot be interrupted: the old thread keeps running at the lowest scheduling priority. Its
//! runs fail and keep what was measured. The new thread takes over the mailbox.

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

/// Polling interval for finished threads during shutdown.
const PERIOD: Duration = Duration::from_millis(5);
/// Maximum wait for room in the event channel of a collector, to send a failure event.
const EVENT_SEND_TIMEOUT: Duration = Duration::from_secs(1);

enum SupervisorEvent {
    /// A run starts. The sender leads to its collector.
    Began(RunKey, Sender<ShardEvent>),
    /// The collector of a run no longer listens.
    Ended(RunKey),
    /// The thread of a shard was retired.
    Retired(usize),
    /// All shards were told to shut down.
    Ending,
}

/// The supervisor of all shard threads.
pub struct Supervisor {
    news: Sender<SupervisorEvent>,
    thread: Option<JoinHandle<()>>,
    retired: Arc<AtomicUsize>,
}

/// Registration of a run with the supervisor. Dropping it removes the run.
pub struct Registered {
    key: RunKey,
    news: Sender<SupervisorEvent>,
}

impl Drop for Registered {
    fn drop(&mut self) {
        // A supervisor that has ended has no runs to remove.
        let _ = self.news.send(SupervisorEvent::Ended(self.key));
    }
}

impl Supervisor {
    /// Starts one thread per shard, each with its mailbox.
    ///
    /// # Errors
    /// Returns an error if the kernel grants no thread.
    pub fn start(driver: Driver, shards: Vec<(Position, Mailbox)>) -> io::Result<Self> {
        let (news, heard) = unbounded();
        let retired = Arc::new(AtomicUsize::new(0));
        let mut staff = ShardThreads {
            driver,
            shards,
            threads: Vec::new(),
            runs: BTreeMap::new(),
            news: news.clone(),
            retired: Arc::clone(&retired),
        };
        for shard in 0..staff.shards.len() {
            staff.start_thread(shard)?;
        }
        let thread = std::thread::Builder::new().name("vayu-supervisor".into());
        let thread = thread.spawn(move || staff.work(&heard))?;
        Ok(Self {
            news,
            thread: Some(thread),
            retired,
        })
    }

    /// Registers a run, which gets a failure event if one of its shards is retired.
    pub fn register(&self, key: RunKey, events: Sender<ShardEvent>) -> Registered {
        let _ = self.news.send(SupervisorEvent::Began(key, events));
        Registered {
            key,
            news: self.news.clone(),
        }
    }

    /// Returns the number of threads retired so far. Each still uses a part of its core.
    pub fn retired(&self) -> usize {
        self.retired.load(Ordering::Relaxed)
    }

    /// Waits for all threads to end, except those that were retired.
    pub fn finish(&mut self) {
        let _ = self.news.send(SupervisorEvent::Ending);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread carries no information that is needed here.
            let _ = thread.join();
        }
    }
}

struct ShardThreads {
    driver: Driver,
    shards: Vec<(Position, Mailbox)>,
    threads: Vec<(Arc<Seat>, JoinHandle<()>)>,
    runs: BTreeMap<RunKey, Sender<ShardEvent>>,
    news: Sender<SupervisorEvent>,
    retired: Arc<AtomicUsize>,
}

impl ShardThreads {
    /// Starts a thread for a shard.
    fn start_thread(&mut self, shard: usize) -> io::Result<()> {
        let (position, mailbox) = &self.shards[shard];
        let news = self.news.clone();
        let seat = Seat::new(shard, move |shard| {
            let _ = news.send(SupervisorEvent::Retired(shard));
        });
        let thread = shard::spawn(*position, self.driver, mailbox.clone(), Arc::clone(&seat))?;
        self.threads.push((seat, thread));
        Ok(())
    }

    fn work(mut self, heard: &Receiver<SupervisorEvent>) {
        loop {
            match heard.recv() {
                Ok(SupervisorEvent::Began(key, events)) => drop(self.runs.insert(key, events)),
                Ok(SupervisorEvent::Ended(key)) => drop(self.runs.remove(&key)),
                Ok(SupervisorEvent::Retired(shard)) => self.replace(shard),
                Ok(SupervisorEvent::Ending) | Err(_) => break,
            }
        }
        while self.threads.iter().any(|(_, thread)| !thread.is_finished()) {
            match heard.recv_timeout(PERIOD) {
                Ok(SupervisorEvent::Retired(_)) => self.forget_retired(),
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn replace(&mut self, shard: usize) {
        self.retired.fetch_add(1, Ordering::Relaxed);
        self.forget_retired();
        let mut reason = format!(
            "shard {shard} failed: a script blocks its thread in a native call that cannot be interrupted; the thread was replaced"
        );
        if let Err(error) = self.start_thread(shard) {
            reason = format!("{reason}; starting a replacement thread failed: {error}");
        }
        for events in self.runs.values() {
            let event = ShardEvent::Failed {
                shard,
                reason: reason.clone(),
            };
            // The collector may be gone; the event is not needed then.
            let _ = events.send_timeout(event, EVENT_SEND_TIMEOUT);
        }
    }

    /// Stops tracking retired threads and gives the cores to their successors.
    fn forget_retired(&mut self) {
        self.threads.retain(|(seat, _)| {
            let is_retired = seat.is_retired();
            if is_retired {
                lower_priority(seat.tid());
            }
            !is_retired
        });
    }
}

/// Gives a thread the lowest priority (nice 19), so that it runs almost only when its core is idle.
fn lower_priority(tid: u32) {
    const LEAST: i32 = 19;
    let thread = i32::try_from(tid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    // On Linux the priority belongs to the thread. Lowering it is permitted everywhere; if it failed, both
    // threads would share the core equally.
    let _ = rustix::process::setpriority_process(thread, LEAST);
}
