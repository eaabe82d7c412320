//! Decodes zstd: any number of frames, including skippable frames.
//!
//! Dictionaries are not supported: HTTP has a separate coding for them. RFC 8878; RFC 9659 for the window.

use std::error::Error;
use std::io::{self, ErrorKind, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{CHUNK, End, Output};

/// Maximum window size in bytes, as RFC 9659 allows for a content coding.
const WINDOW: u64 = 8 * 1024 * 1024;
/// An empty last block and a checksum.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

pub(super) fn decode(raw: &[u8], output: &mut Output) -> Result<End, String> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(WINDOW);
    let mut rest = raw;
    while !rest.is_empty() {
        match decoder.init(&mut rest) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => match rest.get(length as usize..) {
                Some(after) => {
                    rest = after;
                    continue;
                }
                None => return Ok(End::Cut),
            },
            Err(error) if is_early_end(&error) => return Ok(End::Cut),
            Err(error) => return Err(error.to_string()),
        }
        if frame(&mut decoder, &mut rest, output)? == End::Cut {
            return Ok(End::Cut);
        }
    }
    Ok(End::Complete)
}

fn frame(decoder: &mut FrameDecoder, rest: &mut &[u8], output: &mut Output) -> Result<End, String> {
    let one = || BlockDecodingStrategy::UptoBlocks(1);
    while !decoder.is_finished() {
        let block = decoder.decode_blocks(&mut *rest, one());
        let is_cut = match block {
            Ok(_) => false,
            Err(error) if is_early_end(&error) => true,
            Err(error) => return Err(error.to_string()),
        };
        if is_cut {
            // The decoder retains a whole window until it has seen the last block. This empty block makes it
            // release the window and adds no output.
            decoder
                .decode_blocks(&LAST_BLOCK[..], one())
                .map_err(|error| error.to_string())?;
        }
        if !drain(decoder, output).map_err(|error| error.to_string())? || is_cut {
            return Ok(End::Cut);
        }
    }
    match decoder.get_checksum_from_data() {
        Some(sum) if decoder.get_calculated_checksum() != Some(sum) => {
            Err("the checksum does not match".to_owned())
        }
        _ => Ok(End::Complete),
    }
}

/// Drains the decoder into `output`. Returns false if not everything fits.
fn drain(decoder: &mut FrameDecoder, output: &mut Output) -> io::Result<bool> {
    let mut chunk = [0; CHUNK];
    loop {
        let read = decoder.read(&mut chunk)?;
        if read == 0 {
            return Ok(true);
        }
        if !output.push(&chunk[..read]) {
            return Ok(false);
        }
    }
}

/// Returns whether the root cause of `error` is a read past the end of the input.
fn is_early_end(error: &FrameDecoderError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.kind() == ErrorKind::UnexpectedEof;
        }
        cause = error.source();
    }
    false
}
