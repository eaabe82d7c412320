//! How commands reach a shard that sleeps in its ring: a channel, and an event
//! descriptor that wakes the reader.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, unbounded};
use rustix::event::{EventfdFlags, eventfd};

use crate::command::Command;
use crate::runtime::Pollable;

/// The engine's end.
pub struct Postbox {
    commands: Sender<Command>,
    bell: Arc<OwnedFd>,
}

/// The shard's end, before it is watched by a runtime.
pub struct Mailbox {
    commands: Receiver<Command>,
    bell: Arc<OwnedFd>,
}

/// The shard's end, watched by its runtime.
pub struct Inbox {
    commands: Receiver<Command>,
    bell: Pollable,
}

impl Mailbox {
    /// Both ends of a new mailbox.
    ///
    /// # Errors
    /// When the kernel grants no event descriptor.
    pub fn new() -> io::Result<(Postbox, Self)> {
        let bell = Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?);
        let (sender, receiver) = unbounded();
        let postbox = Postbox {
            commands: sender,
            bell: Arc::clone(&bell),
        };
        Ok((
            postbox,
            Self {
                commands: receiver,
                bell,
            },
        ))
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
