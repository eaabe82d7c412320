//! Test-only dispatch between the kernel's runtime and a simulated one: simulated if the thread is in a
//! simulation.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use vayu_shared::units::Nanos;

use super::{ReadBuffer, alarm, ring, simulation};

/// Spawns a task on this thread's runtime.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    match simulation::World::current() {
        Some(world) => world.spawn(task),
        None => ring::spawn(task),
    }
}

/// See [`ring::Socket`].
pub enum Socket {
    Ring(ring::Socket),
    Simulated(simulation::Socket),
}

/// See [`ring::ReadHalf`].
pub enum ReadHalf<'a> {
    Ring(ring::ReadHalf<'a>),
    Simulated(simulation::ReadHalf<'a>),
}

/// See [`ring::WriteHalf`].
pub enum WriteHalf<'a> {
    Ring(ring::WriteHalf<'a>),
    Simulated(simulation::WriteHalf<'a>),
}

impl Socket {
    pub async fn connect(address: SocketAddr, local: Option<IpAddr>) -> io::Result<Self> {
        match simulation::World::current() {
            Some(world) => {
                let socket = simulation::Socket::connect(&world, address).await;
                socket.map(Self::Simulated)
            }
            None => ring::Socket::connect(address, local).await.map(Self::Ring),
        }
    }

    pub fn halves(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        match self {
            Self::Ring(socket) => {
                let (reader, writer) = socket.halves();
                (ReadHalf::Ring(reader), WriteHalf::Ring(writer))
            }
            Self::Simulated(socket) => {
                let (reader, writer) = socket.halves();
                (ReadHalf::Simulated(reader), WriteHalf::Simulated(writer))
            }
        }
    }

    pub fn peek(&self) -> io::Result<Option<u64>> {
        match self {
            Self::Ring(socket) => socket.peek(),
            Self::Simulated(socket) => socket.peek(),
        }
    }

    pub fn receive_now(&self, buffer: &mut ReadBuffer) -> io::Result<Option<usize>> {
        match self {
            Self::Ring(socket) => socket.receive_now(buffer),
            Self::Simulated(socket) => socket.receive_now(buffer),
        }
    }
}

impl ReadHalf<'_> {
    pub async fn receive(&mut self, buffer: ReadBuffer) -> (io::Result<usize>, ReadBuffer) {
        match self {
            Self::Ring(half) => half.receive(buffer).await,
            Self::Simulated(half) => half.receive(buffer).await,
        }
    }
}

impl WriteHalf<'_> {
    pub async fn send(&mut self, bytes: Rc<[u8]>) -> Result<(), (io::Error, usize)> {
        match self {
            Self::Ring(half) => half.send(bytes).await,
            Self::Simulated(half) => half.send(&bytes).await,
        }
    }

    pub async fn send_all(&mut self, bytes: Vec<u8>) -> (io::Result<()>, Vec<u8>) {
        match self {
            Self::Ring(half) => half.send_all(bytes).await,
            Self::Simulated(half) => {
                let sent = half.send(&bytes).await.map_err(|(error, _)| error);
                (sent, bytes)
            }
        }
    }
}

/// See [`alarm::Alarm`].
pub enum Alarm {
    Ring(alarm::Alarm),
    Simulated(simulation::Alarm),
}

impl Alarm {
    pub fn new() -> io::Result<Self> {
        match simulation::World::current() {
            Some(world) => Ok(Self::Simulated(simulation::Alarm::new(&world))),
            None => alarm::Alarm::new().map(Self::Ring),
        }
    }

    pub async fn wait_until(&self, at: Nanos) {
        match self {
            Self::Ring(alarm) => alarm.wait_until(at).await,
            Self::Simulated(alarm) => alarm.wait_until(at).await,
        }
    }

    pub fn ring(&self) {
        match self {
            Self::Ring(alarm) => alarm.ring(),
            Self::Simulated(alarm) => alarm.ring(),
        }
    }
}
