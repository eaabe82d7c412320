//! The limits of a script, and the errors of scripts that exceed them.

use vayu_shared::units::{MILLISECOND, Nanos};

use super::ScriptContext;
use crate::script::error::ScriptError;

/// The resource limits of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptLimits {
    /// Maximum time without a pause, in nanoseconds.
    pub time: Nanos,
    /// Maximum memory of one context, in bytes.
    pub memory: usize,
    /// Maximum stack, in bytes.
    pub stack: usize,
}

impl ScriptContext {
    pub(super) fn out_of_time(&mut self) -> ScriptError {
        self.is_fit = false;
        let limit = self.limits.time / MILLISECOND;
        ScriptError::new(format!(
            "the script ran longer than {limit} ms and was stopped"
        ))
    }

    fn out_of_memory(&self) -> String {
        let limit = self.limits.memory / (1024 * 1024);
        format!("the script exceeded the memory limit of {limit} MiB")
    }

    fn is_nearly_full(&self) -> bool {
        let used = self.context.runtime().memory_usage().malloc_size;
        usize::try_from(used).unwrap_or_default() > self.limits.memory / 2
    }

    /// Replaces QuickJS's message for an exceeded limit by an explanation, and marks the context unfit.
    pub(super) fn classify_error(&mut self, error: ScriptError) -> ScriptError {
        let explained = match error.message.as_str() {
            "InternalError: interrupted" => return self.out_of_time(),
            "InternalError: out of memory" => self.out_of_memory(),
            // rquickjs reports this when there is no memory for a copy of a string.
            message if message.ends_with("QuickJS library created a unknown error") => {
                self.out_of_memory()
            }
            // QuickJS throws `null` when there is no memory for an error object. Much of it may be free again
            // by now, so a script that never mentions `null` cannot have thrown it.
            "null" if !self.mentions_null || self.is_nearly_full() => self.out_of_memory(),
            message
                if message.contains("Maximum call stack") || message.contains("stack overflow") =>
            {
                format!("{message}: endless recursion")
            }
            _ => return error,
        };
        self.is_fit = false;
        ScriptError {
            message: explained,
            ..error
        }
    }
}
