//! The buffer a connection reads into.
//!
//! It starts small, because most answers are, and most of ten thousand idle
//! connections' memory is these. It grows when a head or a body needs it.

/// Room for a typical head with a small body.
const INITIAL_BYTES: usize = 2 * 1024;
/// Room for reading bodies in few calls.
const BULK_BYTES: usize = 64 * 1024;

/// Received bytes and free room behind them.
#[derive(Debug)]
pub struct ReadBuffer {
    storage: Box<[u8]>,
    filled: usize,
}

impl Default for ReadBuffer {
    fn default() -> Self {
        Self {
            storage: vec![0; INITIAL_BYTES].into_boxed_slice(),
            filled: 0,
        }
    }
}

impl ReadBuffer {
    /// Takes the buffer out for an operation; what stays behind has no room and costs nothing.
    pub fn lend(&mut self) -> Self {
        std::mem::replace(
            self,
            Self {
                storage: Box::default(),
                filled: 0,
            },
        )
    }

    /// What was received.
    pub fn filled(&self) -> &[u8] {
        &self.storage[..self.filled]
    }

    /// The room behind it.
    pub fn free_mut(&mut self) -> &mut [u8] {
        &mut self.storage[self.filled..]
    }

    /// Says that `received` bytes of the free room were filled.
    pub fn advance(&mut self, received: usize) {
        self.filled += received;
        debug_assert!(self.filled <= self.storage.len());
    }

    /// Forgets what was received and keeps the memory.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Forgets the first `count` bytes.
    pub fn discard_front(&mut self, count: usize) {
        self.storage.copy_within(count..self.filled, 0);
        self.filled -= count;
    }

    /// Makes room for more behind what was received, up to `most` bytes in all.
    /// `false` when there is no room left and no more to be had.
    pub fn make_room(&mut self, most: usize) -> bool {
        if self.filled < self.storage.len() {
            return true;
        }
        if self.storage.len() >= most {
            return false;
        }
        self.grow((self.storage.len() * 4).min(most));
        true
    }

    /// Makes room for more of a body whose first bytes, up to `keep` in the
    /// buffer, stay where they are; what came after them has been counted and
    /// is overwritten.
    pub fn make_room_for_body(&mut self, keep: usize) {
        if self.filled < self.storage.len() {
            return;
        }
        // Some room for reading behind what is kept, approached step by step:
        // few bodies are as long as they may be.
        let enough = BULK_BYTES.max(keep.saturating_add(keep.min(BULK_BYTES)));
        if self.storage.len() < enough {
            self.grow(BULK_BYTES.max(self.storage.len() * 4).min(enough));
        } else {
            self.filled = keep;
        }
    }

    fn grow(&mut self, size: usize) {
        let mut larger = vec![0; size].into_boxed_slice();
        larger[..self.filled].copy_from_slice(self.filled());
        self.storage = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(buffer: &mut ReadBuffer, byte: u8) {
        let room = buffer.free_mut();
        room.fill(byte);
        let room = room.len();
        buffer.advance(room);
    }

    #[test]
    fn a_head_grows_the_buffer_to_its_bound() {
        let mut buffer = ReadBuffer::default();
        for size in [4 * INITIAL_BYTES, 16 * INITIAL_BYTES, 40_000] {
            fill(&mut buffer, 1);
            assert!(buffer.make_room(40_000));
            assert_eq!(buffer.storage.len(), size);
        }
        fill(&mut buffer, 1);
        assert!(!buffer.make_room(40_000));
    }

    #[test]
    fn a_long_body_keeps_its_beginning_and_no_more() {
        let mut buffer = ReadBuffer::default();
        fill(&mut buffer, 1);
        buffer.make_room_for_body(100);
        for byte in 2..20 {
            fill(&mut buffer, byte);
            buffer.make_room_for_body(100);
        }
        assert_eq!(buffer.storage.len(), BULK_BYTES);
        assert_eq!(buffer.filled(), [1; 100]);
    }
}
