//! Asks the kernel's scheduler to let a shard in at once when it wakes.
//!
//! The fair scheduler lets a task that wakes pre-empt the running one when its
//! slice is shorter (EEVDF, Linux 6.12 and later). A shard works for microseconds
//! at a time, so it asks for the shortest slice there is; that needs no privilege
//! and takes no time away from anybody. See `docs/decisions/0006`.

use std::io;

/// Shortest slice the kernel grants, in nanoseconds.
const SHORTEST_SLICE_NS: u64 = 100_000;

/// Gives this thread the shortest slice.
///
/// # Errors
/// The kernel's, where it knows no such setting; older ones take it and ignore it.
pub fn shorten_slice() -> io::Result<()> {
    // SAFETY: the struct is plain data, for which all zeros are valid.
    let mut attributes: libc::sched_attr = unsafe { std::mem::zeroed() };
    attributes.size = size_of::<libc::sched_attr>() as u32;
    attributes.sched_policy = libc::SCHED_OTHER as u32;
    attributes.sched_nice = current_nice();
    attributes.sched_runtime = SHORTEST_SLICE_NS;
    // SAFETY: the pointer is valid for the call and the struct says its own size;
    // thread 0 is the calling one.
    let result = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// What the user has given the process with `nice` is kept.
fn current_nice() -> i32 {
    // SAFETY: no pointer is involved; -1 may be an error or a value, and both do.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_takes_the_setting() {
        // On a thread of its own: the setting stays with the thread.
        let outcome = std::thread::spawn(|| (current_nice(), shorten_slice(), current_nice()));
        let (before, asked, after) = outcome.join().expect("it does not panic");
        assert!(asked.is_ok(), "{asked:?}");
        assert_eq!(before, after);
    }
}
