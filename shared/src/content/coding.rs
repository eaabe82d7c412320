//! Undoes the content codings of responses: gzip, deflate, br and zstd.
//!
//! A body that was cut decodes as far as it goes, and no body decodes to more
//! than the caller allows. Transfer codings, character sets and requests are
//! no business of this module.
//!
//! RFC 9110, 8.4; RFC 1950 to 1952; RFC 7932; RFC 8878 with RFC 9659.

use std::borrow::Cow;
use std::io::{self, Read};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

mod zstd;

/// The value of Accept-Encoding that names what [`decode`] undoes.
pub const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// Codings in one list at most. Servers apply one, seldom two; each costs a
/// pass over up to the whole body.
const MOST_CODINGS: usize = 8;
/// Bytes that are decoded at a time.
const CHUNK: usize = 16 * 1024;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A body without its content codings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The decoded bytes, from the first on.
    pub bytes: Vec<u8>,
    /// Whether more would have followed: the input was cut, or decodes to more
    /// than was allowed.
    pub truncated: bool,
}

/// Undoes `coding`, the value of Content-Encoding, from its last entry to its first.
///
/// Names are read without regard to case; `identity` and empty entries change
/// nothing. `most` bounds the decoded bytes, also between two codings. Memory
/// stays below `most` bytes (twice that for two codings or more) and the
/// decoder's window: 32 KiB for gzip and deflate, 16 MiB for the others.
/// An empty body is complete whatever its coding: so are those of HEAD and 304.
///
/// # Errors
/// The list has an unknown coding or more than 8, or the body is not in the
/// coding that it is said to be in. Says which coding.
pub fn decode(coding: &str, raw: &[u8], most: usize) -> Result<Decoded, String> {
    let codings = codings(coding)?;
    let mut bytes = Cow::Borrowed(raw);
    let mut truncated = false;
    for coding in codings.into_iter().rev() {
        if bytes.is_empty() {
            break;
        }
        let mut output = Output::new(most);
        truncated |= coding.undo(&bytes, &mut output)? == End::Cut;
        bytes = Cow::Owned(output.bytes);
    }
    truncated |= bytes.len() > most;
    let bytes = match bytes {
        Cow::Borrowed(raw) => raw[..raw.len().min(most)].to_vec(),
        Cow::Owned(decoded) => decoded,
    };
    Ok(Decoded { bytes, truncated })
}

#[derive(Clone, Copy)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    fn undo(self, raw: &[u8], output: &mut Output) -> Result<End, String> {
        match self {
            Self::Gzip => gzip(raw, output).map_err(|e| format!("the body is not gzip: {e}")),
            Self::Deflate => deflate(raw, output),
            Self::Brotli => brotli(raw, output),
            Self::Zstd => {
                zstd::decode(raw, output).map_err(|e| format!("the body is not zstd: {e}"))
            }
        }
    }
}

fn codings(list: &str) -> Result<Vec<Coding>, String> {
    let mut codings = Vec::new();
    for name in list.split(',').map(str::trim) {
        match name.to_ascii_lowercase().as_str() {
            "" | "identity" => {}
            "gzip" | "x-gzip" => codings.push(Coding::Gzip),
            "deflate" => codings.push(Coding::Deflate),
            "br" => codings.push(Coding::Brotli),
            "zstd" => codings.push(Coding::Zstd),
            _ => {
                return Err(format!(
                    "the content coding \"{name}\" is unknown; known are {ACCEPTED}"
                ));
            }
        }
        if codings.len() > MOST_CODINGS {
            return Err(format!(
                "Content-Encoding lists more than {MOST_CODINGS} codings, the last of them \"{name}\""
            ));
        }
    }
    Ok(codings)
}

/// How the decoding of a body ended, where it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Complete,
    /// The input ended early, or the output is full.
    Cut,
}

/// Decoded bytes up to a bound.
struct Output {
    bytes: Vec<u8>,
    most: usize,
}

impl Output {
    fn new(most: usize) -> Self {
        Self {
            bytes: Vec::new(),
            most,
        }
    }

    /// Takes what fits of `chunk`; false when that is not all of it.
    fn push(&mut self, chunk: &[u8]) -> bool {
        let fits = chunk.len().min(self.most - self.bytes.len());
        if self.bytes.capacity() - self.bytes.len() < fits {
            // Doubles, as a vector would by itself, but never past the bound.
            let more = self
                .bytes
                .len()
                .max(CHUNK)
                .min(self.most - self.bytes.len());
            self.bytes.reserve_exact(more);
        }
        self.bytes.extend_from_slice(&chunk[..fits]);
        fits == chunk.len()
    }
}

fn gzip(raw: &[u8], output: &mut Output) -> io::Result<End> {
    let mut rest = raw;
    loop {
        let mut member = GzDecoder::new(rest);
        if copy(&mut member, output)? == End::Cut {
            return Ok(End::Cut);
        }
        rest = member.into_inner();
        // What follows and is no further member is padding, as gzip(1) takes it.
        let magic = &GZIP_MAGIC[..rest.len().min(GZIP_MAGIC.len())];
        if rest.is_empty() || !rest.starts_with(magic) {
            return Ok(End::Complete);
        }
    }
}

fn copy(from: &mut impl Read, output: &mut Output) -> io::Result<End> {
    let mut chunk = [0; CHUNK];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(End::Complete),
            Ok(read) if output.push(&chunk[..read]) => {}
            Ok(_) => return Ok(End::Cut),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(End::Cut),
            Err(error) => return Err(error),
        }
    }
}

fn deflate(raw: &[u8], output: &mut Output) -> Result<End, String> {
    let mut stream = Decompress::new(has_zlib_header(raw));
    let mut chunk = [0; CHUNK];
    loop {
        let (taken, made) = (stream.total_in(), stream.total_out());
        // Both counts are at most the length of what is in memory.
        let rest = &raw[taken as usize..];
        let status = stream
            .decompress(rest, &mut chunk, FlushDecompress::None)
            .map_err(|error| format!("the body is not deflate: {error}"))?;
        let made = (stream.total_out() - made) as usize;
        if !output.push(&chunk[..made]) {
            return Ok(End::Cut);
        }
        if status == Status::StreamEnd {
            return Ok(End::Complete);
        }
        if made == 0 && stream.total_in() == taken {
            return Ok(End::Cut);
        }
    }
}

/// Whether a deflate body is zlib, as RFC 9110 has it, or raw. A raw stream
/// cannot look like zlib unless its first block is stored and padded with
/// ones, which no compressor writes.
fn has_zlib_header(raw: &[u8]) -> bool {
    match raw {
        [method, flags, ..] => {
            method & 0x0f == 8
                && method >> 4 <= 7
                && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
        }
        _ => true,
    }
}

fn brotli(raw: &[u8], output: &mut Output) -> Result<End, String> {
    let alloc = StandardAlloc::default;
    // Strict: the large windows of an extension would take up to 1 GiB.
    let mut state = BrotliState::new_strict(alloc(), alloc(), alloc());
    let mut chunk = [0; CHUNK];
    let (mut available, mut offset, mut total) = (raw.len(), 0, 0);
    loop {
        let (mut room, mut made) = (chunk.len(), 0);
        let result = BrotliDecompressStream(
            &mut available,
            &mut offset,
            raw,
            &mut room,
            &mut made,
            &mut chunk,
            &mut total,
            &mut state,
        );
        if !output.push(&chunk[..made]) {
            return Ok(End::Cut);
        }
        match result {
            BrotliResult::ResultSuccess => return Ok(End::Complete),
            BrotliResult::NeedsMoreInput if made == 0 => return Ok(End::Cut),
            // Short of input, the decoder gives what it holds, a chunk a call.
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
            BrotliResult::ResultFailure => {
                return Err(format!("the body is not br: {:?}", state.error_code));
            }
        }
    }
}

#[cfg(test)]
mod tests;
