//! The listening sockets: one per executor, all on the same port.
//!
//! They are created here because glommio's backlog of 1,024 is too short for a burst of 10,000 connections.
//! This module does not accept.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

/// Listen backlog per socket. The kernel caps it at `net.core.somaxconn`.
const BACKLOG: i32 = 16_384;

/// Opens `count` listening sockets. Port 0 lets the kernel choose one port for all.
///
/// # Errors
///
/// Returns an error if the address cannot be bound, e.g. because another server listens on it.
pub(crate) fn listen(address: SocketAddr, count: usize) -> io::Result<(SocketAddr, Vec<Socket>)> {
    let shared = count > 1;
    if shared && address.port() != 0 {
        // SO_REUSEPORT would also join another process's group of listeners: bind exclusively first.
        bind(address, false)?;
    }
    let first = bind(address, shared)?;
    let address = local_address(&first)?;
    let mut sockets = vec![first];
    for _ in 1..count {
        sockets.push(bind(address, true)?);
    }
    for socket in &sockets {
        socket.listen(BACKLOG)?;
    }
    Ok((address, sockets))
}

fn bind(address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn local_address(socket: &Socket) -> io::Result<SocketAddr> {
    let address = socket.local_addr()?.as_socket();
    address.ok_or_else(|| io::Error::other("the listening socket has no IP address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_sockets_shares_one_port() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (address, sockets) = listen(any, 2).expect("two listeners");
        assert_eq!(sockets.len(), 2);
        for socket in &sockets {
            assert_eq!(local_address(socket).expect("an address"), address);
        }
    }

    #[test]
    fn a_taken_port_is_an_error_alone_and_in_a_group() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (address, _sockets) = listen(any, 2).expect("two listeners");
        for count in [1, 2] {
            let error = listen(address, count).expect_err("the port is taken");
            assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        }
    }
}
