//! What Ctrl-C and a polite kill do: the run ends early, and is still reported.

use std::task::Poll;

use tokio::signal::unix::{SignalKind, signal};

/// Calls `stop` at the first SIGINT or SIGTERM, from a thread of its own.
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
            runtime.block_on(std::future::poll_fn(|context| {
                let asked = interrupts.poll_recv(context).is_ready();
                if asked | terminations.poll_recv(context).is_ready() {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            }));
            stop();
        })?;
    Ok(())
}
