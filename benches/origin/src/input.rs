//! The bytes received on a connection and not yet used.
//!
//! One buffer, filled at its end and used from its start; it grows only for a
//! request larger than itself and shrinks again afterwards. It does not parse.

/// Enough for a few dozen pipelined requests without a body.
const START_BYTES: usize = 4 << 10;

/// A buffer above this size is not kept once it is empty.
const KEEP_BYTES: usize = 64 << 10;

/// Receiving into less room than this is not worth a system call.
const LEAST_ROOM: usize = 1 << 10;

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

    /// What was received and not yet used.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Uses the first `count` pending bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.bytes.len() > KEEP_BYTES {
                self.bytes = vec![0; START_BYTES];
            }
        }
    }

    /// Makes room to receive into and gives it.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if self.bytes.len() - self.end < LEAST_ROOM {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.bytes.len() - self.end < LEAST_ROOM {
            self.bytes.resize(2 * self.bytes.len(), 0);
        }
        &mut self.bytes[self.end..]
    }

    /// Says that `count` bytes were received into the room.
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
            assert!(input.room().len() >= LEAST_ROOM);
            receive(&mut input, &[1; 997]);
        }
        assert_eq!(input.pending().len(), 50 * 997);
    }
}
