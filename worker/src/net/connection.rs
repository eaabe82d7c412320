//! One connection to the target and how making it can fail.

use std::io;
use std::net::SocketAddr;

use rustix::io::Errno;
use vayu_shared::outcome::ErrorClass;
use vayu_shared::sample::ErrorDetail;

use super::ReadBuffer;
use crate::runtime::Socket;

/// A failed step: its class and what is known about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In which step.
    pub class: ErrorClass,
    /// What was said.
    pub detail: ErrorDetail,
}

impl Failure {
    /// The engine's own finding.
    pub fn new(class: ErrorClass, text: &'static str) -> Self {
        Self {
            class,
            detail: ErrorDetail::Text(text),
        }
    }

    /// The system's finding.
    pub fn of(class: ErrorClass, error: &io::Error) -> Self {
        let detail = match error.raw_os_error() {
            Some(code) => ErrorDetail::Os(code),
            None => ErrorDetail::Text("the system gave no reason"),
        };
        Self { class, detail }
    }
}

/// A connection with the buffer it reads into.
pub struct Connection {
    /// The socket.
    pub socket: Socket,
    /// What was read and not yet dealt with.
    pub buffer: ReadBuffer,
    /// Whether a response was already read from it, so that the peer may have
    /// closed it in the meantime.
    pub reused: bool,
}

impl Connection {
    /// Connects to `address`.
    ///
    /// # Errors
    /// With the class that says what to look at.
    pub async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let socket = Socket::connect(address)
            .await
            .map_err(|error| connect_failure(&error))?;
        Ok(Self {
            socket,
            buffer: ReadBuffer::default(),
            reused: false,
        })
    }
}

impl Drop for Connection {
    /// An operation that was given up still holds the descriptor; ending the
    /// connection first makes sure that it completes.
    fn drop(&mut self) {
        self.socket.shut();
    }
}

/// Which class a failed connect belongs to.
fn connect_failure(error: &io::Error) -> Failure {
    let class = match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::CONNREFUSED) => ErrorClass::ConnectRefused,
        Some(Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::NETDOWN) => {
            ErrorClass::ConnectUnreachable
        }
        Some(Errno::ADDRNOTAVAIL | Errno::MFILE | Errno::NFILE) => ErrorClass::ConnectNoLocalPort,
        Some(Errno::TIMEDOUT) => ErrorClass::ConnectTimeout,
        _ => ErrorClass::ConnectOther,
    };
    Failure::of(class, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_errors_are_told_apart() {
        let table = [
            (Errno::CONNREFUSED, ErrorClass::ConnectRefused),
            (Errno::HOSTUNREACH, ErrorClass::ConnectUnreachable),
            (Errno::NETUNREACH, ErrorClass::ConnectUnreachable),
            (Errno::ADDRNOTAVAIL, ErrorClass::ConnectNoLocalPort),
            (Errno::MFILE, ErrorClass::ConnectNoLocalPort),
            (Errno::TIMEDOUT, ErrorClass::ConnectTimeout),
            (Errno::ACCESS, ErrorClass::ConnectOther),
        ];
        for (errno, class) in table {
            let failure = connect_failure(&io::Error::from(errno));
            assert_eq!(failure.class, class, "{errno:?}");
            assert_eq!(failure.detail, ErrorDetail::Os(errno.raw_os_error()));
        }
    }
}
