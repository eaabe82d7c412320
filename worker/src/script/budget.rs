//! What scripts hold outside of QuickJS: variables, lines of the console, results of tests, requests to be sent. It
//! counts against the same limit as QuickJS's own memory, which gets what is left of it.
//!
//! Copies that live for the length of one call are not counted: each is of something that is.

use std::cell::Cell;

use rquickjs::{Ctx, Error, Result, qjs};
use vayu_shared::template::Variables;

use super::pm_host::Shared;
use super::state::State;

impl State {
    /// Bytes that are held now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.scopes.bytes().saturating_add(self.told)
    }

    /// Bytes that QuickJS may have at the beginning of an event, where those are others than it has.
    pub fn other_heap(&mut self) -> Option<usize> {
        // None at all would mean no limit to QuickJS.
        let room = self.room().max(1);
        (std::mem::replace(&mut self.heap, room) != room).then_some(room)
    }

    /// What is left of the limit.
    fn room(&self) -> usize {
        self.memory.saturating_sub(self.held())
    }
}

/// Makes sure that so many more bytes can be held.
///
/// # Errors
/// As QuickJS's own, where there is no room.
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

/// Counts bytes that are told to the state in this event.
///
/// # Errors
/// As of [`require_room`].
pub fn charge(ctx: &Ctx<'_>, shared: &Shared, bytes: usize) -> Result<()> {
    require_room(ctx, shared, bytes)?;
    shared.borrow_mut().told += bytes;
    Ok(())
}

fn exhausted(ctx: &Ctx<'_>) -> Error {
    // SAFETY: the context is alive.
    unsafe { qjs::JS_ThrowOutOfMemory(ctx.as_raw().as_ptr()) };
    Error::Exception
}

/// Variables for a text that is to be written with their values, which together are no longer than a limit.
pub struct Metered<'a> {
    variables: &'a dyn Variables,
    left: Cell<Option<usize>>,
}

impl<'a> Metered<'a> {
    /// Of these, with as much room as the state has.
    pub fn new(variables: &'a dyn Variables, state: &State) -> Self {
        Self {
            variables,
            left: Cell::new(Some(state.room())),
        }
    }

    /// The text, unless it would have been too long.
    ///
    /// # Errors
    /// As of [`require_room`].
    pub fn checked(&self, ctx: &Ctx<'_>, text: String) -> Result<String> {
        match self.left.get() {
            Some(_) => Ok(text),
            None => Err(exhausted(ctx)),
        }
    }
}

impl Variables for Metered<'_> {
    /// A value; an empty one once there is no room, so that no more is written.
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
