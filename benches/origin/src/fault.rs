//! The answers that break the protocol and are over once they are written.
//!
//! A fault ignores keep-alive: what becomes of the connection is part of it.
//! The bytes of a broken body are cut for `HEAD` as any body is.

use crate::head::{Framing, Head};
use crate::reply::{After, Reply};
use crate::route::Fault;

const PROMISED_BYTES: u64 = 1000;
const SENT_BYTES: usize = 100;

/// 1 MiB of headers: so many of [`BIG_HEADER_BYTES`] each.
const BIG_HEADERS: usize = 1024;

/// One header line of `/big-head`, with its name and line end.
const BIG_HEADER_BYTES: usize = 1024;

/// Writes the fault and says how the connection ends.
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
        Fault::NoAnswer => After::Close,
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
