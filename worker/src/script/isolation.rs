//! Which iterations a context serves. Iterations are isolated in one of two ways: a context is replaced after
//! each one, or everything that scripts can reach in it is frozen (`js/pm/isolation.js`). The guess about the
//! scripts only decides which of the two applies.

use super::guess::{Guess, Patching};

/// The iterations that a context serves. See the module documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// One iteration; built-ins may be changed.
    Single,
    /// One iteration, after which [`super::ScriptContext::patched`] states whether built-ins or libraries
    /// were changed.
    Trial,
    /// Any number of iterations; built-ins and libraries are frozen.
    Shared,
}

impl Lifetime {
    /// Returns the lifetime of the first context for scripts.
    #[must_use]
    pub fn first(guess: &Guess) -> Self {
        match guess.patching {
            Patching::Certain => Self::Single,
            Patching::Possible => Self::Trial,
            Patching::Unlikely => Self::Shared,
        }
    }

    /// Returns the lifetime of the contexts that follow one with this lifetime.
    #[must_use]
    pub fn next(self, patched: bool) -> Self {
        match self {
            _ if patched => Self::Single,
            Self::Trial => Self::Shared,
            other => other,
        }
    }
}
