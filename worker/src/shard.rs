//! One shard: a pinned thread with its own runtime that executes its share of every run.
//!
//! The thread lives as long as the engine. When idle it sleeps in the kernel; a command wakes it. A panic
//! ends the runs on the shard with a reason, and the shard restarts. If a script does not return, a new
//! thread replaces the shard's thread.

mod arrival;
mod attempt;
mod dispatch;
mod growth;
mod mailbox;
mod opening;
mod origin;
mod recorder;
mod run;
mod scripting;
mod single;
mod singles;
mod slot;
mod vu;
mod workload;

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::Sender;
use vayu_shared::message::{RunKey, ShardEvent};

use crate::command::{Command, Start};
use crate::runtime::{self, Driver};
use crate::scheduling;
use crate::seat::Seat;
use run::ShardRun;
use singles::Singles;

pub use arrival::Arrival;
pub use mailbox::{Mailbox, MailboxSender, ShardThread};
pub use recorder::{Recorder, Stamps};

/// Number and core of a shard.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Shard number, from zero.
    pub shard: usize,
    /// Number of shards.
    pub shards: usize,
    /// Core that the shard is pinned to.
    pub cpu: usize,
}

/// Starts the thread of a shard.
///
/// # Errors
/// Returns an error if the kernel grants no thread.
pub fn spawn(
    position: Position,
    driver: Driver,
    mailbox: Mailbox,
    seat: Arc<Seat>,
) -> io::Result<JoinHandle<()>> {
    let name = format!("vayu-shard-{}", position.shard);
    std::thread::Builder::new().name(name).spawn(move || {
        core_affinity::set_for_current(core_affinity::CoreId { id: position.cpu });
        // Without kernel support, wake-ups are slightly later.
        let _ = scheduling::shorten_slice();
        seat.take();
        mailbox.settle();
        serve(position, driver, &Arc::new(mailbox), &seat);
    })
}

/// Runs the shard, and restarts it after a panic, until it is shut down or retired.
fn serve(position: Position, driver: Driver, mailbox: &Arc<Mailbox>, seat: &Seat) {
    loop {
        let active = Active::default();
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            runtime::run(driver, obey(position, Arc::clone(mailbox), active.clone()))
        }));
        let reason = match attempt {
            Ok(Ok(())) => return,
            Ok(Err(error)) => format!("creating the io_uring instance failed: {error}"),
            // The supervisor has notified its runs, and another thread has the mailbox.
            Err(_) if seat.is_retired() => return,
            Err(panic) => format!("shard {} failed: {}", position.shard, panic_text(&*panic)),
        };
        active.fail_all(position.shard, &reason);
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown panic")
}

/// Executes commands until told to shut down.
async fn obey(position: Position, mailbox: Arc<Mailbox>, active: Active) {
    let inbox = mailbox.open().expect("an event descriptor can be watched");
    let runs: Rc<RefCell<BTreeMap<RunKey, Rc<ShardRun>>>> = Rc::default();
    let singles = Singles::default();
    loop {
        match inbox.next().await {
            Command::Start(start) => begin(position, start, &runs, &active),
            Command::Stop(key) => {
                if let Some(run) = runs.borrow().get(&key) {
                    run.stop();
                }
            }
            Command::Addresses(key, news) => {
                if let Some(run) = runs.borrow().get(&key) {
                    run.origin(news.origin).names.update(news);
                }
            }
            Command::Token(key, token) => {
                if let Some(run) = runs.borrow().get(&key) {
                    run.workload().renew(&token);
                }
            }
            Command::ScriptReply(key, reply) => {
                let run = runs.borrow().get(&key).cloned();
                if let Some(scripts) = run.as_ref().and_then(|run| run.scripts()) {
                    scripts.sends().reply(reply);
                }
            }
            Command::Single(single) => singles.begin(single),
            Command::Cancel(key) => singles.cancel(key),
            Command::Answer(shard, answers) => {
                // The caller may have stopped waiting.
                let _ = answers.try_send(shard);
            }
            Command::Shutdown => return,
            #[cfg(test)]
            Command::Panic => panic!("on purpose"),
        }
    }
}

fn begin(
    position: Position,
    start: Start,
    runs: &Rc<RefCell<BTreeMap<RunKey, Rc<ShardRun>>>>,
    active: &Active,
) {
    let (key, events) = (start.run, start.events.clone());
    active.add(key, events.clone());
    let run = match ShardRun::new(position, start) {
        Ok(run) => Rc::new(run),
        Err(error) => {
            let reason = format!("shard {}: creating a timer failed: {error}", position.shard);
            active.remove(key);
            let _ = events.try_send(ShardEvent::Failed {
                shard: position.shard,
                reason,
            });
            return;
        }
    };
    runs.borrow_mut().insert(key, Rc::clone(&run));
    let (runs, active) = (Rc::clone(runs), active.clone());
    runtime::spawn(async move {
        run.drive().await;
        runs.borrow_mut().remove(&key);
        active.remove(key);
    });
}

/// The active runs on the shard and their event channels, for reporting a failure. Lives outside the runtime,
/// so that it survives a panic inside.
#[derive(Clone, Default)]
struct Active(Rc<RefCell<BTreeMap<RunKey, Sender<ShardEvent>>>>);

impl Active {
    fn add(&self, key: RunKey, events: Sender<ShardEvent>) {
        self.0.borrow_mut().insert(key, events);
    }

    fn remove(&self, key: RunKey) {
        self.0.borrow_mut().remove(&key);
    }

    fn fail_all(&self, shard: usize, reason: &str) {
        for events in std::mem::take(&mut *self.0.borrow_mut()).into_values() {
            let event = ShardEvent::Failed {
                shard,
                reason: reason.to_owned(),
            };
            // Not on the hot path, so blocking until there is room is acceptable. A collector may be gone.
            let _ = events.send(event);
        }
    }
}
