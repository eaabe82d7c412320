//! Script state of one virtual user.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

use crate::script::Scopes;

/// Script state of one virtual user.
pub struct VuScripts {
    number: u64,
    iteration: Cell<u64>,
    /// Its variables; `None` while they are lent.
    scopes: Cell<Option<Box<Scopes>>>,
}

impl VuScripts {
    /// Creates the state of virtual user `number`, from one, with initial variables.
    pub fn new(number: u64, scopes: Scopes) -> Self {
        Self {
            number,
            iteration: Cell::new(0),
            scopes: Cell::new(Some(Box::new(scopes))),
        }
    }

    /// Begins its next iteration on a shard.
    pub fn begin(&self, shard: usize) {
        let iteration = self.iteration.get();
        self.iteration.set(iteration + 1);
        self.variables().numbers = Some([iteration, self.number, shard as u64]);
    }

    /// Lends its variables until the borrow ends.
    pub fn variables(&self) -> Lent<'_> {
        let scopes = self.scopes.take();
        debug_assert!(scopes.is_some(), "variables are lent once at a time");
        Lent {
            from: &self.scopes,
            scopes: Some(scopes.unwrap_or_default()),
        }
    }
}

/// The variables of a virtual user. They are returned to it on drop.
pub struct Lent<'a> {
    from: &'a Cell<Option<Box<Scopes>>>,
    /// Present until they are returned. An option, because an empty box would need an allocation.
    scopes: Option<Box<Scopes>>,
}

const LENT: &str = "variables are there until they go back";

impl Deref for Lent<'_> {
    type Target = Scopes;

    fn deref(&self) -> &Scopes {
        self.scopes.as_deref().expect(LENT)
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Scopes {
        self.scopes.as_deref_mut().expect(LENT)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.from.set(self.scopes.take());
    }
}
