//! Pool of a few read-only connections.
//!
//! Connections are opened on first use and kept. There is no helper thread: the pool is a channel of slots.
//! If all slots are taken, a caller waits for a limited time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::prelude::*;

use super::connection::open_reader;
use super::error::StoreError;

const READERS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(10);

/// `None` until the slot is used for the first time.
type Slot = Option<SqliteConnection>;

pub(super) struct Readers {
    path: PathBuf,
    give_back: Sender<Slot>,
    free: Receiver<Slot>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        let (give_back, free) = bounded(READERS);
        for _ in 0..READERS {
            give_back.send(None).expect("the channel has room for all");
        }
        Self {
            path: path.to_owned(),
            give_back,
            free,
        }
    }

    /// Runs `query` on a connection from the pool.
    pub(super) fn read<T>(
        &self,
        query: impl FnOnce(&mut SqliteConnection) -> QueryResult<T>,
    ) -> Result<T, StoreError> {
        let mut loan = self.lend()?;
        if loan.slot.is_none() {
            loan.slot = Some(open_reader(&self.path)?);
        }
        let connection = loan.slot.as_mut().expect("it was opened above");
        Ok(query(connection)?)
    }

    fn lend(&self) -> Result<Loan<'_>, StoreError> {
        let slot = self
            .free
            .recv_timeout(PATIENCE)
            .map_err(|_| StoreError::Busy)?;
        Ok(Loan {
            give_back: &self.give_back,
            slot,
        })
    }
}

/// Returns the slot when dropped, so that a panic in a query does not lose it.
struct Loan<'a> {
    give_back: &'a Sender<Slot>,
    slot: Slot,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.give_back
            .send(self.slot.take())
            .expect("the slot's place in the channel is still free");
    }
}
