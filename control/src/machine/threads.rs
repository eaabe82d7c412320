//! Execution and wait time of threads of this process, from `/proc/self/task/TID/schedstat` (proc(5) and the
//! kernel's `sched-stats`).

use std::fs;

use vayu_shared::units::Nanos;

/// The times of one thread since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreadTimes {
    /// Time executing.
    pub on_core: Nanos,
    /// Time ready to run, waiting for a core.
    pub waiting: Nanos,
}

impl ThreadTimes {
    /// Reads the times of the thread `tid`. Returns `None` if the kernel does not provide them.
    #[must_use]
    pub fn read(tid: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/self/task/{tid}/schedstat")).ok()?;
        parse(&text)
    }

    /// Returns the times since `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            on_core: self.on_core.saturating_sub(before.on_core),
            waiting: self.waiting.saturating_sub(before.waiting),
        }
    }
}

fn parse(text: &str) -> Option<ThreadTimes> {
    let mut fields = text.split_whitespace().map(str::parse);
    let on_core = fields.next()?.ok()?;
    let waiting = fields.next()?.ok()?;
    // A kernel without these statistics shows zeros.
    (on_core > 0).then_some(ThreadTimes { on_core, waiting })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_nonsense_is_unknown() {
        let times = ThreadTimes {
            on_core: 1500,
            waiting: 20,
        };
        let table = [
            ("1500 20 3\n", Some(times)),
            ("0 0 0\n", None),
            ("", None),
            ("1500", None),
            ("a b c", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn differences_do_not_wrap() {
        let (early, late) = (parse("5 9 1"), parse("7 8 1"));
        let passed = late.expect("legal").since(early.expect("legal"));
        assert_eq!((passed.on_core, passed.waiting), (2, 0));
    }
}
