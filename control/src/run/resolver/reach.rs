//! Selects the addresses of a name that are usable from here.
//!
//! Connections use the addresses in turn, so an unreachable address would fail its share of them: for example
//! an IPv6 address on a machine without IPv6, or the address of `localhost` that has no listener. A host that
//! is merely down is kept: that is a fault of the target and has to be visible.

use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

/// Connect timeout on this machine, where a connect takes microseconds.
const LOOPBACK_PATIENCE: Duration = Duration::from_millis(100);

/// Returns the usable addresses, or all of them if none is usable. `is_own` means that they are this
/// machine's name for itself.
pub fn usable(addresses: Vec<SocketAddr>, is_own: bool) -> Vec<SocketAddr> {
    if addresses.len() < 2 {
        return addresses;
    }
    let is_usable = if is_own { is_listened_at } else { has_route };
    let found: Vec<SocketAddr> = addresses
        .iter()
        .copied()
        .filter(|address| is_usable(*address))
        .collect();
    if found.is_empty() { addresses } else { found }
}

/// Connecting a datagram socket sends nothing, but needs a route.
fn has_route(address: SocketAddr) -> bool {
    let local: SocketAddr = if address.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0u16; 8], 0).into()
    };
    UdpSocket::bind(local).is_ok_and(|socket| socket.connect(address).is_ok())
}

fn is_listened_at(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, LOOPBACK_PATIENCE).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn of_two_loopback_addresses_the_one_that_is_listened_at_stays() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let listening = listener.local_addr().expect("bound");
        let silent = SocketAddr::new([127, 0, 0, 77].into(), listening.port());
        assert_eq!(usable(vec![silent, listening], true), [listening]);
        assert_eq!(usable(vec![silent, listening], false), [silent, listening]);
        drop(listener);
        assert_eq!(usable(vec![silent, listening], true), [silent, listening]);
    }

    #[test]
    fn one_address_is_not_questioned() {
        let only: SocketAddr = ([192, 0, 2, 1], 9).into();
        assert_eq!(usable(vec![only], true), [only]);
    }
}
