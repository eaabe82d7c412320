//! Requests the shortest scheduler time slice, so that a shard runs immediately when it wakes.
//!
//! The fair scheduler lets a waking task preempt the running one if its slice is shorter (EEVDF, Linux 6.12
//! and later). A shard runs for microseconds at a time, so it requests the shortest possible slice. This
//! needs no privilege and takes no CPU time from other tasks. See `docs/decisions/0006`.

use std::io;

/// Shortest slice that the kernel grants, in nanoseconds.
const SHORTEST_SLICE_NS: u64 = 100_000;

/// Sets the shortest slice for this thread.
///
/// # Errors
/// Returns the kernel's error if it does not support the setting. Older kernels accept and ignore it.
pub fn shorten_slice() -> io::Result<()> {
    // SAFETY: `sched_attr` is plain data, for which all zeros are valid.
    let mut attributes: libc::sched_attr = unsafe { std::mem::zeroed() };
    attributes.size = size_of::<libc::sched_attr>() as u32;
    attributes.sched_policy = libc::SCHED_OTHER as u32;
    attributes.sched_nice = current_nice();
    attributes.sched_runtime = SHORTEST_SLICE_NS;
    // SAFETY: the pointer is valid for the call and the struct contains its own size; thread 0 is the calling
    // thread.
    let result = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Returns the nice value of the process, which has to be preserved.
fn current_nice() -> i32 {
    // SAFETY: no pointer is involved. -1 is either an error or a value; both are acceptable.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_takes_the_setting() {
        // On its own thread, because the setting is per thread.
        let outcome = std::thread::spawn(|| (current_nice(), shorten_slice(), current_nice()));
        let (before, asked, after) = outcome.join().expect("it does not panic");
        assert!(asked.is_ok(), "{asked:?}");
        assert_eq!(before, after);
    }
}
