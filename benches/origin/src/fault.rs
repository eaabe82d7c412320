//! Responses that violate the protocol and are complete once they are written.
//!
//! A fault ignores keep-alive because the fate of the connection is part of the fault. Broken bodies are
//! omitted for `HEAD` like any other body.

use crate::head::{Framing, Head};
use crate::reply::{After, Reply};
use crate::route::Fault;

const PROMISED_BYTES: u64 = 1000;
const SENT_BYTES: usize = 100;

/// Number of headers of [`BIG_HEADER_BYTES`] each, 1 MiB in total.
const BIG_HEADERS: usize = 1024;

/// Size of one header line of `/big-head`, including name and line ending.
const BIG_HEADER_BYTES: usize = 1024;

/// Writes the fault and returns how the connection ends.
pub(crate) fn write(fault: Fault, reply: Reply<'_>, out: &mut Vec<u8>) -> After {
    match fault {
        Fault::ResetHead => {
            out.extend_from_slice(b"HTTP/1.1 200 OK\r\nContent-Ty");
            After::Reset
        }
        Fault::ResetBody => {
            short_body(reply, out);
            After::Reset
        }
        Fault::EarlyClose => {
            short_body(reply, out);
            After::Close
        }
        Fault::NoResponse => After::Close,
        Fault::BadChunk => {
            reply.head(out, Head::new(200, Framing::Chunked));
            reply.body(out, b"5\r\nhello\r\nzz\r\nworld\r\n");
            After::Close
        }
        Fault::BadHead => {
            out.extend_from_slice(b"\x01\x02this is no status line\r\n\r\n");
            After::Close
        }
        Fault::BigHead => {
            big_head(reply, out);
            reply.after()
        }
    }
}

fn short_body(reply: Reply<'_>, out: &mut Vec<u8>) {
    reply.head(out, Head::new(200, Framing::Length(PROMISED_BYTES)));
    reply.body(out, &[b'x'; SENT_BYTES]);
}

fn big_head(reply: Reply<'_>, out: &mut Vec<u8>) {
    const NAME: &str = "x-padding";
    let value = [b'p'; BIG_HEADER_BYTES - NAME.len() - ": \r\n".len()];
    let extra: Vec<(&str, &[u8])> = vec![(NAME, &value); BIG_HEADERS];
    reply.head(
        out,
        Head {
            extra: &extra,
            ..Head::new(200, Framing::Length(2))
        },
    );
    reply.body(out, b"ok");
}
