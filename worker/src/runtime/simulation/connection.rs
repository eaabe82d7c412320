//! Connections of a simulated world, and the interface to their target.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;

use rustix::io::Errno;
use vayu_shared::units::Nanos;

use super::World;
use crate::runtime::ReadBuffer;
use crate::waker_cell::WakerCell;

/// The remote end of all connections of a world.
pub trait Target {
    /// Handles a connection request.
    fn asked(&mut self, connection: &Connection) -> Handshake;

    /// Handles a connection that was accepted at `at`. Returns the target's actions and their times.
    fn accepted(&mut self, connection: &Connection, at: Nanos) -> Vec<(Nanos, Act)>;

    /// Handles bytes that arrived at `at`. Returns the target's actions and their times.
    fn received(&mut self, connection: &Connection, bytes: &[u8], at: Nanos) -> Vec<(Nanos, Act)>;
}

/// How a target answers a connection request.
#[derive(Clone, Copy, Debug)]
pub enum Handshake {
    Accept,
    Refuse,
    Ignore,
}

/// An action of a target on a connection.
#[derive(Clone, Debug)]
pub enum Act {
    Send(Vec<u8>),
    /// Shuts down sending and continues to read.
    Finish,
    /// Closes the connection: sends no more and resets it when more data arrives.
    Close,
    Reset,
}

/// What the engine observes on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seen {
    /// Requests the connection.
    Asked(SocketAddr),
    Connected,
    Refused,
    /// Starts to send this number of bytes.
    Sends(usize),
    /// The socket accepted all of them.
    Sent,
    /// Sending failed after this number of bytes.
    Unsent(usize),
    Received(usize),
    /// The target sends no more.
    Ended,
    /// The target reset the connection.
    Reset,
    /// The engine closed or cancelled the connection.
    Closed,
}

/// What was observed, when, and by which task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Observation {
    pub at: Nanos,
    pub task: usize,
    /// Number of the connection.
    pub connection: usize,
    pub seen: Seen,
}

/// The state of one simulated connection.
pub struct Connection {
    /// Number of the connection, from zero.
    pub number: usize,
    handshake: Cell<Option<Result<(), Errno>>>,
    incoming: RefCell<Incoming>,
    room: Cell<usize>,
    is_closed: Cell<bool>,
    is_closed_by_target: Cell<bool>,
    /// Arrival time of the segment sent last: segments keep their order.
    last_to_engine: Cell<Nanos>,
    last_to_target: Cell<Nanos>,
    /// An operation was cancelled: its buffer is lost, and no further operation may start.
    is_abandoned: Cell<bool>,
    reader: WakerCell,
    writer: WakerCell,
}

#[derive(Default)]
struct Incoming {
    bytes: VecDeque<u8>,
    end: Option<Seen>,
    /// Buffer of the read in progress, and its result once there is one.
    reading: Option<(ReadBuffer, Option<io::Result<usize>>)>,
}

impl Incoming {
    /// Reads what is available. Returns `None` if nothing has arrived yet.
    fn take(&mut self, buffer: &mut ReadBuffer) -> Option<io::Result<usize>> {
        if self.bytes.is_empty() {
            return match self.end? {
                Seen::Reset => Some(Err(Errno::CONNRESET.into())),
                _ => Some(Ok(0)),
            };
        }
        let room = buffer.free_mut();
        let count = room.len().min(self.bytes.len());
        for (to, byte) in room.iter_mut().zip(self.bytes.drain(..count)) {
            *to = byte;
        }
        buffer.advance(count);
        Some(Ok(count))
    }

    /// Completes the read in progress if there is something to read. Returns whether it completed.
    fn complete(&mut self) -> bool {
        let Some((mut buffer, None)) = self.reading.take() else {
            return false;
        };
        let result = self.take(&mut buffer);
        let is_complete = result.is_some();
        self.reading = Some((buffer, result));
        is_complete
    }
}

impl Connection {
    fn note(&self, world: &World, seen: Seen) {
        world.observations.borrow_mut().push(Observation {
            at: world.now(),
            task: world.current_task.get(),
            connection: self.number,
            seen,
        });
    }

    fn close(&self, world: &World) {
        if !self.is_closed.replace(true) {
            world.open.set(world.open.get() - 1);
            self.note(world, Seen::Closed);
        }
    }

    /// Handles an action of the target that arrives at the engine.
    fn arrives(&self, act: Act) {
        let mut incoming = self.incoming.borrow_mut();
        match act {
            _ if incoming.end.is_some() => return,
            Act::Send(bytes) => incoming.bytes.extend(bytes),
            Act::Finish | Act::Close => incoming.end = Some(Seen::Ended),
            Act::Reset => {
                incoming.end = Some(Seen::Reset);
                self.writer.wake();
            }
        }
        if incoming.complete() {
            self.reader.wake();
        }
    }

    /// Schedules the target's planned actions.
    fn follow(self: &Rc<Self>, world: &Rc<World>, acts: Vec<(Nanos, Act)>) {
        let latency = world.conditions.latency;
        for (at, act) in acts {
            if matches!(act, Act::Close | Act::Reset) {
                let connection = Rc::clone(self);
                world.schedule(at, move |_, _| connection.is_closed_by_target.set(true));
            }
            let arrives = self.last_to_engine.get().max(at + latency);
            self.last_to_engine.set(arrives);
            let connection = Rc::clone(self);
            world.schedule(arrives, move |_, _| connection.arrives(act));
        }
    }

    /// Handles bytes of the engine that arrive at the target.
    fn reaches(self: &Rc<Self>, world: &Rc<World>, bytes: &[u8], at: Nanos) {
        if self.is_closed_by_target.get() {
            self.follow(world, vec![(at, Act::Reset)]);
            return;
        }
        let acts = world.target.borrow_mut().received(self, bytes, at);
        self.follow(world, acts);
        let (connection, count) = (Rc::clone(self), bytes.len());
        world.schedule(at + world.conditions.latency, move |_, _| {
            connection.room.set(connection.room.get() + count);
            connection.writer.wake();
        });
    }

    /// Accepts as much of `bytes` as fits the send buffer.
    fn accept(self: &Rc<Self>, world: &Rc<World>, bytes: &[u8]) -> io::Result<usize> {
        if self.incoming.borrow().end == Some(Seen::Reset) {
            return Err(Errno::PIPE.into());
        }
        let count = self.room.get().min(bytes.len());
        if count > 0 {
            self.room.set(self.room.get() - count);
            let sent = world.now() + world.conditions.latency;
            let arrives = self.last_to_target.get().max(sent);
            self.last_to_target.set(arrives);
            let (connection, bytes) = (Rc::clone(self), bytes[..count].to_vec());
            world.schedule(arrives, move |world, at| {
                connection.reaches(world, &bytes, at);
            });
        }
        Ok(count)
    }
}

impl World {
    fn ask(self: &Rc<Self>, to: SocketAddr) -> Rc<Connection> {
        let number = self.asked.get();
        self.asked.set(number + 1);
        let connection = Rc::new(Connection {
            number,
            handshake: Cell::new(None),
            incoming: RefCell::default(),
            room: Cell::new(self.conditions.send_buffer),
            is_closed: Cell::new(false),
            is_closed_by_target: Cell::new(false),
            last_to_engine: Cell::new(0),
            last_to_target: Cell::new(0),
            is_abandoned: Cell::new(false),
            reader: WakerCell::default(),
            writer: WakerCell::default(),
        });
        self.open.set(self.open.get() + 1);
        connection.note(self, Seen::Asked(to));
        let asked = Rc::clone(&connection);
        let arrives = self.now() + self.conditions.latency;
        self.schedule(arrives, move |world, at| {
            let handshake = world.target.borrow_mut().asked(&asked);
            let result = match handshake {
                Handshake::Ignore => return,
                Handshake::Refuse => Err(Errno::CONNREFUSED),
                Handshake::Accept => Ok(()),
            };
            let answered = Rc::clone(&asked);
            world.schedule(at + world.conditions.latency, move |_, _| {
                answered.handshake.set(Some(result));
                answered.writer.wake();
            });
            if result.is_ok() {
                let acts = world.target.borrow_mut().accepted(&asked, at);
                asked.follow(world, acts);
            }
        });
        connection
    }
}

/// The engine's end of a connection.
pub struct Socket {
    world: Rc<World>,
    connection: Rc<Connection>,
}

impl Socket {
    /// Connects to the only target of the world, whatever the address.
    pub async fn connect(world: &Rc<World>, to: SocketAddr) -> io::Result<Self> {
        let socket = Self {
            world: Rc::clone(world),
            connection: world.ask(to),
        };
        let connection = &socket.connection;
        let result = poll_fn(|context| {
            if let Some(result) = connection.handshake.get() {
                return Poll::Ready(result);
            }
            connection.writer.remember(context.waker());
            Poll::Pending
        })
        .await;
        let seen = result.map_or(Seen::Refused, |()| Seen::Connected);
        connection.note(world, seen);
        result?;
        Ok(socket)
    }

    pub fn halves(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        let socket = &*self;
        (ReadHalf(socket), WriteHalf(socket))
    }

    pub fn peek(&self) -> io::Result<Option<u64>> {
        let incoming = self.connection.incoming.borrow();
        match incoming.end {
            _ if !incoming.bytes.is_empty() => Ok(Some(incoming.bytes.len() as u64)),
            Some(Seen::Reset) => Err(Errno::CONNRESET.into()),
            Some(_) => Ok(Some(0)),
            None => Ok(None),
        }
    }

    pub fn receive_now(&self, buffer: &mut ReadBuffer) -> io::Result<Option<usize>> {
        self.connection
            .incoming
            .borrow_mut()
            .take(buffer)
            .transpose()
    }

    /// Starts an operation, which completes with [`Operation::end`]. Dropping it earlier marks the connection
    /// as abandoned.
    fn begin(&self) -> Operation<'_> {
        let connection = &*self.connection;
        assert!(
            !connection.is_abandoned.get(),
            "connection {} was used after an operation on it had been given up",
            connection.number
        );
        Operation {
            connection,
            is_over: false,
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.connection.close(&self.world);
    }
}

/// An operation on a socket that is in progress.
struct Operation<'a> {
    connection: &'a Connection,
    is_over: bool,
}

impl Operation<'_> {
    fn end(mut self) {
        self.is_over = true;
    }
}

impl Drop for Operation<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.connection.is_abandoned.set(true);
        }
    }
}

/// The receiving half of a [`Socket`].
pub struct ReadHalf<'a>(&'a Socket);

impl ReadHalf<'_> {
    pub async fn receive(&mut self, buffer: ReadBuffer) -> (io::Result<usize>, ReadBuffer) {
        let operation = self.0.begin();
        let connection = &self.0.connection;
        let mut buffer = Some(buffer);
        let (result, buffer) = poll_fn(|context| {
            connection.reader.remember(context.waker());
            let incoming = &mut *connection.incoming.borrow_mut();
            if let Some(buffer) = buffer.take() {
                incoming.reading = Some((buffer, None));
                // As with io_uring, data that is already available completes at the next poll.
                if incoming.complete() {
                    connection.reader.wake();
                }
                return Poll::Pending;
            }
            match incoming.reading.take() {
                Some((buffer, Some(result))) => Poll::Ready((result, buffer)),
                still => {
                    incoming.reading = still;
                    Poll::Pending
                }
            }
        })
        .await;
        operation.end();
        connection.note(
            &self.0.world,
            match &result {
                Ok(0) => Seen::Ended,
                Ok(count) => Seen::Received(*count),
                Err(_) => Seen::Reset,
            },
        );
        (result, buffer)
    }
}

/// The sending half of a [`Socket`].
pub struct WriteHalf<'a>(&'a Socket);

impl WriteHalf<'_> {
    /// Sends all of `bytes`.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), (io::Error, usize)> {
        let operation = self.0.begin();
        let (world, connection) = (&self.0.world, &self.0.connection);
        let mut from = 0;
        let mut result = None;
        connection.note(world, Seen::Sends(bytes.len()));
        let sent = poll_fn(|context| {
            if let Some(result) = result.take() {
                return Poll::Ready(result);
            }
            connection.writer.remember(context.waker());
            match connection.accept(world, &bytes[from..]) {
                Ok(count) => from += count,
                Err(error) => result = Some(Err((error, from))),
            }
            if from == bytes.len() {
                result = Some(Ok(()));
            }
            if result.is_some() {
                // As in `receive`, the result is returned at the next poll.
                connection.writer.wake();
            }
            Poll::Pending
        })
        .await;
        operation.end();
        let seen = match &sent {
            Ok(()) => Seen::Sent,
            Err((_, taken)) => Seen::Unsent(*taken),
        };
        connection.note(world, seen);
        sent
    }
}
