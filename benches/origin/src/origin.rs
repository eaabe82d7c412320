//! Starting and stopping the origin: its configuration, its threads.
//!
//! One thread with one glommio executor per given processor. What they do is
//! in `server`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use glommio::{ExecutorJoinHandle, GlommioError, LocalExecutorBuilder, Placement};
use socket2::Socket;

use crate::counters::Counters;
use crate::listen::listen;
use crate::server;
use crate::state::{Local, Shared};
use crate::stop::StopSignal;

/// Registered with each ring; glommio's least. Sockets do not use it, and the
/// usual limit on locked memory is small.
const IO_MEMORY_BYTES: usize = 64 << 10;

const RING_DEPTH: usize = 256;

/// Where and how an origin serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginConfig {
    /// The address to listen on.
    pub bind: IpAddr,
    /// The port to listen on; 0 lets the kernel choose.
    pub port: u16,
    /// The processors to run on, one pinned executor each. None means one
    /// executor that is not pinned.
    pub cpus: Vec<usize>,
    /// The length of the body of `/`, in bytes.
    pub body_size: usize,
}

impl Default for OriginConfig {
    /// Loopback, port 9880, one executor that is not pinned, 100 bytes.
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 9880,
            cpus: Vec::new(),
            body_size: 100,
        }
    }
}

/// A running origin. It stops when it is dropped.
#[derive(Debug)]
pub struct Origin {
    address: SocketAddr,
    shared: Arc<Shared>,
    executors: Vec<Executor>,
}

#[derive(Debug)]
struct Executor {
    stop: Arc<StopSignal>,
    listener: Socket,
    thread: ExecutorJoinHandle<()>,
}

impl Origin {
    /// Starts an origin and returns once it accepts connections.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound, a processor does not exist, or
    /// io_uring cannot be used.
    pub fn start(config: OriginConfig) -> io::Result<Self> {
        let placements = placements(&config.cpus);
        let (address, listeners) =
            listen(SocketAddr::new(config.bind, config.port), placements.len())?;
        let shared = Arc::new(Shared::new(config.body_size, placements.len()));
        let mut origin = Self {
            address,
            shared,
            executors: Vec::new(),
        };
        for (placement, listener) in placements.into_iter().zip(listeners) {
            origin.add_executor(placement, listener)?;
        }
        Ok(origin)
    }

    fn add_executor(&mut self, placement: Placement, listener: Socket) -> io::Result<()> {
        let (ready, is_ready) = mpsc::channel();
        let local = Local::new(Arc::clone(&self.shared), self.executors.len());
        let executor = Executor::spawn(placement, listener, local, ready)?;
        if is_ready.recv().is_err() {
            // It ended before it was ready, so it has an error to tell.
            executor.thread.join().map_err(to_io_error)?;
            return Err(io::Error::other("an executor ended before it was ready"));
        }
        self.executors.push(executor);
        Ok(())
    }

    /// The address it listens on, with the port that was chosen.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// What was counted so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.counters()
    }

    /// Stops: closes the listeners and all connections, and waits for the
    /// threads.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        for executor in &self.executors {
            executor.stop.raise();
            // The kernel frees a ring, and with it the listener of a pending
            // accept, some time after the thread has ended; the port is wanted
            // back now. What cannot be shut down does not listen.
            let _ = executor.listener.shutdown(Shutdown::Both);
        }
        for executor in self.executors.drain(..) {
            // An executor that failed is as gone as one that stopped.
            let _ = executor.thread.join();
        }
    }
}

impl Executor {
    fn spawn(
        placement: Placement,
        listener: Socket,
        local: Local,
        ready: Sender<()>,
    ) -> io::Result<Self> {
        let stop = Arc::new(StopSignal::default());
        let stopped = Arc::clone(&stop);
        let accepting = listener.try_clone()?;
        let thread = LocalExecutorBuilder::new(placement)
            .name("vayu-origin")
            .io_memory(IO_MEMORY_BYTES)
            .ring_depth(RING_DEPTH)
            .spawn(move || server::run(accepting, local, stopped, ready))
            .map_err(to_io_error)?;
        Ok(Self {
            stop,
            listener,
            thread,
        })
    }
}

fn placements(cpus: &[usize]) -> Vec<Placement> {
    if cpus.is_empty() {
        return vec![Placement::Unbound];
    }
    cpus.iter().map(|cpu| Placement::Fixed(*cpu)).collect()
}

fn to_io_error(error: GlommioError<()>) -> io::Error {
    io::Error::other(error.to_string())
}
