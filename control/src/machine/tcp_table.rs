//! Reads the kernel's tables of TCP sockets, `/proc/net/tcp` and `tcp6`.
//!
//! The kernel writes about 150 bytes per socket and walks its whole hash table to do so. Reading takes
//! milliseconds on an idle machine, and may take long with hundreds of thousands of sockets. The caller
//! limits the work.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::work_budget::WorkBudget;

const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
const READ_BYTES: usize = 64 * 1024;

/// An address with a port. IPv4 addresses in the IPv6 table are returned as IPv4.
pub type SocketEndpoint = (IpAddr, u16);

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpSocket {
    /// Local address.
    pub local: SocketEndpoint,
    /// Remote address. Unspecified with port 0 if there is none.
    pub remote: SocketEndpoint,
    /// State.
    pub state: TcpState,
    /// Inode of the socket. 0 if no process owns it.
    pub inode: u64,
}

/// The states distinguished here. The numbers are those of the kernel's `include/net/tcp_states.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpState {
    /// Listens for connections.
    Listening,
    /// Closed, with its pair of addresses and ports in TIME_WAIT.
    TimeWait,
    /// Not connected.
    Closed,
    /// Connecting, connected, or closing.
    InUse,
}

/// Calls `visit` for every socket of both tables, until the budget is spent. A byte is a unit of work.
/// Returns whether all sockets were visited.
///
/// # Errors
/// Returns an error if no table can be read.
pub fn visit_all(effort: &mut WorkBudget, mut visit: impl FnMut(&TcpSocket)) -> io::Result<bool> {
    let mut complete = true;
    visit_table(open(TABLES[0])?, effort, &mut complete, &mut visit)?;
    // A machine without IPv6 has no second table.
    if let Ok(table) = open(TABLES[1]) {
        visit_table(table, effort, &mut complete, &mut visit)?;
    }
    Ok(complete)
}

fn open(path: &str) -> io::Result<BufReader<File>> {
    Ok(BufReader::with_capacity(READ_BYTES, File::open(path)?))
}

fn visit_table(
    mut table: impl BufRead,
    effort: &mut WorkBudget,
    complete: &mut bool,
    visit: &mut impl FnMut(&TcpSocket),
) -> io::Result<()> {
    let mut line = String::new();
    while table.read_line(&mut line)? > 0 {
        if !effort.spend(line.len()) {
            *complete = false;
            break;
        }
        if let Some(socket) = parse(&line) {
            visit(&socket);
        }
        line.clear();
    }
    Ok(())
}

/// Parses a row: number, local, remote, state, queues, timer, retransmits, user, timeout, inode, and unused
/// columns. Returns `None` for the table header.
fn parse(line: &str) -> Option<TcpSocket> {
    let mut words = line.split_ascii_whitespace().skip(1);
    Some(TcpSocket {
        local: parse_endpoint(words.next()?)?,
        remote: parse_endpoint(words.next()?)?,
        state: parse_state(words.next()?)?,
        inode: words.nth(5)?.parse().ok()?,
    })
}

fn parse_state(text: &str) -> Option<TcpState> {
    match u8::from_str_radix(text, 16).ok()? {
        0x06 => Some(TcpState::TimeWait),
        0x07 => Some(TcpState::Closed),
        0x0A => Some(TcpState::Listening),
        0x01..=0x0D => Some(TcpState::InUse),
        _ => None,
    }
}

fn parse_endpoint(text: &str) -> Option<SocketEndpoint> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let address = match address.len() {
        8 => IpAddr::from(Ipv4Addr::from(parse_word(address)?)),
        32 => {
            let mut octets = [0; 16];
            for (at, word) in octets.chunks_exact_mut(4).enumerate() {
                word.copy_from_slice(&parse_word(address.get(at * 8..at * 8 + 8)?)?);
            }
            IpAddr::from(Ipv6Addr::from(octets)).to_canonical()
        }
        _ => return None,
    };
    Some((address, port))
}

/// Parses four octets in network order, which the kernel prints as a number in the machine's byte order.
fn parse_word(hex: &str) -> Option<[u8; 4]> {
    Some(u32::from_str_radix(hex, 16).ok()?.to_ne_bytes())
}

#[cfg(test)]
#[cfg(target_endian = "little")]
mod tests {
    use std::time::Duration;

    use super::*;

    const HEAD: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when \
                        retrnsmt   uid  timeout inode\n";
    const LISTEN: &str = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 \
                          00000000  1000        0 634 1 00000000d1fd2454 100 0 0 10 0\n";
    const REST: &str = "   1: 0100007F:CC8A 0100007F:1F90 06 00000000:00000000 03:00001770 \
                        00000000     0        0 0 3 00000000945a22c7\n";
    const MAPPED: &str = "   2: 0000000000000000FFFF00000100007F:CC8C \
                          0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 \
                          00:00000000 00000000     0        0 4546 1 0000000000000000 20 4 1 54 146\n";
    const V6: &str = "   3: B80D01200000000000000000010000AB:CC8E \
                      00000000000000000000000001000000:1F90 02 00000000:00000001 01:00000063 \
                      00000000     0        0 12 2 0000000000000000 20 4 1 54 146\n";

    fn at(endpoint: &str) -> SocketEndpoint {
        let address: std::net::SocketAddr = endpoint.parse().expect("a legal address");
        (address.ip(), address.port())
    }

    #[test]
    fn rows_are_read() {
        let table = [
            (
                LISTEN,
                "127.0.0.1:8080",
                "0.0.0.0:0",
                TcpState::Listening,
                634,
            ),
            (
                REST,
                "127.0.0.1:52362",
                "127.0.0.1:8080",
                TcpState::TimeWait,
                0,
            ),
            (
                MAPPED,
                "127.0.0.1:52364",
                "127.0.0.1:8080",
                TcpState::InUse,
                4546,
            ),
            (
                V6,
                "[2001:db8::ab00:1]:52366",
                "[::1]:8080",
                TcpState::InUse,
                12,
            ),
        ];
        for (line, local, remote, state, inode) in table {
            let expected = TcpSocket {
                local: at(local),
                remote: at(remote),
                state,
                inode,
            };
            assert_eq!(parse(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn malformed_rows_give_nothing() {
        for line in [HEAD, "", "\n", "0: é100007F:1F90 0:0 0A a b c d e 1"] {
            assert_eq!(parse(line), None, "{line:?}");
        }
        for (from, to) in [
            ("1F90", "1F9000"),
            ("0100007F", "0100007"),
            (" 0A ", " FF "),
            (" 634 ", " x "),
        ] {
            assert_eq!(parse(&LISTEN.replacen(from, to, 1)), None, "{from} is {to}");
        }
        // A row truncated before its inode is not a row.
        let inode = V6.find(" 12 ").expect("the inode");
        for end in 0..=inode {
            assert_eq!(parse(&V6[..end]), None, "{:?}", &V6[..end]);
        }
    }

    fn visited(text: &str, bytes: usize, time: Duration) -> (usize, bool) {
        let (mut seen, mut complete) = (0, true);
        let mut effort = WorkBudget::new(bytes, time);
        visit_table(text.as_bytes(), &mut effort, &mut complete, &mut |_| {
            seen += 1
        })
        .expect("text can be read");
        (seen, complete)
    }

    #[test]
    fn a_table_is_read_to_its_end_or_the_end_of_the_effort() {
        let text = [HEAD, LISTEN, REST, MAPPED].concat();
        let hour = Duration::from_secs(3600);
        assert_eq!(visited(&text, text.len(), hour), (3, true));
        assert_eq!(visited(&text, text.len() - 1, hour), (2, false));
        assert_eq!(visited(&text, text.len(), Duration::ZERO), (0, false));
        assert_eq!(visited("", 0, hour), (0, true));
    }
}
