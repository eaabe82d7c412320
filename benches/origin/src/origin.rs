//! Starting and stopping the origin: its configuration and its threads.
//!
//! Runs one thread with one glommio executor per configured CPU. The executors' work is in `server`.

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

/// Memory registered with each ring: glommio's minimum. Sockets do not use it, and the usual limit on locked
/// memory is small.
const IO_MEMORY_BYTES: usize = 64 << 10;

const RING_DEPTH: usize = 256;

/// Configuration of an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginConfig {
    /// The address to listen on.
    pub bind: IpAddr,
    /// The port to listen on; 0 lets the kernel choose.
    pub port: u16,
    /// The CPUs to run on, one pinned executor each. Empty: one executor that is not pinned.
    pub cpus: Vec<usize>,
    /// The body size of `/`, in bytes.
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

/// A running origin. It stops on drop.
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
    /// Returns an error if the address cannot be bound, a CPU does not exist, or io_uring is unavailable.
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
            // It ended before it was ready, so joining it returns its error.
            executor.thread.join().map_err(to_io_error)?;
            return Err(io::Error::other("an executor ended before it was ready"));
        }
        self.executors.push(executor);
        Ok(())
    }

    /// Returns the address it listens on, including the chosen port.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Returns a snapshot of the counters.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.counters()
    }

    /// Stops the origin: closes the listeners and all connections, and joins the threads.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        for executor in &self.executors {
            executor.stop.raise();
            // The kernel releases a ring, and with it the listener of a pending accept, some time after the
            // thread has ended. The port must be free at once, so shut the listener down here. A shutdown
            // that fails means that the socket does not listen.
            let _ = executor.listener.shutdown(Shutdown::Both);
        }
        for executor in self.executors.drain(..) {
            // A failed executor needs no more cleanup than a stopped one.
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
