//! The asynchronous runtime of a shard: sockets, an alarm, task spawning.
//!
//! Outside of tests this is the kernel's, by io_uring or epoll (`ring`). In tests a thread
//! may also be in a simulation, with a clock and a network of its own (`simulation`); which
//! of both a thread uses is decided when a socket or an alarm is made (`either`).
//!
//! Buffers are lent while an operation is in flight: dropping the operation's future loses
//! the buffer, and the connection has to be closed.

mod alarm;
mod buffer;
mod ring;

#[cfg(test)]
mod either;
#[cfg(test)]
pub mod simulation;

pub use buffer::ReadBuffer;
pub use ring::{Driver, Pollable, io_uring_available, run};

#[cfg(not(test))]
pub use alarm::Alarm;
#[cfg(not(test))]
pub use ring::{ReadHalf, Socket, WriteHalf, spawn};

#[cfg(test)]
pub use either::{Alarm, ReadHalf, Socket, WriteHalf, spawn};
