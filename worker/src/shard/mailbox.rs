//! How commands reach a shard that sleeps in its ring: a channel, and an event
//! descriptor that wakes the reader.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rustix::event::{EventfdFlags, eventfd};

use crate::command::Command;
use crate::runtime::Pollable;

/// The thread of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardThread {
    /// The core it is pinned to.
    pub core: usize,
    /// The kernel's number of the thread.
    pub tid: u32,
}

/// The engine's end.
pub struct Postbox {
    commands: Sender<Command>,
    bell: Arc<OwnedFd>,
    core: usize,
    tid: Arc<Tid>,
}

/// The shard's end, before it is watched by a runtime. A clone is for the thread that takes
/// the place of one that was retired.
#[derive(Clone)]
pub struct Mailbox {
    commands: Receiver<Command>,
    bell: Arc<OwnedFd>,
    tid: Arc<Tid>,
}

/// The kernel's number of the shard's thread.
#[derive(Default)]
struct Tid {
    has_started: OnceLock<()>,
    number: AtomicU32,
}

/// The shard's end, watched by its runtime.
pub struct Inbox {
    commands: Receiver<Command>,
    bell: Pollable,
}

impl Mailbox {
    /// Both ends of a new mailbox, of the shard on `core`.
    ///
    /// # Errors
    /// When the kernel grants no event descriptor.
    pub fn new(core: usize) -> io::Result<(Postbox, Self)> {
        let bell = Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?);
        let (sender, receiver) = unbounded();
        let postbox = Postbox {
            commands: sender,
            bell: Arc::clone(&bell),
            core,
            tid: Arc::default(),
        };
        let tid = Arc::clone(&postbox.tid);
        let mailbox = Self {
            commands: receiver,
            bell,
            tid,
        };
        Ok((postbox, mailbox))
    }

    /// Says on which thread the shard runs: this one.
    pub fn settle(&self) {
        let tid = rustix::thread::gettid().as_raw_nonzero().get();
        self.tid.number.store(tid.unsigned_abs(), Ordering::Release);
        // It has before, where this thread takes the place of another.
        let _ = self.tid.has_started.set(());
    }

    /// Has the current runtime watch the mailbox.
    ///
    /// # Errors
    /// When the kernel grants no descriptor.
    pub fn open(&self) -> io::Result<Inbox> {
        let bell = Pollable::new(self.bell.try_clone()?)?;
        Ok(Inbox {
            commands: self.commands.clone(),
            bell,
        })
    }
}

impl Postbox {
    /// The shard's thread; waits until it has started.
    pub fn thread(&self) -> ShardThread {
        self.tid.has_started.wait();
        ShardThread {
            core: self.core,
            tid: self.tid.number.load(Ordering::Acquire),
        }
    }

    /// Puts a command in and wakes the shard. A shard that has ended does not mind.
    pub fn post(&self, command: Command) {
        if self.commands.send(command).is_ok() {
            // Full means that it rings already.
            let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
        }
    }
}

impl Inbox {
    /// Waits for the next command.
    pub async fn next(&self) -> Command {
        loop {
            if let Ok(command) = self.commands.try_recv() {
                return command;
            }
            // Silence the bell before looking again, so that no ring is lost.
            let mut count = [0; 8];
            if rustix::io::read(self.bell.fd(), &mut count).is_err() {
                let _ = self.bell.readable().await;
            }
        }
    }
}
