//! A DNS server on a free loopback port, UDP only (RFC 1035 section 4). It answers A and AAAA queries from a
//! table that a test can change at any time, and counts them. Names that are not in the table get NXDOMAIN.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

const A: u16 = 1;
const AAAA: u16 = 28;
const HEADER_BYTES: usize = 12;

/// How the server answers a query for a name.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The addresses of the queried record type, each with its TTL in seconds.
    Addresses(Vec<(IpAddr, u32)>),
    /// NXDOMAIN.
    NoSuchName,
    /// SERVFAIL.
    ServerFailure,
    /// REFUSED.
    Refused,
    /// No response.
    Silence,
}

impl Reply {
    /// Returns a reply of addresses with the same TTL.
    ///
    /// # Panics
    /// Panics if one of them is not an IP address.
    #[must_use]
    pub fn addresses(addresses: &[&str], ttl: u32) -> Self {
        let read = |text: &&str| (text.parse().expect("an address"), ttl);
        Self::Addresses(addresses.iter().map(read).collect())
    }
}

#[derive(Default)]
struct Table {
    replies: HashMap<String, Reply>,
    questions: HashMap<String, u64>,
}

/// The DNS server. Dropping the value ends its thread.
pub struct Dns {
    address: SocketAddr,
    table: Arc<Mutex<Table>>,
    thread: Option<JoinHandle<()>>,
}

impl Dns {
    /// Starts a server with an empty table.
    ///
    /// # Panics
    /// Panics if no port is free.
    #[must_use]
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let address = socket.local_addr().expect("it is bound");
        let table = Arc::new(Mutex::new(Table::default()));
        let served = Arc::clone(&table);
        let thread = Some(std::thread::spawn(move || serve(&socket, &served)));
        Self {
            address,
            table,
            thread,
        }
    }

    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets the reply to queries for `name` (lower case).
    pub fn set(&self, name: &str, reply: Reply) {
        lock(&self.table).replies.insert(name.to_owned(), reply);
    }

    /// Returns the number of queries for `name`: one per record type, answered or not. Retransmitted queries
    /// count again.
    #[must_use]
    pub fn questions(&self, name: &str) -> u64 {
        let table = lock(&self.table);
        table.questions.get(name).copied().unwrap_or(0)
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        // A datagram too short to be a query ends the thread.
        let sent = UdpSocket::bind("127.0.0.1:0").and_then(|from| from.send_to(&[0], self.address));
        if let Some(thread) = self.thread.take().filter(|_| sent.is_ok()) {
            // A panic of the thread has already failed the test.
            let _ = thread.join();
        }
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(socket: &UdpSocket, table: &Mutex<Table>) {
    let mut datagram = [0; 1500];
    while let Ok((length, from)) = socket.recv_from(&mut datagram) {
        if length < HEADER_BYTES {
            return;
        }
        if let Some(answer) = answer(&datagram[..length], table) {
            // The client may be gone.
            let _ = socket.send_to(&answer, from);
        }
    }
}

/// Returns the response to a datagram. `None` for [`Reply::Silence`] or if the datagram is not a query.
fn answer(datagram: &[u8], table: &Mutex<Table>) -> Option<Vec<u8>> {
    let (name, end) = read_name(datagram)?;
    let question = datagram.get(HEADER_BYTES..end + 4)?;
    let kind = u16::from_be_bytes([datagram[end], datagram[end + 1]]);
    let reply = {
        let mut table = lock(table);
        *table.questions.entry(name.clone()).or_default() += 1;
        table.replies.get(&name).cloned()
    };
    let (code, records) = match reply.unwrap_or(Reply::NoSuchName) {
        Reply::Addresses(addresses) => (0, records(&addresses, kind)),
        Reply::ServerFailure => (2, Vec::new()),
        Reply::NoSuchName => (3, Vec::new()),
        Reply::Refused => (5, Vec::new()),
        Reply::Silence => return None,
    };
    // The query's id; flags response, RD and RA; one question.
    let mut message = vec![datagram[0], datagram[1], 0x81, 0x80 | code, 0, 1];
    message.extend(u16::try_from(records.len()).ok()?.to_be_bytes());
    message.extend([0; 4]);
    message.extend(question);
    message.extend(records.concat());
    Some(message)
}

/// Returns the queried name in lower case and the offset of its end.
fn read_name(datagram: &[u8]) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut at = HEADER_BYTES;
    loop {
        let length = usize::from(*datagram.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        let label = datagram.get(at..at + length)?;
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        at += length;
    }
}

fn records(addresses: &[(IpAddr, u32)], kind: u16) -> Vec<Vec<u8>> {
    let of_kind = addresses
        .iter()
        .filter(|(address, _)| address.is_ipv4() == (kind == A));
    match kind {
        A | AAAA => of_kind
            .map(|(address, ttl)| record(*address, kind, *ttl))
            .collect(),
        _ => Vec::new(),
    }
}

/// Encodes a resource record. The first two bytes are a compression pointer to the name in the question.
fn record(address: IpAddr, kind: u16, ttl: u32) -> Vec<u8> {
    let data = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let mut record = vec![0xc0, HEADER_BYTES as u8];
    record.extend(kind.to_be_bytes());
    record.extend([0, 1]);
    record.extend(ttl.to_be_bytes());
    record.extend([0, data.len() as u8]);
    record.extend(data);
    record
}
