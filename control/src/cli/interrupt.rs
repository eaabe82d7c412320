//! Handling of SIGINT and SIGTERM: the run ends early and is still reported. A second signal ends the process
//! at once.

use std::task::Poll;

use tokio::signal::unix::{SignalKind, signal};

/// Exit code of an interrupted command (128 + SIGINT).
const INTERRUPTED: i32 = 130;

/// Calls `stop` on the first SIGINT or SIGTERM, on a thread of its own, and exits the process on the second.
///
/// # Errors
/// Returns an error if no signal handler or thread can be created.
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
