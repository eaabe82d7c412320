//! Options that exclude each other: one of them would be without effect, so both
//! together are refused, with what to do. It knows tables of options, not the options.

use super::Usage;

/// Two options that exclude each other.
#[derive(Clone, Copy, Debug)]
pub struct Exclusive {
    /// As they are typed.
    pub options: [&'static str; 2],
    /// Why one would be without effect, and what to do; reads on after a semicolon.
    pub remedy: &'static str,
}

/// Refuses the first pair of which both are given.
///
/// # Errors
/// A usage error that names both options and the remedy.
pub fn refuse(table: &[Exclusive], given: impl Fn(&str) -> bool) -> Result<(), Usage> {
    let both = |pair: &&Exclusive| pair.options.into_iter().all(&given);
    let Some(Exclusive { options, remedy }) = table.iter().find(both) else {
        return Ok(());
    };
    let [one, other] = options;
    Err(Usage(format!(
        "{one} cannot be used with {other}: {remedy}"
    )))
}
