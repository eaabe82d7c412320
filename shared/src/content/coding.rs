//! Decodes the content codings of responses: gzip, deflate, br and zstd.
//!
//! A truncated body is decoded as far as possible, and no body is decoded beyond the caller's limit. This
//! module does not handle transfer codings, character sets or request bodies.
//!
//! RFC 9110, 8.4; RFC 1950 to 1952; RFC 7932; RFC 8878 with RFC 9659.

use std::borrow::Cow;
use std::io::{self, Read};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

mod zstd;

/// The value of Accept-Encoding that lists what [`decode`] supports.
pub const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// Maximum number of codings in one list. Servers apply one, seldom two; each costs a pass over up to the
/// whole body.
const MAX_CODINGS: usize = 8;
/// Size of the decoding buffer, in bytes.
const CHUNK: usize = 16 * 1024;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A body without its content codings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The decoded bytes, from the beginning of the body.
    pub bytes: Vec<u8>,
    /// Whether the body is incomplete: the input was truncated, or the output exceeds the limit.
    pub truncated: bool,
}

/// Decodes `coding`, the value of Content-Encoding, from its last entry to its first.
///
/// Names are case-insensitive; `identity` and empty entries are ignored. `most` limits the decoded bytes,
/// including intermediate results between two codings. Memory use stays below `most` bytes (twice that for
/// two or more codings) plus the decoder's window: 32 KiB for gzip and deflate, 16 MiB for the others. An
/// empty body is complete whatever its coding, as in responses to HEAD and with 304.
///
/// # Errors
/// Returns an error that names the coding if the list contains an unknown coding or more than 8, or if the
/// body is not valid in its declared coding.
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
                    "the content coding \"{name}\" is not supported; supported are {ACCEPTED}"
                ));
            }
        }
        if codings.len() > MAX_CODINGS {
            return Err(format!(
                "Content-Encoding lists more than {MAX_CODINGS} codings; the first beyond the limit is \"{name}\""
            ));
        }
    }
    Ok(codings)
}

/// How the decoding of a body ended, if it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Complete,
    /// The input is truncated, or the output is full.
    Cut,
}

/// Decoded bytes up to a limit.
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

    /// Appends as much of `chunk` as fits. Returns false if that is not all of it.
    fn push(&mut self, chunk: &[u8]) -> bool {
        let fits = chunk.len().min(self.most - self.bytes.len());
        if self.bytes.capacity() - self.bytes.len() < fits {
            // Doubles like a `Vec`, but never exceeds the limit.
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
        // Trailing bytes that are not another member are padding, as in gzip(1).
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
        // Both counts are at most the length of a buffer in memory, so the casts are lossless.
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

/// Returns whether a deflate body is zlib (as RFC 9110 defines it) or raw deflate. A raw stream can look like
/// zlib only if its first block is stored and padded with ones, which no compressor writes.
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
    // Strict: the large windows of the non-standard extension would take up to 1 GiB.
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
            // At the end of the input, the decoder emits its remaining output one chunk per call.
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
            BrotliResult::ResultFailure => {
                return Err(format!(
                    "the body is not brotli (br): {:?}",
                    state.error_code
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests;
