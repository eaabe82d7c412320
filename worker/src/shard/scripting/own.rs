//! What the scripts of one virtual user have for themselves.

use std::cell::Cell;

use crate::script::Scopes;

/// See the module.
pub struct VuScripts {
    number: u64,
    iteration: Cell<u64>,
    /// Its variables; taken out while they are in use.
    scopes: Cell<Option<Box<Scopes>>>,
}

impl VuScripts {
    /// The virtual user of this number, from one, with what it begins with.
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
        let mut scopes = self.take();
        scopes.numbers = Some([iteration, self.number, shard as u64]);
        self.put(scopes);
    }

    /// Takes its variables out, to be put back.
    pub fn take(&self) -> Box<Scopes> {
        self.scopes.take().unwrap_or_default()
    }

    /// Puts its variables back.
    pub fn put(&self, scopes: Box<Scopes>) {
        self.scopes.set(Some(scopes));
    }
}
