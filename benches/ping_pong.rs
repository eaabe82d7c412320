//! The performance ceiling for `cargo bench --bench against`: an HTTP client that consists of an io_uring, a
//! constant request and a check that the response head is complete. It has no runtime, no connection pool and
//! no statistics.
//!
//! Each connection sends, waits for its response, which must arrive in one piece, and sends again. The ring
//! has the same setup as the rings of the engine's shards. Prints the number of responses and the seconds as
//! JSON.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use io_uring::{IoUring, opcode, squeue, types};

/// Measures the kernel's TCP path with a minimal HTTP client
#[derive(Parser)]
struct Arguments {
    /// Address of the target
    target: SocketAddr,
    /// Connections, each with one request in flight
    #[arg(short, default_value_t = 64)]
    connections: u32,
    /// Duration in seconds
    #[arg(short, default_value_t = 3)]
    duration: u64,
}

const BUFFER_BYTES: usize = 4 * 1024;
const MAX_HEADERS: usize = 32;

struct Peer {
    socket: TcpStream,
    buffer: Box<[u8; BUFFER_BYTES]>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut builder = IoUring::builder();
    builder.setup_single_issuer().setup_coop_taskrun();
    let entries = arguments.connections.next_power_of_two();
    let mut ring = builder.build(entries).context("no io_uring")?;
    let connect = || -> std::io::Result<Peer> {
        let socket = TcpStream::connect(arguments.target)?;
        socket.set_nodelay(true)?;
        Ok(Peer {
            socket,
            buffer: Box::new([0; BUFFER_BYTES]),
        })
    };
    let peers = (0..arguments.connections).map(|_| connect());
    let peers: Vec<Peer> = peers.collect::<Result<_, _>>().context("no connection")?;
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", arguments.target);
    // Operations are still in flight at the end, so their buffers are never freed.
    let (peers, request) = (peers.leak(), request.leak());
    let begun = Instant::now();
    let span = Duration::from_secs(arguments.duration);
    let answers = play(&mut ring, peers, request.as_bytes(), begun + span)?;
    let seconds = begun.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        r#"{{"requests": {answers}, "seconds": {seconds}}}"#
    )?;
    Ok(())
}

/// Runs until the deadline and returns the number of responses.
fn play(
    ring: &mut IoUring,
    peers: &'static mut [Peer],
    request: &'static [u8],
    until: Instant,
) -> anyhow::Result<u64> {
    let mut next: Vec<_> = (0..peers.len())
        .map(|place| send(peers, place, request))
        .collect();
    let (mut answers, mut finished) = (0, Vec::with_capacity(peers.len()));
    while Instant::now() < until {
        {
            let mut queue = ring.submission();
            for entry in next.drain(..) {
                // SAFETY: request and buffers are never freed, and a buffer is read only while no operation
                // uses it.
                unsafe { queue.push(&entry) }.context("more operations than entries")?;
            }
        }
        ring.submit_and_wait(1)?;
        finished.extend(
            ring.completion()
                .map(|done| (done.user_data(), done.result())),
        );
        for (tag, result) in finished.drain(..) {
            let (place, is_answer) = ((tag >> 1) as usize, tag & 1 == 1);
            ensure!(result > 0, "an operation ended with {result}");
            if is_answer {
                check(&peers[place].buffer[..result as usize])?;
                answers += 1;
                next.push(send(peers, place, request));
            } else {
                next.push(receive(peers, place));
            }
        }
    }
    Ok(answers)
}

fn send(peers: &[Peer], place: usize, request: &[u8]) -> squeue::Entry {
    let socket = types::Fd(peers[place].socket.as_raw_fd());
    let entry = opcode::Send::new(socket, request.as_ptr(), request.len() as u32);
    entry.build().user_data((place as u64) << 1)
}

fn receive(peers: &mut [Peer], place: usize) -> squeue::Entry {
    let peer = &mut peers[place];
    let socket = types::Fd(peer.socket.as_raw_fd());
    let entry = opcode::Recv::new(socket, peer.buffer.as_mut_ptr(), BUFFER_BYTES as u32);
    entry.build().user_data((place as u64) << 1 | 1)
}

fn check(answer: &[u8]) -> anyhow::Result<()> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let parsed = httparse::Response::new(&mut headers).parse(answer)?;
    ensure!(
        parsed.is_complete(),
        "a response arrived in more than one piece"
    );
    Ok(())
}
