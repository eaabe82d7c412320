//! Mutually exclusive options: one of them would have no effect, so both together are refused with a remedy.
//! This module knows tables of options, not the options themselves.

use super::UsageError;

/// Two mutually exclusive options.
#[derive(Clone, Copy, Debug)]
pub struct Exclusive {
    /// The options as typed.
    pub options: [&'static str; 2],
    /// Why one would have no effect, and what to do. Continues the error message after a colon.
    pub remedy: &'static str,
}

/// Refuses the first pair of which both options are given.
///
/// # Errors
/// Returns a usage error that names both options and the remedy.
pub fn refuse(table: &[Exclusive], given: impl Fn(&str) -> bool) -> Result<(), UsageError> {
    let both = |pair: &&Exclusive| pair.options.into_iter().all(&given);
    let Some(Exclusive { options, remedy }) = table.iter().find(both) else {
        return Ok(());
    };
    let [one, other] = options;
    Err(UsageError(format!(
        "{one} cannot be used with {other}: {remedy}"
    )))
}
