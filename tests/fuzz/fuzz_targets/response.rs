//! Responses as a hostile target may send them: the head parser and the body
//! reader neither panic nor disagree about where a body ends, however the bytes
//! are cut.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vayu_worker::kernels::body_bytes;

fuzz_target!(|input: (&[u8], u8)| {
    let (bytes, cut) = input;
    let whole = body_bytes(bytes, bytes.len());
    let at = usize::from(cut).min(bytes.len());
    assert_eq!(whole, body_bytes(bytes, at), "cut at {at}");
});
