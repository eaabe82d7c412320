//! The read buffer of a connection.
//!
//! It starts small, because most responses are small and the buffers are most of the memory of ten thousand
//! idle connections. It grows when a head or a body needs more room.

/// Initial capacity in bytes: room for a typical head with a small body.
const INITIAL_BYTES: usize = 2 * 1024;
/// Capacity in bytes for reading long bodies with few system calls.
const BULK_BYTES: usize = 64 * 1024;

/// Received bytes, followed by free room.
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
    /// Takes the buffer out for an operation. Leaves an empty buffer without an allocation.
    pub fn lend(&mut self) -> Self {
        std::mem::replace(
            self,
            Self {
                storage: Box::default(),
                filled: 0,
            },
        )
    }

    /// Returns the received bytes.
    pub fn filled(&self) -> &[u8] {
        &self.storage[..self.filled]
    }

    /// Returns the free room after the received bytes.
    pub fn free_mut(&mut self) -> &mut [u8] {
        &mut self.storage[self.filled..]
    }

    /// Marks `received` bytes of the free room as filled.
    pub fn advance(&mut self, received: usize) {
        self.filled += received;
        debug_assert!(self.filled <= self.storage.len());
    }

    /// Returns the received bytes from `start` on.
    pub fn filled_from_mut(&mut self, start: usize) -> &mut [u8] {
        &mut self.storage[start..self.filled]
    }

    /// Keeps the first `count` received bytes and discards the rest.
    pub fn truncate(&mut self, count: usize) {
        self.filled = self.filled.min(count);
    }

    /// Discards all received bytes and keeps the memory.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Discards the first `count` bytes.
    pub fn discard_front(&mut self, count: usize) {
        self.storage.copy_within(count..self.filled, 0);
        self.filled -= count;
    }

    /// Ensures free room after the received bytes, up to a capacity of `most` bytes. Returns `false` if the
    /// buffer is full and has reached that capacity.
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

    /// Ensures free room for more of a body of which at most `keep` bytes, counted from the start of the
    /// buffer, are kept.
    pub fn make_room_for_body(&mut self, keep: usize) {
        let has_all = self.filled >= keep;
        if self.filled < self.storage.len() && !has_all {
            return;
        }
        // Room for reading behind the kept bytes. The buffer grows in steps, because few bodies reach the
        // limit.
        let enough = BULK_BYTES.max(keep.saturating_add(keep.min(BULK_BYTES)));
        if self.storage.len() < enough {
            self.grow(BULK_BYTES.max(self.storage.len() * 4).min(enough));
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
        let byte_at = |place: usize| (place % 251) as u8;
        for keep in [0, 100, INITIAL_BYTES, BULK_BYTES - 1, BULK_BYTES, 300_000] {
            let mut buffer = ReadBuffer::default();
            let mut read = 0;
            while read < 1_000_000 {
                buffer.make_room_for_body(keep);
                let room = buffer.free_mut();
                assert!(!room.is_empty(), "{keep}: no room after {read}");
                for byte in room.iter_mut() {
                    *byte = byte_at(read);
                    read += 1;
                }
                let received = room.len();
                buffer.advance(received);
                buffer.truncate(keep);
            }
            let expected: Vec<u8> = (0..keep).map(byte_at).collect();
            assert_eq!(buffer.filled(), expected, "{keep}");
            assert!(buffer.storage.len() <= keep + BULK_BYTES, "{keep}");
            assert!(buffer.free_mut().len() >= BULK_BYTES / 2, "{keep}");
        }
    }
}
