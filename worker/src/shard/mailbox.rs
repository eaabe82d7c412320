//! Delivers commands to a shard that sleeps in its ring: a channel, and an eventfd that wakes the reader.

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
    /// Core that it is pinned to.
    pub core: usize,
    /// Kernel thread id.
    pub tid: u32,
}

/// The engine's end of a mailbox.
pub struct MailboxSender {
    commands: Sender<Command>,
    wake_fd: Arc<OwnedFd>,
    core: usize,
    tid: Arc<Tid>,
}

/// The shard's end, before a runtime watches it. It is cloned for the thread that replaces a retired one.
#[derive(Clone)]
pub struct Mailbox {
    commands: Receiver<Command>,
    wake_fd: Arc<OwnedFd>,
    tid: Arc<Tid>,
}

/// Kernel thread id of the shard's thread.
#[derive(Default)]
struct Tid {
    has_started: OnceLock<()>,
    number: AtomicU32,
}

/// The shard's end, watched by its runtime.
pub struct Inbox {
    commands: Receiver<Command>,
    wake_fd: Pollable,
}

impl Mailbox {
    /// Creates both ends of a mailbox for the shard on `core`.
    ///
    /// # Errors
    /// Returns an error if the kernel grants no eventfd.
    pub fn new(core: usize) -> io::Result<(MailboxSender, Self)> {
        let bell = Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?);
        let (sender, receiver) = unbounded();
        let postbox = MailboxSender {
            commands: sender,
            wake_fd: Arc::clone(&bell),
            core,
            tid: Arc::default(),
        };
        let tid = Arc::clone(&postbox.tid);
        let mailbox = Self {
            commands: receiver,
            wake_fd: bell,
            tid,
        };
        Ok((postbox, mailbox))
    }

    /// Records that the shard runs on the calling thread.
    pub fn settle(&self) {
        let tid = rustix::thread::gettid().as_raw_nonzero().get();
        self.tid.number.store(tid.unsigned_abs(), Ordering::Release);
        // Already set if this thread replaces another one.
        let _ = self.tid.has_started.set(());
    }

    /// Registers the mailbox with the current runtime.
    ///
    /// # Errors
    /// Returns an error if the kernel grants no descriptor.
    pub fn open(&self) -> io::Result<Inbox> {
        let bell = Pollable::new(self.wake_fd.try_clone()?)?;
        Ok(Inbox {
            commands: self.commands.clone(),
            wake_fd: bell,
        })
    }
}

impl MailboxSender {
    /// Returns the shard's thread. Waits until it has started.
    pub fn thread(&self) -> ShardThread {
        self.tid.has_started.wait();
        ShardThread {
            core: self.core,
            tid: self.tid.number.load(Ordering::Acquire),
        }
    }

    /// Sends a command and wakes the shard. Does nothing if the shard has ended.
    pub fn post(&self, command: Command) {
        if self.commands.send(command).is_ok() {
            // A full counter means that a wake-up is already pending.
            let _ = rustix::io::write(&self.wake_fd, &1u64.to_ne_bytes());
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
            // Reset the eventfd before checking the channel again, so that no wake-up is lost.
            let mut count = [0; 8];
            if rustix::io::read(self.wake_fd.fd(), &mut count).is_err() {
                let _ = self.wake_fd.readable().await;
            }
        }
    }
}
