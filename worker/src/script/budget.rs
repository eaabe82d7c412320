//! Memory that scripts hold outside of QuickJS: variables, test results, pending requests. It counts against
//! the same limit as QuickJS's own memory, which gets the remainder. Console lines do not count; their number
//! and length are limited instead.
//!
//! Copies that live for one call are not counted, because the original is.

use std::cell::Cell;

use rquickjs::{Ctx, Error, Result, qjs};
use vayu_shared::template::Variables;

use super::state::Shared;
use super::state::State;

impl State {
    /// Bytes held now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.scopes.bytes().saturating_add(self.recorded_bytes)
    }

    /// Returns the heap limit of QuickJS for the next event, `None` if it is unchanged.
    pub fn changed_heap_limit(&mut self) -> Option<usize> {
        // QuickJS treats a limit of 0 as unlimited.
        let room = self.room().max(1);
        (std::mem::replace(&mut self.heap, room) != room).then_some(room)
    }

    /// Bytes left of the limit.
    fn room(&self) -> usize {
        self.memory.saturating_sub(self.held())
    }
}

/// Ensures that `bytes` more bytes can be held.
///
/// # Errors
/// Returns an error if there is no room, with the out-of-memory exception of QuickJS pending.
pub fn require_room(ctx: &Ctx<'_>, shared: &Shared, bytes: usize) -> Result<()> {
    let mut state = shared.borrow_mut();
    let room = state.room();
    if bytes >= room {
        return Err(exhausted(ctx));
    }
    state.heap = room - bytes;
    // SAFETY: the context is alive, and so is its runtime.
    unsafe {
        let runtime = qjs::JS_GetRuntime(ctx.as_raw().as_ptr());
        qjs::JS_SetMemoryLimit(runtime, state.heap as _);
    }
    Ok(())
}

/// Counts bytes that are added to the state in this event.
///
/// # Errors
/// See [`require_room`].
pub fn charge(ctx: &Ctx<'_>, shared: &Shared, bytes: usize) -> Result<()> {
    require_room(ctx, shared, bytes)?;
    shared.borrow_mut().recorded_bytes += bytes;
    Ok(())
}

fn exhausted(ctx: &Ctx<'_>) -> Error {
    // SAFETY: the context is alive.
    unsafe { qjs::JS_ThrowOutOfMemory(ctx.as_raw().as_ptr()) };
    Error::Exception
}

/// Variables for a template, which limit the total length of the values they return.
pub struct Metered<'a> {
    variables: &'a dyn Variables,
    left: Cell<Option<usize>>,
}

impl<'a> Metered<'a> {
    /// Creates them with a limit of the room left in the state.
    pub fn new(variables: &'a dyn Variables, state: &State) -> Self {
        Self {
            variables,
            left: Cell::new(Some(state.room())),
        }
    }

    /// Returns the rendered text, unless the limit was exceeded.
    ///
    /// # Errors
    /// See [`require_room`].
    pub fn checked(&self, ctx: &Ctx<'_>, text: String) -> Result<String> {
        match self.left.get() {
            Some(_) => Ok(text),
            None => Err(exhausted(ctx)),
        }
    }
}

impl Variables for Metered<'_> {
    /// Returns a value, or an empty one once there is no room, so that nothing more is written.
    fn get(&self, name: &str) -> Option<String> {
        let value = self.variables.get(name)?;
        let left = self
            .left
            .get()
            .and_then(|left| left.checked_sub(value.len()));
        self.left.set(left);
        Some(left.map(|_| value).unwrap_or_default())
    }
}
