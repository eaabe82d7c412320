//! The async runtime of a shard: sockets, an alarm, task spawning.
//!
//! Outside of tests it uses the kernel, through io_uring or epoll (`ring`). In tests a thread can instead run
//! in a simulation with its own clock and network (`simulation`); the choice is made when a socket or an
//! alarm is created (`either`).
//!
//! An operation owns its buffer while it is in flight. Dropping the operation's future loses the buffer, and
//! the connection has to be closed.

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
