//! What Ctrl-C and a polite kill do: the run ends early, and is still reported.
//! Who asks again does not want to wait for that.

use std::task::Poll;

use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a command that was interrupted (128 + SIGINT).
const INTERRUPTED: i32 = 130;

/// Calls `stop` at the first SIGINT or SIGTERM, from a thread of its own, and
/// ends the process at the second.
///
/// # Errors
/// When the system grants no handler or thread.
pub fn on_interrupt(stop: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut interrupts, mut terminations) = {
        let _context = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        )
    };
    std::thread::Builder::new()
        .name("vayu-signals".into())
        .spawn(move || {
            let mut wait = || {
                runtime.block_on(std::future::poll_fn(|context| {
                    let asked = interrupts.poll_recv(context).is_ready();
                    if asked | terminations.poll_recv(context).is_ready() {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                }));
            };
            wait();
            stop();
            wait();
            std::process::exit(INTERRUPTED);
        })?;
    Ok(())
}
