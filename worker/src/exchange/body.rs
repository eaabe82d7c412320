//! Finds the end of a response body and counts its bytes (RFC 9112, 6 and 7).
//!
//! Pieces of the body may be cut anywhere. The kept payload is moved to the front of its piece, so that
//! consecutive pieces leave a contiguous prefix of the payload without framing.

use std::ops::Range;

/// Body framing: what determines the end of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length`: ends after this number of bytes.
    Length(u64),
    /// Chunked: ends with the last chunk.
    Chunked,
    /// Ends when the peer closes the connection.
    UntilClose,
}

/// Result of parsing one piece of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Payload bytes that are now at the front of the piece.
    pub kept: usize,
    /// Bytes after the end of the body.
    pub excess: usize,
}

/// Incremental parser of one body.
#[derive(Debug)]
pub struct BodyReader {
    state: State,
    payload: u64,
}

#[derive(Debug)]
enum State {
    Length { missing: u64 },
    Chunked(ChunkState),
    UntilClose,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChunkState {
    /// In the digits of a chunk size.
    Size { value: u64, digits: u8 },
    /// After the digits, up to the end of the line.
    Extension { value: u64 },
    /// In the data of a chunk.
    Data { missing: u64 },
    /// After the data of a chunk: CR expected.
    DataCr,
    /// After the data of a chunk: LF expected.
    DataLf,
    /// At the start of a trailer line.
    TrailerStart,
    /// Within a trailer line.
    Trailer,
    /// After the CR of the last line.
    LastLf,
    /// After the end.
    Done,
}

impl BodyReader {
    /// Creates a parser before the first byte.
    pub fn new(framing: Framing) -> Self {
        let state = match framing {
            Framing::Length(missing) => State::Length { missing },
            Framing::Chunked => State::Chunked(ChunkState::Size {
                value: 0,
                digits: 0,
            }),
            Framing::UntilClose => State::UntilClose,
        };
        Self { state, payload: 0 }
    }

    /// Parses the next piece and keeps at most `room` bytes of its payload at its front.
    ///
    /// # Errors
    /// Returns a message if the chunk framing is malformed.
    pub fn take(&mut self, piece: &mut [u8], room: usize) -> Result<Taken, &'static str> {
        let (payload, kept) = match &mut self.state {
            State::Length { missing } => {
                let payload = (*missing).min(piece.len() as u64);
                *missing -= payload;
                (payload, room.min(payload as usize))
            }
            State::Chunked(state) => return take_chunks(state, &mut self.payload, piece, room),
            State::UntilClose => (piece.len() as u64, room.min(piece.len())),
            State::Closed => (0, 0),
        };
        self.payload += payload;
        Ok(Taken {
            kept,
            excess: piece.len() - payload as usize,
        })
    }

    /// Handles the end of the stream: the peer sends no more bytes.
    ///
    /// # Errors
    /// Returns a message if the body is incomplete.
    pub fn end_of_stream(&mut self) -> Result<(), &'static str> {
        match self.state {
            State::UntilClose => {
                self.state = State::Closed;
                Ok(())
            }
            State::Chunked(_) => Err("the target closed the connection before the last chunk"),
            _ => Err("the target closed the connection before the end of the response body"),
        }
    }

    /// Returns whether the end of the body was reached.
    pub fn is_complete(&self) -> bool {
        match self.state {
            State::Length { missing } => missing == 0,
            State::Chunked(state) => state == ChunkState::Done,
            State::UntilClose => false,
            State::Closed => true,
        }
    }

    /// Returns whether the connection can carry another response.
    pub fn leaves_connection_usable(&self) -> bool {
        !matches!(self.state, State::UntilClose | State::Closed)
    }

    /// Returns the number of body bytes so far, without framing.
    pub fn payload_bytes(&self) -> u64 {
        self.payload
    }
}

fn take_chunks(
    state: &mut ChunkState,
    payload: &mut u64,
    piece: &mut [u8],
    room: usize,
) -> Result<Taken, &'static str> {
    let (mut at, mut kept) = (0, 0);
    while at < piece.len() && *state != ChunkState::Done {
        if let ChunkState::Data { missing } = *state {
            let data = missing.min((piece.len() - at) as u64);
            kept += keep(piece, at..at + data as usize, kept, room);
            at += data as usize;
            *payload += data;
            *state = match missing - data {
                0 => ChunkState::DataCr,
                missing => ChunkState::Data { missing },
            };
        } else {
            *state = state.after(piece[at])?;
            at += 1;
        }
    }
    Ok(Taken {
        kept,
        excess: piece.len() - at,
    })
}

/// Moves as much of `data` as fits in `room` behind the `kept` bytes. Returns the number of bytes moved.
fn keep(piece: &mut [u8], data: Range<usize>, kept: usize, room: usize) -> usize {
    let count = data.len().min(room - kept);
    piece.copy_within(data.start..data.start + count, kept);
    count
}

impl ChunkState {
    fn after(self, byte: u8) -> Result<Self, &'static str> {
        match (self, byte) {
            (Self::Size { value, digits }, _) => size_after(value, digits, byte),
            (Self::Extension { value }, b'\n') => Ok(Self::start_of_chunk(value)),
            (Self::Extension { value }, _) => Ok(Self::Extension { value }),
            (Self::DataCr, b'\r') => Ok(Self::DataLf),
            (Self::DataCr | Self::DataLf, b'\n') => Ok(Self::Size {
                value: 0,
                digits: 0,
            }),
            (Self::DataCr | Self::DataLf, _) => Err("chunk data is longer than the chunk size"),
            (Self::TrailerStart, b'\r') => Ok(Self::LastLf),
            (Self::TrailerStart | Self::LastLf, b'\n') => Ok(Self::Done),
            (Self::LastLf, _) => Err("the trailer section of a chunked body is malformed"),
            (Self::Trailer, b'\n') => Ok(Self::TrailerStart),
            (Self::TrailerStart | Self::Trailer, _) => Ok(Self::Trailer),
            (Self::Data { .. } | Self::Done, _) => Ok(self),
        }
    }

    fn start_of_chunk(size: u64) -> Self {
        if size == 0 {
            Self::TrailerStart
        } else {
            Self::Data { missing: size }
        }
    }
}

fn size_after(value: u64, digits: u8, byte: u8) -> Result<ChunkState, &'static str> {
    /// Maximum number of hexadecimal digits that fit a `u64`.
    const MAX_DIGITS: u8 = 16;
    if let Some(digit) = char::from(byte).to_digit(16) {
        if digits == MAX_DIGITS {
            return Err("a chunk size has too many digits");
        }
        return Ok(ChunkState::Size {
            value: value << 4 | u64::from(digit),
            digits: digits + 1,
        });
    }
    match byte {
        _ if digits == 0 => Err("a chunk size is not a number"),
        b'\n' => Ok(ChunkState::start_of_chunk(value)),
        b'\r' | b';' | b' ' | b'\t' => Ok(ChunkState::Extension { value }),
        _ => Err("a chunk size is not a number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNKED: &[u8] =
        b"4;x=y\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nT: v\r\n\r\nNEXT";

    const PAYLOAD: &[u8] = b"Wikipedia in \r\n\r\nchunks.";

    /// Returns what is kept of a body that arrives in two pieces, with `room` bytes of room.
    fn kept(body: &[u8], framing: Framing, cut: usize, room: usize) -> (Vec<u8>, BodyReader) {
        let mut reader = BodyReader::new(framing);
        let mut kept = Vec::new();
        for piece in [&body[..cut], &body[cut..]] {
            let mut piece = piece.to_vec();
            let left = room - kept.len();
            let taken = reader.take(&mut piece, left).expect("legal");
            kept.extend_from_slice(&piece[..taken.kept]);
        }
        (kept, reader)
    }

    #[test]
    fn chunks_cut_anywhere_are_followed_to_their_end() {
        for cut in 0..=CHUNKED.len() {
            let mut reader = BodyReader::new(Framing::Chunked);
            let (mut first, mut second) = (CHUNKED[..cut].to_vec(), CHUNKED[cut..].to_vec());
            let first = reader.take(&mut first, 0).expect("legal");
            let second = reader.take(&mut second, 0).expect("legal");
            assert!(reader.is_complete(), "cut at {cut}");
            assert_eq!(
                (reader.payload_bytes(), first.excess + second.excess),
                (24, 4),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn what_is_kept_is_a_prefix_of_the_payload_whatever_the_framing() {
        for room in 0..PAYLOAD.len() + 3 {
            let expected = &PAYLOAD[..room.min(PAYLOAD.len())];
            for cut in 0..=CHUNKED.len() {
                let (kept, reader) = kept(CHUNKED, Framing::Chunked, cut, room);
                assert_eq!(kept, expected, "chunks cut at {cut}, room for {room}");
                assert_eq!(reader.payload_bytes(), PAYLOAD.len() as u64);
            }
            let with_excess = [PAYLOAD, b"NEXT"].concat();
            let length = Framing::Length(PAYLOAD.len() as u64);
            for cut in 0..=PAYLOAD.len() {
                assert_eq!(kept(&with_excess, length, cut, room).0, expected);
                assert_eq!(kept(PAYLOAD, Framing::UntilClose, cut, room).0, expected);
            }
        }
    }

    #[test]
    fn broken_chunks_are_refused() {
        for text in [
            "zz\r\n",
            "\r\n",
            "4\r\nWikiX",
            "10000000000000000\r\n",
            "-1\r\n",
            "0\r\n\rX",
        ] {
            let mut piece = text.as_bytes().to_vec();
            let taken = BodyReader::new(Framing::Chunked).take(&mut piece, 0);
            assert!(taken.is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_length_counts_down_and_tells_excess() {
        let mut reader = BodyReader::new(Framing::Length(5));
        let taken = |kept, excess| Ok(Taken { kept, excess });
        assert_eq!(reader.take(&mut b"abc".to_owned(), 9), taken(3, 0));
        assert!(!reader.is_complete());
        assert!(reader.end_of_stream().is_err());
        assert_eq!(reader.take(&mut b"defg".to_owned(), 1), taken(1, 2));
        assert!(reader.is_complete() && reader.leaves_connection_usable());
    }

    #[test]
    fn a_body_without_framing_ends_with_the_connection() {
        let mut reader = BodyReader::new(Framing::UntilClose);
        let taken = Taken { kept: 3, excess: 0 };
        assert_eq!(reader.take(&mut b"abc".to_owned(), 9), Ok(taken));
        assert!(!reader.is_complete());
        assert!(reader.end_of_stream().is_ok() && reader.is_complete());
        assert_eq!(reader.payload_bytes(), 3);
        assert!(!reader.leaves_connection_usable());
    }
}
