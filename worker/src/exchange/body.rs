//! Finds the end of a response body and counts its bytes (RFC 9112, 6 and 7).
//!
//! Nothing is copied or kept. The bytes may come in pieces cut anywhere.

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// After so many bytes.
    Length(u64),
    /// With the last chunk.
    Chunked,
    /// When the peer closes.
    UntilClose,
}

impl Framing {
    /// Whether the body's bytes are mixed with framing.
    pub fn is_chunked(self) -> bool {
        self == Self::Chunked
    }
}

/// Follows one body.
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
    /// In the digits of a size.
    Size { value: u64, digits: u8 },
    /// After the digits, up to the end of the line.
    Extension { value: u64 },
    /// In the bytes of a chunk.
    Data { missing: u64 },
    /// After the bytes of a chunk: CR.
    DataCr,
    /// After the bytes of a chunk: LF.
    DataLf,
    /// At the start of a trailer line.
    TrailerStart,
    /// Within a trailer line.
    Trailer,
    /// After the CR of the last line.
    LastLf,
    /// Past the end.
    Done,
}

impl BodyReader {
    /// Before the first byte.
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

    /// Takes the next bytes and tells how many of them are beyond the body's end.
    ///
    /// # Errors
    /// A sentence when the chunk framing is broken.
    pub fn take(&mut self, bytes: &[u8]) -> Result<usize, &'static str> {
        match &mut self.state {
            State::Length { missing } => {
                let taken = (*missing).min(bytes.len() as u64);
                *missing -= taken;
                self.payload += taken;
                Ok(bytes.len() - taken as usize)
            }
            State::Chunked(state) => {
                let (excess, payload) = follow_chunks(state, bytes, |_| {})?;
                self.payload += payload;
                Ok(excess)
            }
            State::UntilClose => {
                self.payload += bytes.len() as u64;
                Ok(0)
            }
            State::Closed => Ok(bytes.len()),
        }
    }

    /// The peer sends no more.
    ///
    /// # Errors
    /// A sentence when the body is not whole.
    pub fn end_of_stream(&mut self) -> Result<(), &'static str> {
        match self.state {
            State::UntilClose => {
                self.state = State::Closed;
                Ok(())
            }
            State::Chunked(_) => Err("the target closed the connection before the last chunk"),
            _ => Err("the target closed the connection before the body was whole"),
        }
    }

    /// Whether the end was reached.
    pub fn is_complete(&self) -> bool {
        match self.state {
            State::Length { missing } => missing == 0,
            State::Chunked(state) => state == ChunkState::Done,
            State::UntilClose => false,
            State::Closed => true,
        }
    }

    /// Whether another response can follow on the connection.
    pub fn leaves_connection_usable(&self) -> bool {
        !matches!(self.state, State::UntilClose | State::Closed)
    }

    /// Bytes of the body so far, framing not counted.
    pub fn payload_bytes(&self) -> u64 {
        self.payload
    }
}

/// The payload at the start of a chunked body, for a sample; stops at the first
/// byte that makes no sense.
pub fn decoded_prefix(bytes: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    let mut state = ChunkState::Size {
        value: 0,
        digits: 0,
    };
    // What was decoded before an error is the prefix.
    let _ = follow_chunks(&mut state, bytes, |data| payload.extend_from_slice(data));
    payload
}

/// Moves `state` over `bytes`; gives how many are beyond the end and how many
/// were payload, which is also shown to `payload`.
fn follow_chunks(
    state: &mut ChunkState,
    bytes: &[u8],
    mut payload: impl FnMut(&[u8]),
) -> Result<(usize, u64), &'static str> {
    let (mut at, mut count) = (0, 0);
    while at < bytes.len() && *state != ChunkState::Done {
        if let ChunkState::Data { missing } = *state {
            let taken = missing.min((bytes.len() - at) as u64);
            payload(&bytes[at..at + taken as usize]);
            at += taken as usize;
            count += taken;
            *state = match missing - taken {
                0 => ChunkState::DataCr,
                missing => ChunkState::Data { missing },
            };
        } else {
            *state = state.after(bytes[at])?;
            at += 1;
        }
    }
    Ok((bytes.len() - at, count))
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
            (Self::DataCr | Self::DataLf, _) => Err("a chunk is longer than its size says"),
            (Self::TrailerStart, b'\r') => Ok(Self::LastLf),
            (Self::TrailerStart | Self::LastLf, b'\n') => Ok(Self::Done),
            (Self::LastLf, _) => Err("the trailer of a chunked body ends wrongly"),
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
    /// Sixteen digits are all that a `u64` holds.
    const MOST_DIGITS: u8 = 16;
    if let Some(digit) = char::from(byte).to_digit(16) {
        if digits == MOST_DIGITS {
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

    #[test]
    fn chunks_cut_anywhere_are_followed_to_their_end() {
        for cut in 0..=CHUNKED.len() {
            let mut reader = BodyReader::new(Framing::Chunked);
            let first = reader.take(&CHUNKED[..cut]).expect("legal");
            let second = reader.take(&CHUNKED[cut..]).expect("legal");
            assert!(reader.is_complete(), "cut at {cut}");
            assert_eq!(
                (reader.payload_bytes(), first + second),
                (24, 4),
                "cut at {cut}"
            );
        }
        assert_eq!(decoded_prefix(CHUNKED), b"Wikipedia in \r\n\r\nchunks.");
        assert_eq!(decoded_prefix(&CHUNKED[..9]), b"Wi");
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
            let taken = BodyReader::new(Framing::Chunked).take(text.as_bytes());
            assert!(taken.is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_length_counts_down_and_tells_excess() {
        let mut reader = BodyReader::new(Framing::Length(5));
        assert_eq!(reader.take(b"abc"), Ok(0));
        assert!(!reader.is_complete());
        assert!(reader.end_of_stream().is_err());
        assert_eq!(reader.take(b"defg"), Ok(2));
        assert!(reader.is_complete() && reader.leaves_connection_usable());
    }

    #[test]
    fn a_body_without_framing_ends_with_the_connection() {
        let mut reader = BodyReader::new(Framing::UntilClose);
        assert_eq!(reader.take(b"abc"), Ok(0));
        assert!(!reader.is_complete());
        assert!(reader.end_of_stream().is_ok() && reader.is_complete());
        assert_eq!(reader.payload_bytes(), 3);
        assert!(!reader.leaves_connection_usable());
    }
}
