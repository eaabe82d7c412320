//! Responses that take time or do not fit into a buffer.
//!
//! A job sends its own data in pieces and leaves at most the last piece in the output buffer. Responses that
//! are complete immediately are not here.

use std::io;
use std::time::{Duration, Instant};

use glommio::timer::Timer;

use crate::head::{Framing, Head};
use crate::reply::{After, Reply};
use crate::route::Job;
use crate::wait;
use crate::wire::Wire;

/// Source of the bytes of long bodies.
static BLOCK: [u8; 64 << 10] = [b'x'; 64 << 10];

const MAX_CHUNK_BYTES: u64 = 1024;

/// Minimum number of chunks of a shorter chunked body, if it has enough bytes.
const MIN_CHUNKS: u64 = 4;

impl Job {
    /// Runs the job.
    ///
    /// # Errors
    ///
    /// Returns an error if the client has disconnected.
    pub(crate) async fn run(self, reply: Reply<'_>, wire: &mut Wire) -> io::Result<After> {
        match self {
            Self::Delay(delay) => respond_at(reply, wire, Instant::now() + delay).await,
            Self::Queue(mean) => respond_at(reply, wire, reply.local.join_queue(mean)).await,
            Self::Size(length) => send_size(reply, wire, length).await,
            Self::Chunked { length, trailer } => send_chunks(reply, wire, length, trailer).await,
            Self::SlowBody(pause) => send_slowly(reply, wire, pause).await,
            Self::Stall(duration) => stall(reply, wire, duration).await,
            Self::Split => send_split(reply, wire).await,
            Self::Never => {
                wire.flush().await?;
                wire.drain().await;
                Ok(After::Close)
            }
        }
    }
}

async fn respond_at(reply: Reply<'_>, wire: &mut Wire, instant: Instant) -> io::Result<After> {
    wire.flush().await?;
    wait::until(instant).await;
    Ok(reply.fixed(&mut wire.out))
}

async fn stall(reply: Reply<'_>, wire: &mut Wire, duration: Duration) -> io::Result<After> {
    wire.flush().await?;
    // Freeze before responding: a client that has the response must find the whole origin frozen.
    reply.local.shared.freeze.start(duration);
    let after = reply.text(&mut wire.out, 200, "frozen\n");
    wire.flush_while_frozen().await?;
    Ok(after)
}

async fn send_size(reply: Reply<'_>, wire: &mut Wire, length: u64) -> io::Result<After> {
    reply.head(&mut wire.out, Head::new(200, Framing::Length(length)));
    let mut left = if reply.has_body() { length } else { 0 };
    while left > 0 {
        let count = left.min(BLOCK.len() as u64);
        wire.send(&BLOCK[..count as usize]).await?;
        left -= count;
    }
    Ok(reply.after())
}

async fn send_chunks(
    reply: Reply<'_>,
    wire: &mut Wire,
    length: u64,
    trailer: bool,
) -> io::Result<After> {
    let head = Head::new(200, Framing::Chunked);
    let announced: [(&str, &[u8]); 1] = [("Trailer", b"x-origin-length")];
    let extra = if trailer { &announced[..] } else { &[] };
    reply.head(&mut wire.out, Head { extra, ..head });
    if !reply.has_body() {
        return Ok(reply.after());
    }
    let chunk_bytes = length.div_ceil(MIN_CHUNKS).clamp(1, MAX_CHUNK_BYTES);
    let mut left = length;
    while left > 0 {
        let count = left.min(chunk_bytes);
        let extension = if trailer && left == length {
            ";vayu=1"
        } else {
            ""
        };
        let size_line = format!("{count:x}{extension}\r\n");
        wire.send(size_line.as_bytes()).await?;
        wire.send(&BLOCK[..count as usize]).await?;
        wire.send(b"\r\n").await?;
        left -= count;
    }
    wire.send(b"0\r\n").await?;
    if trailer {
        wire.send(format!("x-origin-length: {length}\r\n").as_bytes())
            .await?;
    }
    wire.send(b"\r\n").await?;
    Ok(reply.after())
}

async fn send_slowly(reply: Reply<'_>, wire: &mut Wire, pause: Duration) -> io::Result<After> {
    let body = reply.local.shared.fixed.body();
    let (first, second) = body.split_at(body.len() / 2);
    reply.head(
        &mut wire.out,
        Head::new(200, Framing::Length(body.len() as u64)),
    );
    reply.body(&mut wire.out, first);
    wire.flush().await?;
    if reply.has_body() {
        Timer::new(pause).await;
        wire.send(second).await?;
    }
    Ok(reply.after())
}

async fn send_split(reply: Reply<'_>, wire: &mut Wire) -> io::Result<After> {
    wire.flush().await?;
    let mut answer = Vec::new();
    let after = reply.fixed(&mut answer);
    for byte in &answer {
        wire.send(&[*byte]).await?;
        wire.flush().await?;
    }
    Ok(after)
}
