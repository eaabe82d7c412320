//! The socket of one connection: receiving, sending and the ways to end it.
//!
//! Responses accumulate in a buffer and are sent together, so that a batch of pipelined requests costs one
//! system call. Nothing is read or written while the origin is frozen. It does not parse HTTP.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::net::Shutdown;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_lite::future::or;
use futures_lite::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use glommio::net::TcpStream;
use glommio::timer::Timer;
use socket2::SockRef;

use crate::input::Input;
use crate::state::Local;

/// Buffered output above this size is sent immediately, and its buffer is not reused.
const FULL_BYTES: usize = 64 << 10;

/// Maximum time a closed connection waits for the client to close.
const LINGER: Duration = Duration::from_secs(1);

const DRAIN_BYTES: usize = 16 << 10;

pub(crate) struct Wire {
    stream: TcpStream,
    local: Rc<Local>,
    /// Output to be sent next.
    pub(crate) out: Vec<u8>,
}

impl Wire {
    /// Takes over an accepted connection.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is already closed.
    pub(crate) fn new(stream: TcpStream, local: Rc<Local>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            local,
            out: Vec::new(),
        })
    }

    /// Receives more input. Returns 0 if the client has closed its side.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails.
    pub(crate) async fn receive(&mut self, input: &mut Input) -> io::Result<usize> {
        let room = input.room().len();
        let count = self
            .poll_unless_frozen(|stream, context| stream.poll_read(context, input.room()))
            .await?;
        input.received(count);
        if count == room {
            // More input is available. Yield, or a fast sender would monopolize the executor.
            glommio::yield_if_needed().await;
        }
        Ok(count)
    }

    /// Sends `bytes` after the buffered output. Short data may stay in the buffer until the next flush.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.out.len() + bytes.len() <= FULL_BYTES {
            self.out.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush().await?;
        self.write_all(bytes).await?;
        // Yield, or a fast reader would monopolize the executor.
        glommio::yield_if_needed().await;
        Ok(())
    }

    /// Flushes the buffer if it is full.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails.
    pub(crate) async fn flush_full(&mut self) -> io::Result<()> {
        if self.out.len() < FULL_BYTES {
            Ok(())
        } else {
            self.flush().await
        }
    }

    /// Flushes the buffer.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        let mut out = mem::take(&mut self.out);
        self.write_all(&out).await?;
        if out.capacity() <= 2 * FULL_BYTES {
            out.clear();
            self.out = out;
        }
        Ok(())
    }

    /// Flushes the buffer even while the origin is frozen.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails.
    pub(crate) async fn flush_while_frozen(&mut self) -> io::Result<()> {
        let out = mem::take(&mut self.out);
        self.stream.write_all(&out).await
    }

    /// Flushes the buffer and closes gracefully: the client can read to the end and is not reset for data it
    /// may still be sending.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails.
    pub(crate) async fn close(mut self) -> io::Result<()> {
        self.flush().await?;
        self.stream.shutdown(Shutdown::Write).await?;
        let patience = async {
            Timer::new(LINGER).await;
        };
        or(self.drain(), patience).await;
        Ok(())
    }

    /// Flushes the buffer and resets the connection.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails.
    pub(crate) async fn reset(mut self) -> io::Result<()> {
        self.flush().await?;
        // SAFETY: the stream owns the descriptor and lives longer than `socket`.
        let socket = unsafe { BorrowedFd::borrow_raw(self.stream.as_raw_fd()) };
        // With SO_LINGER set to zero, closing the socket sends RST.
        SockRef::from(&socket).set_linger(Some(Duration::ZERO))
    }

    /// Receives and discards until the client closes.
    pub(crate) async fn drain(&mut self) {
        let mut discarded = vec![0; DRAIN_BYTES];
        while self
            .poll_unless_frozen(|stream, context| stream.poll_read(context, &mut discarded))
            .await
            .is_ok_and(|count| count > 0)
        {}
    }

    async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = self
                .poll_unless_frozen(|stream, context| stream.poll_write(context, bytes))
                .await?;
            bytes = &bytes[count..];
        }
        Ok(())
    }

    /// Polls `operation` until it is ready, but never while the origin is frozen.
    async fn poll_unless_frozen<T>(
        &mut self,
        mut operation: impl FnMut(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> io::Result<T> {
        loop {
            let attempt = poll_fn(|context| {
                if self.local.shared.freeze.remaining().is_some() {
                    return Poll::Ready(None);
                }
                operation(Pin::new(&mut self.stream), context).map(Some)
            });
            match attempt.await {
                Some(result) => return result,
                None => self.local.shared.freeze.over().await,
            }
        }
    }
}
