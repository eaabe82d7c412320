//! Which of a name's addresses are of any use from here.
//!
//! Connections take addresses in turn, so one without a way there would fail its
//! share of them: an IPv6 address on a machine without IPv6, or the one of the
//! two addresses of `localhost` at which nobody listens. A host that is merely
//! down stays in: that is the target's fault, and has to show.

use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

/// Longest wait for a connection on this machine, which takes microseconds.
const LOOPBACK_PATIENCE: Duration = Duration::from_millis(100);

/// The addresses that are of use; all of them when none is. `is_own` says that
/// they are this machine's name for itself.
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
