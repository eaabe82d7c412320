//! Waiting for an exact instant.
//!
//! A sleeping CPU wakes 40 to 150 µs after its timer has expired; the longer the sleep, the later. The last
//! stretch is therefore not slept: the executor polls until the instant is reached and serves its other
//! connections in each iteration. This costs at most [`POLL_WINDOW`] of CPU time per wait, so only delays that are
//! documented as exact wait here.

use std::time::{Duration, Instant};

use glommio::timer::Timer;

/// How long before the instant to stop sleeping. Exceeds the wake-up latency in nine out of ten cases.
const POLL_WINDOW: Duration = Duration::from_micros(200);

/// The shortest timer. It expires before the executor could sleep, but only after the executor has polled its
/// sockets. A task that only yields would prevent that: glommio polls sockets only when no task is runnable.
const MIN_TIMER: Duration = Duration::from_nanos(200);

/// Waits until `instant`. Lateness is a few microseconds if the CPU is idle.
pub(crate) async fn until(instant: Instant) {
    loop {
        let left = instant.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        Timer::new(left.saturating_sub(POLL_WINDOW).max(MIN_TIMER)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    use glommio::LocalExecutor;

    #[test]
    fn a_wait_never_ends_early() {
        LocalExecutor::default().run(async {
            for micros in [0, 1, 150, 250, 1_000, 3_000] {
                let instant = Instant::now() + Duration::from_micros(micros);
                until(instant).await;
                assert!(Instant::now() >= instant, "{micros} us");
            }
        });
    }

    #[test]
    fn waits_overlap() {
        LocalExecutor::default().run(async {
            let start = Instant::now();
            let instant = start + Duration::from_millis(20);
            let ended = Rc::new(Cell::new(0));
            let tasks: Vec<_> = (0..50)
                .map(|_| {
                    let ended = Rc::clone(&ended);
                    glommio::spawn_local(async move {
                        until(instant).await;
                        ended.set(ended.get() + 1);
                    })
                })
                .collect();
            for task in tasks {
                task.await;
            }
            assert_eq!(ended.get(), 50);
            let taken = start.elapsed();
            assert!(
                taken < Duration::from_millis(500),
                "one after another: {taken:?}"
            );
        });
    }
}
