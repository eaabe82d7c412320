//! Receive buffer of a connection: bytes received but not yet consumed.
//!
//! One buffer is filled at its end and consumed from its start. It grows only for a request larger than
//! itself and shrinks afterwards. It does not parse.

/// Initial size. Enough for a few dozen pipelined requests without a body.
const START_BYTES: usize = 4 << 10;

/// An empty buffer above this size is replaced by one of the initial size.
const KEEP_BYTES: usize = 64 << 10;

/// Minimum free space for a receive. Less is not worth a system call.
const MIN_ROOM_BYTES: usize = 1 << 10;

#[derive(Debug)]
pub(crate) struct Input {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; START_BYTES],
            start: 0,
            end: 0,
        }
    }

    /// Returns the bytes received but not yet consumed.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Consumes the first `count` pending bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.bytes.len() > KEEP_BYTES {
                self.bytes = vec![0; START_BYTES];
            }
        }
    }

    /// Returns free space to receive into, growing the buffer if needed.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if self.bytes.len() - self.end < MIN_ROOM_BYTES {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.bytes.len() - self.end < MIN_ROOM_BYTES {
            self.bytes.resize(2 * self.bytes.len(), 0);
        }
        &mut self.bytes[self.end..]
    }

    /// Marks `count` bytes of the free space as received.
    pub(crate) fn received(&mut self, count: usize) {
        self.end += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(input: &mut Input, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = input.room();
            let count = room.len().min(bytes.len());
            room[..count].copy_from_slice(&bytes[..count]);
            input.received(count);
            bytes = &bytes[count..];
        }
    }

    #[test]
    fn bytes_survive_growing_and_moving() {
        let sent: Vec<u8> = (0..200_000_u32).map(|index| index as u8).collect();
        let mut input = Input::new();
        receive(&mut input, &sent[..100]);
        input.consume(60);
        receive(&mut input, &sent[100..]);
        assert_eq!(input.pending(), &sent[60..]);
        input.consume(sent.len() - 60);
        assert_eq!(input.bytes.len(), START_BYTES);
    }

    #[test]
    fn there_is_always_room() {
        let mut input = Input::new();
        for _ in 0..50 {
            assert!(input.room().len() >= MIN_ROOM_BYTES);
            receive(&mut input, &[1; 997]);
        }
        assert_eq!(input.pending().len(), 50 * 997);
    }
}
