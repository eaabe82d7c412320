//! The runtime on the kernel: the only module that uses monoio.
//!
//! It provides no timers: those of monoio have a resolution of one millisecond, so a shard has its own
//! ([`super::alarm`]).

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::rc::Rc;

use monoio::buf::{IoBuf, IoBufMut};
use monoio::io::{
    AsyncReadRent, AsyncWriteRent, AsyncWriteRentExt, OwnedReadHalf, OwnedWriteHalf, Splitable,
};
use monoio::net::{TcpStream, UnixStream};
use monoio::{IoUringDriver, LegacyDriver, RuntimeBuilder};
use rustix::io::Errno;
use rustix::net::{RecvFlags, Shutdown, recv, shutdown};
use socket2::{Domain, Type};

use super::ReadBuffer;
use crate::descriptors::DescriptorPermit;

/// Number of entries of a shard's submission queue. More operations can be in flight: a full queue is
/// flushed.
const RING_ENTRIES: u32 = 1024;

/// I/O driver of a shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Driver {
    /// io_uring.
    #[default]
    IoUring,
    /// epoll, for machines where io_uring is not permitted.
    Legacy,
}

/// Checks whether this process can create an io_uring instance.
///
/// # Errors
/// Returns the kernel's error if it cannot.
pub fn io_uring_available() -> io::Result<()> {
    ring_builder().build(8).map(drop)
}

/// Configures a ring that one thread submits to and that delivers completions when the thread asks for them:
/// the flags with the lowest measured cost per request.
fn ring_builder() -> io_uring::Builder {
    let mut builder = io_uring::IoUring::builder();
    builder.setup_single_issuer().setup_coop_taskrun();
    builder
}

/// Runs `main` to completion on this thread. The tasks it spawned end with it.
///
/// # Errors
/// Returns an error if the kernel grants no ring (or no epoll descriptor).
pub fn run<F: Future>(driver: Driver, main: F) -> io::Result<F::Output> {
    match driver {
        Driver::IoUring => {
            let mut runtime = RuntimeBuilder::<IoUringDriver>::new()
                .with_entries(RING_ENTRIES)
                .uring_builder(ring_builder())
                .build()?;
            Ok(runtime.block_on(main))
        }
        Driver::Legacy => {
            let mut runtime = RuntimeBuilder::<LegacyDriver>::new().build()?;
            Ok(runtime.block_on(main))
        }
    }
}

/// Spawns a task on this thread's runtime.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    drop(monoio::spawn(task));
}

/// A TCP connection. Its halves can be used at the same time.
pub struct Socket {
    reader: OwnedReadHalf<TcpStream>,
    writer: OwnedWriteHalf<TcpStream>,
    /// The descriptor, owned jointly by both halves.
    fd: RawFd,
    _place: DescriptorPermit,
}

/// The receiving half of a [`Socket`].
pub struct ReadHalf<'a>(&'a mut OwnedReadHalf<TcpStream>);

/// The sending half of a [`Socket`].
pub struct WriteHalf<'a>(&'a mut OwnedWriteHalf<TcpStream>);

impl Socket {
    /// Connects to `address` without name resolution, from the address `local` if one is set.
    ///
    /// # Errors
    /// Returns the system error, or `EMFILE` if the remaining descriptors are reserved.
    pub async fn connect(address: SocketAddr, local: Option<IpAddr>) -> io::Result<Self> {
        let place = DescriptorPermit::take()?;
        let stream = match local {
            None => TcpStream::connect_addr(address).await?,
            Some(local) => connect_from(address, local).await?,
        };
        stream.set_nodelay(true)?;
        let fd = stream.as_raw_fd();
        let (reader, writer) = stream.into_split();
        Ok(Self {
            reader,
            writer,
            fd,
            _place: place,
        })
    }

    /// Returns both halves, to send and receive at the same time.
    pub fn halves(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        (ReadHalf(&mut self.reader), WriteHalf(&mut self.writer))
    }

    /// Returns the number of bytes that can be read, without waiting and without consuming them: `None` if
    /// the connection is open and has no unread bytes, 0 if the peer has closed it.
    ///
    /// # Errors
    /// Returns the system error, such as a reset by the peer.
    pub fn peek(&self) -> io::Result<Option<u64>> {
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        match recv(self.fd(), &mut [0_u8; 1], flags) {
            Ok((0, _)) => Ok(Some(0)),
            Ok(_) => Ok(Some(rustix::io::ioctl_fionread(self.fd())?)),
            Err(Errno::AGAIN) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads available bytes into the free part of `buffer`, without waiting. Returns `None` if there are
    /// none, 0 if the peer has closed the connection.
    ///
    /// # Errors
    /// Returns the system error.
    pub fn receive_now(&self, buffer: &mut ReadBuffer) -> io::Result<Option<usize>> {
        match recv(self.fd(), buffer.free_mut(), RecvFlags::DONTWAIT) {
            Ok((received, _)) => {
                buffer.advance(received);
                Ok(Some(received))
            }
            Err(Errno::AGAIN) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the halves own the descriptor and live as long as this borrow.
        unsafe { BorrowedFd::borrow_raw(self.fd) }
    }
}

impl ReadHalf<'_> {
    /// Reads available bytes into the free part of `buffer`. Returns 0 if the peer will send no more.
    pub fn receive(
        &mut self,
        buffer: ReadBuffer,
    ) -> impl Future<Output = (io::Result<usize>, ReadBuffer)> {
        self.0.read(buffer)
    }
}

impl WriteHalf<'_> {
    /// Sends all of `bytes`.
    ///
    /// # Errors
    /// Returns the system error and the number of bytes accepted before it.
    pub async fn send(&mut self, bytes: Rc<[u8]>) -> Result<(), (io::Error, usize)> {
        let mut rest = SharedBytes { bytes, from: 0 };
        loop {
            let (sent, back) = self.0.write(rest).await;
            rest = back;
            match sent {
                Ok(sent) => rest.from += sent,
                Err(error) => return Err((error, rest.from)),
            }
            if rest.from >= rest.bytes.len() {
                return Ok(());
            }
        }
    }

    /// Sends all of `bytes` and returns the buffer.
    pub async fn send_all(&mut self, bytes: Vec<u8>) -> (io::Result<()>, Vec<u8>) {
        let (sent, bytes) = self.0.write_all(bytes).await;
        (sent.map(drop), bytes)
    }
}

impl Drop for Socket {
    /// Shuts down both directions immediately. A cancelled operation still holds the descriptor; the shutdown
    /// makes it complete.
    fn drop(&mut self) {
        // The peer may have closed first; the connection is over in either case.
        let _ = shutdown(self.fd(), Shutdown::Both);
    }
}

/// Connects from a local address. The kernel chooses the port when both ends are known
/// (`IP_BIND_ADDRESS_NO_PORT`), so ports in use towards other targets do not count.
async fn connect_from(address: SocketAddr, local: IpAddr) -> io::Result<TcpStream> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    bind_without_port(&socket)?;
    socket.bind(&SocketAddr::new(local, 0).into())?;
    socket.set_nonblocking(true)?;
    let begun = socket.connect(&address.into());
    let socket = std::net::TcpStream::from(socket);
    let stream = TcpStream::from_std(socket.try_clone()?)?;
    // Also after a failure, so that an immediate retry still passes through the ring and yields.
    stream.writable(false).await?;
    match begun {
        Err(error) if error.raw_os_error() != Some(Errno::INPROGRESS.raw_os_error()) => {
            return Err(error);
        }
        _ => {}
    }
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    // io_uring waits by itself, but not on a non-blocking descriptor.
    socket.set_nonblocking(monoio::utils::is_legacy())?;
    Ok(stream)
}

/// Sets `IP_BIND_ADDRESS_NO_PORT`, which applies to IPv6 as well (ip(7)).
fn bind_without_port(socket: &socket2::Socket) -> io::Result<()> {
    let on: libc::c_int = 1;
    let length = size_of_val(&on) as libc::socklen_t;
    // SAFETY: the descriptor is open, and pointer and length describe `on`.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IP,
            libc::IP_BIND_ADDRESS_NO_PORT,
            (&raw const on).cast(),
            length,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// A pollable descriptor: a timer or an event counter.
pub struct Pollable(UnixStream);

impl Pollable {
    /// Takes ownership of a descriptor that supports `poll`.
    ///
    /// # Errors
    /// Returns an error if the driver cannot watch it.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        // SAFETY: ownership moves from `fd` into the stream. The stream type is
        // only a carrier: nothing but `poll` and `close` is ever called on it.
        let carrier = unsafe { StdUnixStream::from_raw_fd(fd.into_raw_fd()) };
        UnixStream::from_std(carrier).map(Self)
    }

    /// Waits until the descriptor is readable.
    ///
    /// # Errors
    /// Returns the system error.
    pub async fn readable(&self) -> io::Result<()> {
        self.0.readable(false).await
    }

    /// Returns the descriptor, for system calls specific to its type.
    pub fn fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the stream owns the descriptor and the borrow is bound to `self`.
        unsafe { BorrowedFd::borrow_raw(self.0.as_raw_fd()) }
    }
}

/// The unsent rest of bytes that several connections share.
struct SharedBytes {
    bytes: Rc<[u8]>,
    from: usize,
}

// SAFETY: the bytes live on the heap behind the `Rc`, so moving the value does
// not move them, and they are never written to.
unsafe impl IoBuf for SharedBytes {
    fn read_ptr(&self) -> *const u8 {
        self.bytes[self.from..].as_ptr()
    }

    fn bytes_init(&self) -> usize {
        self.bytes.len() - self.from
    }
}

// SAFETY: the storage lives on the heap, so moving the value does not move it;
// pointer and length describe its free part, all of which is initialised.
unsafe impl IoBufMut for ReadBuffer {
    fn write_ptr(&mut self) -> *mut u8 {
        self.free_mut().as_mut_ptr()
    }

    fn bytes_total(&mut self) -> usize {
        self.free_mut().len()
    }

    unsafe fn set_init(&mut self, received: usize) {
        self.advance(received);
    }
}
